"""What a cell reads and writes beyond the files that a run names one by one: one input, with one digest of them all."""

# ruff: noqa: PTH118, PTH119, PTH120
# this runs for every one of many files; a Path costs ten times as much

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jupyter_mlops.capture.files import FileSeen, unheard
from jupyter_mlops.records.run import DIGEST_LATER, RunInput
from jupyter_mlops.tracking.pulse import in_background

__all__ = ["MoreFiles"]

_PIECE = 4 << 20  # bytes read at once
_TURN = 0.02  # seconds of work before others in the background get their turn
_ELSEWHERE = "not on this machine's disks: not digested"
_TOO_LARGE = "too large: not digested within the budget of {} GB"
_CHANGED = "{} of them changed after they were read; the digest is of what they hold since"
_GONE = "not all of them can be read any more"


class MoreFiles:
    """Files of one role, all on this machine or all addresses.

    The digest is of the sorted pairs of each file's path and the digest of its bytes: in whatever order they were read,
    and wherever the project lies, the same files have the same one. A path is the one in the project; outside it, the
    one below the folder that those have in common.

    Parameters
    ----------
    files
        What was seen; none of it stands among the run's inputs by itself.
    root
        The project's folder.
    budget
        How many bytes may be hashed, of the *limit* that the settings give one cell.

    Attributes
    ----------
    record
        What the run says of them.
    weight
        How many bytes they had when they were opened.
    """

    def __init__(self, files: Sequence[FileSeen], *, root: Path, budget: int, limit: int) -> None:
        self._files, self._root = files, os.path.join(os.path.realpath(root), "")
        self._budget, self._too_large = budget, _TOO_LARGE.format(f"{limit / 1e9:g}")
        self._folder = _common_folder(files)
        inside = {
            folder: self._is_inside(folder) for folder in {os.path.dirname(file.path) for file in files}
        }
        self._outside = _common_folder([file for file in files if not inside[os.path.dirname(file.path)]])
        self._tell: Callable[[RunInput], None] = lambda _record: None
        self._steps: Iterator[RunInput | None] = iter(())
        first = files[0]
        sizes = None if first.written or first.is_address else sum(file.size or 0 for file in files)
        self.weight = sum(file.size or 0 for file in files)
        self.record = RunInput(
            name=f"more {self._what()}",  # one name however many: two runs are compared by it
            role="write" if first.written else "read",
            digest="",
            rows=len(files),
            kind="file",
            size=sizes,
            note=self._why_not(sizes),
        )

    def digest_later(self, tell: Callable[[RunInput], None]) -> None:
        """Hash them in the background, a little at a time; *tell* is called with the record once it has its digest."""
        if not self.record.is_awaited:
            return
        self._tell, self._steps = tell, self._hashed()
        in_background(self._step)

    def _is_inside(self, folder: str) -> bool:
        return os.path.join(os.path.realpath(folder), "").startswith(self._root)

    def _what(self) -> str:
        if self._files[0].is_address:
            return "addresses"
        if self._folder.startswith(self._root):
            below = self._folder[len(self._root) :].strip(os.sep).replace(os.sep, "/")
            return f"files in {below}" if below else "files in the project's folder"
        # Where it lies outside the project is nobody's business.
        name = os.path.basename(self._folder.rstrip(os.sep))
        outside = name and not self._root.startswith(self._folder)
        return f"files in {name}" if outside else "files in several folders"

    def _why_not(self, size: int | None) -> str:
        if self._files[0].is_address:
            return _ELSEWHERE
        return self._too_large if size is not None and size > self._budget else DIGEST_LATER

    def _step(self) -> None:
        until = time.monotonic() + _TURN
        with unheard():
            for found in self._steps:
                if found is not None:
                    self._tell(found)
                    return
                if time.monotonic() > until:
                    in_background(self._step)
                    return

    def _hashed(self) -> Iterator[RunInput | None]:
        """Give None after each piece of work, and the record at last."""
        pairs: list[tuple[str, str]] = []
        left, changed = self._budget, 0
        for file in self._files:
            hasher = hashlib.sha256()
            try:
                with Path(file.path).open("rb", buffering=0) as content:
                    while piece := content.read(_PIECE):
                        hasher.update(piece)
                        left -= len(piece)
                        if left < 0:
                            yield replace(self.record, note=self._too_large)
                            return
                        yield None
                    changed += not file.written and _is_other(file, os.fstat(content.fileno()))
            except OSError:
                yield replace(self.record, note=_GONE)
                return
            pairs.append((self._place(file.path), hasher.hexdigest()))
            yield None
        whole = hashlib.sha256()
        for pair in sorted(pairs):
            whole.update(json.dumps(pair).encode() + b"\n")  # half a character of a broken name, too
        note = _CHANGED.format(f"{changed:,}") if changed else ""
        yield replace(self.record, digest=whole.hexdigest(), note=note)

    def _place(self, path: str) -> str:
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        inside = real.startswith(self._root)
        below = real[len(self._root if inside else self._outside) :].replace(os.sep, "/")
        return below if inside else f"../{below}"


def _is_other(file: FileSeen, now: os.stat_result) -> bool:
    return (now.st_size, now.st_mtime_ns) != (file.size, file.changed)


def _common_folder(files: Sequence[FileSeen]) -> str:
    """Return the folder that holds all of them, with a separator at its end; nothing where there is none."""
    if not files or files[0].is_address:
        return ""
    folders = {os.path.realpath(folder) for folder in {os.path.dirname(file.path) for file in files}}
    try:
        return os.path.join(os.path.commonpath(folders), "")
    except ValueError:  # on several drives
        return ""
