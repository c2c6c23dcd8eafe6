"""A real repository to stand in."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["committed", "git"]


def git(folder: Path, *words: str) -> str:
    """Run git in *folder* as somebody with a name; return what it said."""
    said = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=trunk", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return said.stdout.strip()


def committed(folder: Path) -> str:
    """Commit all that lies in *folder*, making a repository where there is none; return the commit."""
    if not (folder / ".git").exists():
        git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "--allow-empty", "-m", "as it is")
    return git(folder, "rev-parse", "HEAD")
