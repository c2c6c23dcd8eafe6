"""What ``%autoreload`` has put in place: it may do so without an import that could be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["reloads_of"]


def reloads_of(shell: Any) -> Callable[[str], float | None]:
    """Return what tells a module's file apart that *shell* has reloaded: its time of change, by the module's name.

    None where nothing is reloaded automatically, or where reloading has failed. What is asked are IPython's own notes,
    which it promises to nobody: where they look otherwise nothing is known.
    """

    def reloaded(name: str) -> float | None:
        try:
            reloader = shell.magics_manager.registry["AutoreloadMagics"]._reloader  # noqa: SLF001
            changed = reloader.modules_mtimes.get(name)
            return changed if changed not in reloader.failed.values() else None
        except (AttributeError, KeyError, TypeError):
            return None

    return reloaded
