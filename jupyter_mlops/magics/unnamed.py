"""The notebook of a kernel whose executor names none (papermill and nbclient called from Python): known by its cells.

Such an executor runs the code cells of one notebook from top to bottom, each once. So the notebook is one whose first cells are, word for
word and in order, all that this kernel has executed so far. Where there is exactly one, that is it; of two, or none, nothing is said.
papermill's output is a witness of its own: it names its input, and is written anew before each cell.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

__all__ = ["Search", "search"]

# How far is looked. Beyond, there might be another notebook of the same cells, so that only papermill's own word counts.
_SECONDS = 1.0
_MOST_FOLDERS = 300
_MOST_NOTEBOOKS = 60
_LARGEST = 8 << 20  # bytes of a notebook with its outputs
_SLACK = 60.0  # seconds that the clocks of files, of processes and of the machine may differ
_APART = frozenset({"node_modules", "site-packages", "__pycache__"})
_AS_IT_IS = re.compile(r"[\w .,:=()%*+-]+", re.ASCII)  # what every writer of JSON leaves as it is
_SKIPPED = "skip-execution"  # nbclient's own tag
_GIVEN = "injected-parameters"  # papermill's tag of the cell with the values it was given
_GIVEN_SO = "# Parameters\n"  # how that cell begins


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A notebook that may be the one."""

    notebook: Path  # as people know it
    file: Path  # which holds its cells as they run: papermill's output, or the notebook itself
    cells: tuple[
        str | None, ...
    ]  # the texts that are executed; None: the cell that papermill would inject there
    given: int | None = None  # which of them papermill injects: it stands in the output only
    live: bool = False  # papermill is at it
    of: Path | None = None  # what an output that is done names as its input


class Search:
    """The candidates that are left, cell by cell.

    Parameters
    ----------
    candidates
        What was found.
    complete
        Whether there was nothing that could not be looked at.
    known
        A notebook that the kernel's environment names, which may be that of whoever called the executor.
    """

    def __init__(self, candidates: Sequence[_Candidate], *, complete: bool, known: Path | None) -> None:
        self._left = list(candidates)
        self._complete, self._known = complete, known
        self._ran = 0

    def ran(self, text: str) -> None:
        """Take the next cell that is executed: a notebook that has another one in that place is out."""
        at, text = self._ran, text.strip()
        self._ran += 1
        self._left = [each for each in self._left if _goes_on(each, at, text)]

    def _likeliest(self) -> dict[Path, _Candidate]:
        """Return those left by their notebooks; an output of papermill counts for its input where that is left, too."""
        live = {each.notebook: each for each in self._left if each.live}
        if live:
            return live
        if not self._complete or not self._ran:
            return {}
        found = {each.notebook: each for each in self._left}
        if self._known in found:
            return {self._known: found[self._known]}
        return {name: each for name, each in found.items() if each.of not in found}

    @property
    def notebook(self) -> Path | None:
        """The notebook that this kernel executes, where only one can be it."""
        found = tuple(self._likeliest())
        return found[0] if len(found) == 1 else None

    @property
    def file(self) -> Path | None:
        """The file in which its cells stand as they are executed: papermill's output, or the notebook itself."""
        found = tuple(self._likeliest().values())
        return found[0].file if len(found) == 1 else None

    @property
    def given(self) -> bool:
        """True where the cell taken last is the one that papermill injects: no notebook but the output has it."""
        return bool(self._left) and all(each.given == self._ran - 1 for each in self._left)


def _goes_on(candidate: _Candidate, at: int, text: str) -> bool:
    if at >= len(candidate.cells):
        return False
    expected = candidate.cells[at]
    return f"{text}\n".startswith(_GIVEN_SO) if expected is None else expected == text


def search(texts: Sequence[str], folders: Sequence[Path], *, known: Path | None = None) -> Search:
    """Look for notebooks that hold *texts*, what was executed so far; may take a second.

    Parameters
    ----------
    texts
        What this kernel has executed, and executes now.
    folders
        Where to look, and below, hidden folders left out.
    known
        A notebook to look at wherever it lies; where its cells are these, it is the one.
    """
    mark, began = _mark(texts), _began() - _SLACK
    until = time.monotonic() + _SECONDS
    paths = _Notebooks(folders, until)
    found: list[_Candidate] = []
    complete = True
    for path in [*([known] if known else []), *islice(paths, _MOST_NOTEBOOKS)]:
        if time.monotonic() > until:
            complete = False
            break
        content = _content(path)
        complete = complete and content is not None
        if content and mark in content:
            try:
                found += _candidates(path, content, folders, began)
            except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
                complete = False  # whatever lies there, the others are looked at
    complete = complete and paths.complete and next(iter(paths), None) is None
    return Search(found, complete=complete, known=known)


def _mark(texts: Sequence[str]) -> bytes:
    """Return the longest stretch of *texts* that a file must hold as it is, so that few are read as notebooks."""
    own = [text for text in texts if not text.startswith(_GIVEN_SO)]
    return max((part for text in own for part in _AS_IT_IS.findall(text)), key=len, default="").encode()


def _began() -> float:
    """Return when this process began, in seconds since the epoch."""
    import psutil

    return float(psutil.Process().create_time())


class _Notebooks:
    """The notebooks in some folders and below them, the nearer ones first."""

    def __init__(self, folders: Sequence[Path], until: float) -> None:
        self.complete = True
        self._until = until
        self._found = self._walk(list(dict.fromkeys(folder.resolve() for folder in folders)))

    def __iter__(self) -> Iterator[Path]:
        return self._found

    def _walk(self, waiting: list[Path]) -> Iterator[Path]:
        seen: set[Path] = set()
        while waiting:
            folder = waiting.pop(0)
            if folder in seen:
                continue
            if len(seen) >= _MOST_FOLDERS or time.monotonic() > self._until:
                self.complete = False
                return
            seen.add(folder)
            for entry in _entries(folder):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(folder / entry.name)
                elif entry.name.endswith(".ipynb"):
                    yield (folder / entry.name).resolve()


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        named = (each for each in entries if not each.name.startswith(".") and each.name not in _APART)
        return sorted(named, key=lambda each: each.name)
    return []


def _content(path: Path) -> bytes | None:
    """Return what stands in a file; None where it is too large or cannot be read."""
    try:
        return None if path.stat().st_size > _LARGEST else path.read_bytes()
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class _Cell:
    """A code cell that an executor runs."""

    text: str
    tags: Sequence[str]


def _candidates(path: Path, content: bytes, folders: Sequence[Path], began: float) -> Iterator[_Candidate]:
    try:
        document = json.loads(content)
        cells = tuple(_executed(document["cells"]))
        said = document["metadata"].get("papermill")
        statuses = {cell["metadata"].get("papermill", {}).get("status") for cell in document["cells"]}
        fresh = path.stat().st_mtime >= began
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    if not isinstance(said, Mapping) or "output_path" not in said:
        yield _plain(path, cells)
        yield _with_given(path, cells)
        return
    source = _input_of(path, said, cells, folders)
    if fresh and said.get("start_time") and not said.get("end_time") and "running" in statuses:
        yield _output(path, cells, notebook=source or path, live=True)
    else:
        yield _output(path, cells, notebook=path, of=source)
        yield replace(_with_given(path, cells), of=source)


def _executed(cells: Sequence[Mapping[str, Any]]) -> Iterator[_Cell]:
    for cell in cells:
        text, tags = "".join(cell["source"]).strip(), cell["metadata"].get("tags", ())
        if cell["cell_type"] == "code" and text and _SKIPPED not in tags:
            yield _Cell(text, tags)


def _tagged(cells: Sequence[_Cell], tag: str) -> int | None:
    return next((at for at, cell in enumerate(cells) if tag in cell.tags), None)


def _plain(path: Path, cells: Sequence[_Cell]) -> _Candidate:
    return _Candidate(notebook=path, file=path, cells=tuple(cell.text for cell in cells))


def _output(
    path: Path, cells: Sequence[_Cell], *, notebook: Path, live: bool = False, of: Path | None = None
) -> _Candidate:
    return _Candidate(
        notebook=notebook,
        file=path,
        cells=tuple(cell.text for cell in cells),
        given=_tagged(cells, _GIVEN) if notebook != path else None,
        live=live,
        of=of,
    )


def _with_given(path: Path, cells: Sequence[_Cell]) -> _Candidate:
    """Return the notebook as papermill executes it with values: behind its parameters, or on top, or in place of earlier ones."""
    old, tagged = _tagged(cells, _GIVEN), _tagged(cells, "parameters")
    at = old if old is not None else 0 if tagged is None else tagged + 1
    below = cells[at:] if old is None else cells[at + 1 :]
    texts = (*(cell.text for cell in cells[:at]), None, *(cell.text for cell in below))
    return _Candidate(notebook=path, file=path, cells=texts, given=at)


def _input_of(
    path: Path, said: Mapping[str, Any], cells: Sequence[_Cell], folders: Sequence[Path]
) -> Path | None:
    """Return the notebook that papermill's output *path* was made of; None where it says none that is there.

    A relative name counts from the folder that papermill was called in: it is what is left of the output's path in front of the
    name that was given for the output. Where that cannot be told, the notebook must hold the same cells.
    """
    name, written = said.get("input_path"), said.get("output_path")
    if not isinstance(name, str) or "://" in name or not isinstance(written, str):
        return None
    if Path(name).is_absolute():
        return _existing(Path(name))
    parts = Path(written).parts
    if not Path(written).is_absolute() and path.parts[-len(parts) :] == parts:
        return _existing(path.parents[len(parts) - 1] / name)
    found = (_existing(folder / name) for folder in folders)
    return next((each for each in found if each is not None and _same_cells(each, cells)), None)


def _existing(path: Path) -> Path | None:
    with suppress(OSError, ValueError):
        return path.resolve() if path.is_file() else None
    return None


def _same_cells(path: Path, cells: Sequence[_Cell]) -> bool:
    given = [cell.text for cell in cells if _GIVEN not in cell.tags]
    try:
        its = _executed(json.loads(_content(path) or b"")["cells"])
        return [cell.text for cell in its if _GIVEN not in cell.tags] == given
    except (ValueError, KeyError, TypeError):
        return False
