"""The commit and the uncommitted changes of a project, as fields of a run's source."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from jupyter_mlops.capture.environment import git_state

__all__ = ["commit_now", "commit_of_process", "look_ahead"]

_lock = threading.Lock()
_taken: dict[Path, dict[str, Any]] = {}


def commit_now(root: Path) -> dict[str, Any]:
    """Return ``commit``, ``branch`` and ``dirty`` as they are now. Asks git three times: some tens of milliseconds."""
    commit, branch, dirty = git_state(root)
    return {"commit": commit, "branch": branch, "dirty": tuple(dirty)}


def commit_of_process(root: Path) -> dict[str, Any]:
    """Return the same as it was when this process asked first.

    A script has read its code by then; what it imports later is hashed file by file (``capture.modules``).
    """
    with _lock:
        if root not in _taken:
            _taken[root] = commit_now(root)
        return _taken[root]


def look_ahead(root: Path) -> None:
    """Begin to ask git, so that nobody waits for it at the end of a run."""
    if root not in _taken:
        threading.Thread(target=commit_of_process, args=(root,), name="mlops-commit", daemon=True).start()
