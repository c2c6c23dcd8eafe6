"""The files that a path or a pattern in a pipeline's file names; in a confined workspace none outside the project."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path

from jupyter_mlops.errors import Forbidden

__all__ = ["paths_named"]


def paths_named(folder: Path, pattern: str, within: Path | None) -> Iterator[Path]:
    """Yield what *pattern* names, counted from *folder*; nothing where it is no pattern.

    Parameters
    ----------
    within
        The folder that nothing may lie outside of, resolved; None where anything may be read.

    Raises
    ------
    Forbidden
        The pattern leads out of *within*, whether or not something is there.
    """
    try:
        plain = folder / pattern
        if within is not None and (_climbs(pattern) or not plain.resolve().is_relative_to(within)):
            raise _outside(pattern)
        for path in (plain,) if plain.exists() else folder.glob(pattern):
            if within is not None and not path.resolve().is_relative_to(within):  # through a link
                raise _outside(pattern)
            yield path
    except Forbidden:  # which is an OSError as well
        raise
    # What glob says to a pattern that is none, and the system to a loop of links.
    except (ValueError, IndexError, NotImplementedError, RuntimeError, OSError):
        return


def _climbs(pattern: str) -> bool:
    """Tell whether '..' follows a wildcard: ``**`` may stand for no folder, and then that leads further up than it looks."""
    return ".." in dropwhile(lambda part: not glob.has_magic(part), Path(pattern).parts)


def _outside(pattern: str) -> Forbidden:
    return Forbidden(
        f"{pattern!r:.200} lies outside the project's folder",
        remedy="Copy what is needed into the project, or run the pipeline from a notebook or a shell.",
    )
