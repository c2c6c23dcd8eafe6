"""The interpreter, the machine and the commit a kernel runs on; taken once per kernel, in the background."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import selectors
import subprocess
import time
from collections.abc import Iterable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from jupyter_mlops.capture.secrets import is_secret, mask_secrets
from jupyter_mlops.capture.system import gpu_names
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.source import Environment

__all__ = ["environment", "git_output", "git_state", "variables"]

_GIT_SECONDS = 3.0
_PART = 1 << 16
_MOST_CHANGED = 200
_MOST_SAID = 64 << 20  # bytes

GitState = tuple[str | None, str | None, tuple[str, ...]]


def environment() -> Environment:
    """Return the environment of this process: interpreter, platform, processors and every installed distribution.

    The digest covers all fields. Takes tens of milliseconds: call it in a background thread.
    """
    taken = Environment(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=platform.platform(),
        cpus=os.cpu_count(),
        packages=_packages(),
        processor=_processor(),
        gpus=gpu_names(),
    )
    content = encode(taken)
    content.pop("digest")
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return replace(taken, digest=digest)


def _processor() -> str:
    """Return what the processor calls itself; on Linux the platform module only knows its family."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, _, said = line.partition(":")
                if name.strip() == "model name":
                    return said.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def variables(names: Iterable[str]) -> dict[str, str]:
    """Return those environment variables among *names* that are set, secrets masked."""
    found = {}
    for name in names:
        value = os.environ.get(name)
        if value is not None:
            secret = is_secret(name, value) or mask_secrets(f'{name} = "a value"').found
            found[name] = "***" if secret else mask_secrets(value).text
    return found


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        try:
            name, version = distribution.metadata["Name"], distribution.version
        except Exception:  # noqa: BLE001, S112 - a half-removed distribution raises whatever it likes
            continue
        # The first on the path is the one that is imported.
        if name:
            found.setdefault(str(name), str(version))
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def git_state(folder: str | Path | None = None) -> GitState:
    """Return commit, branch and changed files of the repository that holds *folder* (default: the working folder).

    ``(None, None, ())`` outside a repository, without git, or where git does not answer in time. Changed files are
    relative to the repository's root; untracked ones count, ignored ones do not; at most 200 are named.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    branch = _git(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    status = _git(folder, "status", "--porcelain=v1", "-z", "--untracked-files=normal", "--no-renames")
    if status is None:
        return (None, None, ())
    changed = sorted(entry[3:] for entry in status.split("\0") if entry[3:])
    return (commit, branch, tuple(changed[:_MOST_CHANGED]))


def _git(folder: str | Path | None, *words: str) -> str | None:
    said = git_output(folder, *words)
    return None if said is None else said.decode("utf-8", "replace").removesuffix("\n")


def git_output(folder: str | Path | None, *words: str, most: int = _MOST_SAID) -> bytes | None:
    """Return what git says, its first *most* bytes; None where it fails, or does not answer in time."""
    quiet = {
        **os.environ,
        "GIT_OPTIONAL_LOCKS": "0",  # looking must not lock the user's index
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    # A repository's own monitor or hook must not run because somebody looked.
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *words]
    try:
        with subprocess.Popen(
            command,
            cwd=folder,
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as git:
            return _said(git, most)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _said(git: subprocess.Popen[bytes], most: int) -> bytes | None:
    """Read without a thread: a process that ends may begin none, and asks for its commit then."""
    assert git.stdout is not None
    until = time.monotonic() + _GIT_SECONDS
    said = bytearray()
    try:
        with selectors.DefaultSelector() as ready:
            ready.register(git.stdout, selectors.EVENT_READ)
            while len(said) < most:
                left = until - time.monotonic()
                if left <= 0 or not ready.select(left):
                    return None
                part = os.read(git.stdout.fileno(), min(_PART, most - len(said)))
                if not part:
                    return bytes(said) if git.wait(timeout=max(0.0, until - time.monotonic())) == 0 else None
                said += part
    finally:
        git.kill()  # it has said enough, or is done
    return bytes(said)
