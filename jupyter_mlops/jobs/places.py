"""Where notebooks may be read and results may be written."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from jupyter_mlops.errors import Forbidden, Invalid, NotFound, Unavailable
from jupyter_mlops.settings import Settings
from jupyter_mlops.tracking.places import machine_folder

__all__ = [
    "find_file",
    "find_notebook",
    "find_output",
    "for_people",
    "job_folder",
    "passed_folder",
    "read_bounded",
    "write_whole",
]

_SUFFIXES = frozenset({".ipynb", ".py"})
MAXIMUM_NOTEBOOK = 100 * 2**20  # bytes


def find_notebook(settings: Settings, notebook: str) -> Path:
    """Return the file that *notebook* names, with every symbolic link followed.

    A relative path counts from the working folder, and where nothing is there from the project's; in a
    confined workspace from the project's alone.

    Raises
    ------
    NotFound
        There is no such file.
    Invalid
        It is not a notebook: not a regular file, or neither ``.ipynb`` nor a script, ``.py``.
    Forbidden
        The workspace is confined and the file lies outside of it.
    """
    if not notebook or "\0" in notebook:
        raise Invalid(
            f"{notebook!r} names no notebook", remedy="Give a notebook's path, such as notebooks/train.ipynb."
        )
    for place in _candidates(settings, notebook):
        path = _resolved(settings, place, notebook)
        if _is_there(path):
            return _checked(path, notebook)
    raise NotFound(
        f"there is no notebook {notebook!r}",
        remedy=f"Give its path, from here or from {settings.root}.",
        data={"notebook": notebook},
    )


def find_file(settings: Settings, file: str) -> Path:
    """Return the absolute path of a file that is read, looked for as ``find_notebook`` does; it need not be there."""
    path = find_output(settings, file)
    if _is_there(path) or len(_candidates(settings, file)) == 1:
        return path
    return find_output(settings, str(settings.root / file))


def find_output(settings: Settings, output: str) -> Path:
    """Return the absolute path that *output* names, under the same rules as ``find_notebook``."""
    if not output or "\0" in output:
        raise Invalid(f"{output!r} names no file", remedy="Give a file's path, such as out/train.ipynb.")
    path = _resolved(settings, _candidates(settings, output)[0], output)
    if _is_there(path) and path.is_dir():
        raise Invalid(f"the output {output!r} is a folder", remedy="Give the name of a file in it.")
    if _is_there(path) and not path.is_file():
        raise Invalid(
            f"the output {output!r} is not a regular file",
            remedy="Give the name of a new file, or of one that may be replaced.",
        )
    return path


def for_people(settings: Settings, path: Path) -> str:
    """Return *path* relative to the project with forward slashes, or absolute where it lies outside."""
    root = settings.root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def job_folder(settings: Settings, job: str) -> Path:
    """Return a job's own folder, made if need be: its live notebook and its worker's log lie there."""
    return _own_folder(settings, "jobs", job)


def passed_folder(settings: Settings, digest: str) -> Path:
    """Return the folder of a file that one notebook passes to another, named by what is in the file; it may not be there yet."""
    return _own_base(settings) / "passed" / digest[:16]


def _own_folder(settings: Settings, *parts: str) -> Path:
    folder = _own_base(settings).joinpath(*parts)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _own_base(settings: Settings) -> Path:
    base = settings.folder or machine_folder()
    if base is None:
        raise Unavailable(
            "the folder for jobs of this account is somebody else's: /var/tmp/jupyter-mlops-…",
            remedy="Remove it, or have it removed; a workspace in a folder needs none.",
        )
    return base


def read_bounded(path: Path) -> bytes:
    """Read a regular file of at most ``MAXIMUM_NOTEBOOK`` bytes.

    The file that was opened is the one that is judged: its name may be given to another in between.
    """
    # Without NONBLOCK, opening a pipe that took the file's place would wait for ever.
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise Invalid(
                    f"{path} is not a regular file",
                    remedy="Give the path of the .ipynb file itself, not of a link, a pipe or a device.",
                )
            content = file.read(MAXIMUM_NOTEBOOK + 1)
    except OSError as failure:
        raise Invalid(
            f"{path} cannot be read: {failure.strerror}",
            remedy="Check that the file is there and that this account may read it.",
        ) from failure
    if len(content) > MAXIMUM_NOTEBOOK:
        raise Invalid(
            f"{path} is larger than {MAXIMUM_NOTEBOOK // 2**20} MB",
            remedy="Clear its outputs before it is submitted.",
        )
    return content


def write_whole(path: Path, content: bytes) -> None:
    """Write *content* so that a reader sees the old file or the new one, never half of one."""
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666  # less the account's mask
        with os.fdopen(os.open(part, flags, mode), "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError as failure:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise Unavailable(
            f"{path} cannot be written: {failure.strerror}", remedy="Free space or choose another place."
        ) from failure


def _candidates(settings: Settings, text: str) -> list[Path]:
    path = Path(text)
    if not settings.confined:
        with suppress(
            RuntimeError
        ):  # an account that nobody has: then there is no such file, as the shell says too
            path = path.expanduser()
    if path.is_absolute():
        return [path]
    return [settings.root / path] if settings.confined else [Path.cwd() / path, settings.root / path]


def _resolved(settings: Settings, path: Path, text: str) -> Path:
    try:
        found = path.resolve()
    except (OSError, RuntimeError) as failure:
        raise Invalid(
            f"{text!r} leads nowhere: {failure}", remedy="Mend the symbolic link, or name the file itself."
        ) from failure
    if settings.confined and not found.is_relative_to(settings.root.resolve()):
        raise Forbidden(
            f"{text!r} lies outside the project",
            remedy=f"Only files beneath {settings.root} may be used here.",
            data={"path": text},
        )
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than any file has
        return False


def _checked(path: Path, text: str) -> Path:
    if path.is_dir():
        raise Invalid(
            f"{text!r} is a folder, not a notebook",
            remedy="Name one notebook in it; jupyter mlops test FOLDER runs them all.",
        )
    if not path.is_file():
        raise Invalid(
            f"{text!r} is not a regular file",
            remedy="Give the path of the .ipynb file itself, not of a pipe or a device.",
        )
    if path.suffix not in _SUFFIXES:
        raise Invalid(
            f"{text!r} is not a notebook: its name ends neither in .ipynb nor, as a script's, in .py",
            remedy="Give the path of an .ipynb file, or of a script of Python.",
        )
    return path
