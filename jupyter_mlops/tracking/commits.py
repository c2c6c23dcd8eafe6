"""The commit and the uncommitted changes of a project, as fields of a run's source."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from jupyter_mlops.capture.environment import git_state
from jupyter_mlops.tracking.patches import take_patch

__all__ = ["commit_now", "commit_of_process", "look_ahead"]

_lock = threading.Lock()
_taken: dict[Path, dict[str, Any]] = {}
_begun: set[Path] = set()  # that a thread was asked for
_again: set[Path] = set()  # where there was no answer, once


def _forked() -> None:
    """A child may have been made while a thread of its parent held the lock."""
    global _lock  # noqa: PLW0603 - nobody lets the old one go
    _lock = threading.Lock()
    _begun.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def commit_now(root: Path) -> dict[str, Any]:
    """Return ``commit``, ``branch``, ``dirty`` and ``patch`` as they are now. Asks git a few times: some tens of milliseconds."""
    commit, branch, dirty = git_state(root)
    patch = take_patch(root, commit) if commit and dirty else None
    return {"commit": commit, "branch": branch, "dirty": tuple(dirty), "patch": patch}


def commit_of_process(root: Path) -> dict[str, Any]:
    """Return the same as it was when this process asked first, where it is a script's.

    A script has read its code by then; what it imports later is hashed file by file (``capture.modules``). Where code is typed
    (a kernel, a prompt) it is as it is now. An answer that git could not give in time is asked for once again.
    """
    if not _is_script():
        return commit_now(root)
    with _lock:
        if root not in _taken:
            found = commit_now(root)
            if found["commit"] is None and root not in _again:
                _again.add(root)
                return found
            _taken[root] = found
        return _taken[root]


def _is_script() -> bool:
    typed = hasattr(sys, "ps1")  # a prompt or a kernel, also while it runs a file
    return not typed and bool(getattr(sys.modules.get("__main__"), "__file__", None))


def look_ahead(root: Path) -> None:
    """Begin to ask git, so that nobody waits for it at the end of a run."""
    if root not in _taken and root not in _begun and _is_script():
        _begun.add(root)
        threading.Thread(target=commit_of_process, args=(root,), name="mlops-commit", daemon=True).start()
