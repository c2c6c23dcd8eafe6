"""Where a workspace lies and how it behaves: arguments first, then the environment, then the file."""

from __future__ import annotations

import getpass
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

from jupyter_mlops.errors import Forbidden, Invalid
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.codec import decode, encode, fields_of

__all__ = [
    "FOLDER",
    "MailSecurity",
    "OnRerun",
    "PreparedKernels",
    "Setting",
    "Settings",
    "account",
    "explain_settings",
    "find_folder",
    "read_settings",
]

FOLDER = ".mlops"
_MARKS = (".git", "pyproject.toml", ".hg")


class OnRerun(StrEnum):
    """What happens when a tracked cell runs again while its name is taken."""

    CONTINUE = "continue"
    REPLACE = "replace"
    FORK = "fork"


class PreparedKernels(StrEnum):
    """Whether jobs that make the same imports may have their kernels forked from a process that has made them."""

    AUTO = "auto"
    NEVER = "never"


class MailSecurity(StrEnum):
    """How the way to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. A value the reader of this class cannot find here is not a setting."""

    folder: Path | None  # the workspace's hidden folder; None: the workspace is not in a folder
    store: str  # sqlite:///…, postgresql://…, memory://
    blobs: str  # file://…, s3://…, memory://
    root: Path  # the project's folder: notebooks are named relative to it
    confined: bool = False  # notebooks and outputs may not lie outside the root (a server sets this)
    disabled: bool = False  # JUPYTER_MLOPS_DISABLED=1: nothing is recorded
    on_rerun: OnRerun = OnRerun.FORK  # a tracked cell runs again under its name: continue, replace or fork
    autolog: bool = False  # outside tracked cells; in the file also [autolog] with on = true
    autolog_options: AutologOptions = field(
        default_factory=AutologOptions  # how fits are recorded; in the file under [autolog]
    )
    system_seconds: float = 5.0  # between two samples of how busy the machine is; 0 for none
    digest_bytes: int = 20_000_000_000  # of files that one cell reads and writes, hashed in the background
    environment_variables: tuple[str, ...] = ()  # names that may be recorded with a run
    uncommitted: bool = True  # what is not committed is kept with a run as a patch, secrets masked
    secret_fails: bool = (
        False  # a job whose output contained the value of a secret parameter fails; else it is warned
    )
    output_masks: tuple[str, ...] = ()  # regular expressions of what says nothing where outputs are compared
    allowed_owners: tuple[str, ...] = ()  # accounts whose workspace may be used although it is not ours
    lease_seconds: float = 30.0  # without a word for so long, a run on another machine is taken for lost, a deployment for failed
    job_cpus: float | None = None  # processors that jobs may take on this machine; without it, all of them
    job_memory: str = ""  # memory that jobs may take on this machine, such as 12GB; without it, all of it
    job_gpus: int | None = (
        None  # accelerators that jobs may take on this machine; without it, those that are found
    )
    prepared_kernels: PreparedKernels = (
        PreparedKernels.AUTO
    )  # forked, where several jobs make the same imports: auto or never
    mail_server: str = ""  # HOST or HOST:PORT that notifications are mailed over; without it, none are
    mail_from: str = ""  # the sender's address; without it, the account at this machine
    mail_security: MailSecurity = (
        MailSecurity.STARTTLS
    )  # the way to the mail server: starttls, tls (encrypted from the start) or none
    mail_user: str = ""  # whom the mail server asks for
    mail_password: str = ""  # env:NAME of that user's password, never the password itself
    journal: Path | None = None  # where running runs keep their points until folded; local disk

    @property
    def explicit(self) -> Mapping[str, str]:
        """The environment that leads a child process to this same workspace."""
        if self.folder is not None:
            return {"JUPYTER_MLOPS_WORKSPACE": str(self.folder)}
        return {"JUPYTER_MLOPS_STORE": self.store, "JUPYTER_MLOPS_BLOBS": self.blobs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as it is now, and where its value came from."""

    name: str
    value: object
    origin: str  # argument, a variable of the environment, the file, found upward, or default


def account() -> str:
    """Return the name of the operating-system account, or ``uid-N`` where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}" if hasattr(os, "getuid") else "unknown"


def find_folder(start: Path) -> Path | None:
    """Return the nearest ``.mlops`` folder at or above *start*, like a repository is found."""
    for place in (start, *start.parents):
        if (place / FOLDER).is_dir():
            return place / FOLDER
    return None


def read_settings(
    workspace: str | Path | None = None,
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **changes: object,
) -> Settings:
    """Settle where the workspace is and how it behaves. Creates nothing.

    Parameters
    ----------
    workspace
        A project folder, a ``.mlops`` folder, or a store's URL. Without it the environment decides, then the
        nearest ``.mlops`` above *start*, then the place where one would be made: the repository's root, else
        *start* itself, else Jupyter's data folder where that cannot be written.
    start
        Where to look from: the notebook's folder; by default the working folder.
    environ
        The environment to read, by default the process's own.
    **changes
        Fields of ``Settings`` that win over environment and file.

    Raises
    ------
    Invalid
        A setting is unknown or has the wrong type, or the place is a file; the message names it and where it was
        read.
    Forbidden
        The workspace found upward belongs to another account.
    """
    return _checked(_layers(workspace, start, environ, changes))


def explain_settings(
    workspace: str | Path | None = None,
    *,
    start: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **changes: object,
) -> tuple[Setting, ...]:
    """Return every setting as ``read_settings`` settles it, with where its value came from."""
    layers = _layers(workspace, start, environ, changes)
    settled = _checked(layers)
    return tuple(
        Setting(
            name=each.name,
            value=_plain(getattr(settled, each.name)),
            origin=layers[each.name][1] if each.name in layers else _DEFAULT,
        )
        for each in fields(Settings)
    )


def _plain(value: object) -> object:
    if isinstance(value, AutologOptions):
        return encode(value)
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


# Each setting's value, and where it came from.
_Layers = dict[str, tuple[object, str]]
_DEFAULT = "default"
_ARGUMENT = "argument"
_PATHS = frozenset({"journal", "root"})
_VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]{0,199}")
_WHERE = frozenset({"JUPYTER_MLOPS_STORE", "JUPYTER_MLOPS_BLOBS"})


def _from(origin: str, values: Mapping[str, object]) -> _Layers:
    return {name: (value, origin) for name, value in values.items()}


def _layers(
    workspace: str | Path | None,
    start: Path | None,
    environ: Mapping[str, str] | None,
    changes: Mapping[str, object],
) -> _Layers:
    env = os.environ if environ is None else environ
    start = (start or Path.cwd()).resolve()
    given = str(workspace) if workspace is not None else env.get("JUPYTER_MLOPS_WORKSPACE", "")
    named = _ARGUMENT if workspace is not None else "JUPYTER_MLOPS_WORKSPACE"
    if "://" in given:
        return _from_url(given, named, env, start, changes)
    folder, found = _folder(given, start)
    said = _from_environment(_of_place(env, folder, start)) | _from(_ARGUMENT, changes)
    if not given and folder.is_dir():
        # Before its file is read, which is its owner's word: whom to trust is said from outside.
        allowed = said.get("allowed_owners", ((), _DEFAULT))[0]
        _refuse_foreign(folder, tuple(allowed))  # type: ignore[arg-type]
    layers = _from_file(folder) | said
    defaults: dict[str, object] = {
        "store": f"sqlite:///{folder / 'store.db'}",
        "blobs": f"file://{folder / 'blobs'}",
        "journal": folder / "journal",
    }
    place = {"folder": folder, "root": folder.parent}
    return _from(named if given else found, place) | _from(_DEFAULT, defaults) | layers


def _of_place(env: Mapping[str, str], folder: Path, start: Path) -> Mapping[str, str]:
    """Leave out the store and the files' place where the environment says them of another folder than this one.

    A job's kernel is told all three; a workspace that its notebook names outright must not be that of the job.
    """
    of = env.get("JUPYTER_MLOPS_WORKSPACE", "")
    if not of or not _WHERE & env.keys() or _is_folder(of, folder, start):
        return env
    return _without_place(env)


def _without_place(env: Mapping[str, str]) -> Mapping[str, str]:
    return {name: said for name, said in env.items() if name not in _WHERE}


def _is_folder(given: str, folder: Path, start: Path) -> bool:
    try:
        return "://" not in given and _folder(given, start)[0] == folder
    except Invalid:  # wherever it leads, it is not this one
        return False


def _folder(given: str, start: Path) -> tuple[Path, str]:
    """Return the hidden folder, and how it was come by."""
    if given:
        try:
            path = Path(given).expanduser().resolve()
            usable = path.is_dir() or not path.exists()
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as failure:  # a loop of links, an unknown account, a name too long
            raise Invalid(
                f"the workspace {given!r:.200} leads nowhere: {failure!s:.200}",
                remedy="Name a project folder, its .mlops folder or a store's URL.",
            ) from failure
        if not usable:
            raise Invalid(
                f"the workspace {given!r} is not a folder",
                remedy="Name a project folder, its .mlops folder or a store's URL.",
            )
        return (path if path.name == FOLDER else path / FOLDER), "named"
    found = find_folder(start)
    if found is not None:
        return found, "found upward"
    home = next((p for p in (start, *start.parents) if any((p / m).exists() for m in _MARKS)), start)
    for place in (home, start):
        if os.access(place, os.W_OK):
            return place / FOLDER, _DEFAULT
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "mlops" / FOLDER, _DEFAULT


def _from_url(
    url: str, named: str, env: Mapping[str, str], start: Path, changes: Mapping[str, object]
) -> _Layers:
    if env.get("JUPYTER_MLOPS_WORKSPACE", url) != url and url != env.get("JUPYTER_MLOPS_STORE"):
        # It says where the files of another workspace are.
        env = _without_place(env)
    blobs = env.get("JUPYTER_MLOPS_BLOBS", "memory://" if url.startswith("memory:") else "")
    if not blobs and "blobs" not in changes:
        raise Invalid(
            f"the workspace at {url.partition('://')[0]}:// names a store but no place for files",
            remedy="Set JUPYTER_MLOPS_BLOBS to file:///folder or s3://bucket/prefix.",
        )
    return (
        _from(_DEFAULT, {"folder": None, "root": start, "blobs": blobs})
        | _from_environment(env)
        | _from(named, {"store": url})
        | _from(_ARGUMENT, changes)
    )


def _from_environment(env: Mapping[str, str]) -> _Layers:
    values: dict[str, object] = {}
    if env.get("JUPYTER_MLOPS_DISABLED", "") not in {"", "0", "false", "no"}:
        values["disabled"] = True
    if env.get("JUPYTER_MLOPS_STORE"):
        values["store"] = env["JUPYTER_MLOPS_STORE"]
    if env.get("JUPYTER_MLOPS_BLOBS"):
        values["blobs"] = env["JUPYTER_MLOPS_BLOBS"]
    if env.get("JUPYTER_MLOPS_ALLOWED_OWNERS"):
        values["allowed_owners"] = env["JUPYTER_MLOPS_ALLOWED_OWNERS"].split(",")
    return {name: (value, f"JUPYTER_MLOPS_{name.upper()}") for name, value in values.items()}


def _from_file(folder: Path) -> _Layers:
    path = folder / "config.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as failure:
        raise Invalid(f"{path} cannot be read: {failure}", remedy="Mend or remove the file.") from failure
    for name in _PATHS & said.keys():
        if isinstance(said[name], str):
            # Counted from the file that says it: whoever reads it may stand anywhere.
            place = os.path.expanduser(said[name])  # noqa: PTH111 - Path's own fails for an account that is not there
            said[name] = os.path.normpath(folder / place)
    return _from(str(path), _taken_apart(said))


def _taken_apart(said: dict[str, object]) -> dict[str, object]:
    """Read the table ``[autolog]`` as the two settings it holds: where fits are recorded, and how."""
    table = said.get("autolog")
    if not isinstance(table, dict):
        return said
    on = {"autolog": table["on"]} if "on" in table else {}
    rest = {name: value for name, value in table.items() if name != "on"}
    return {**{k: v for k, v in said.items() if k != "autolog"}, **on, "autolog_options": rest}


def _refuse_foreign(folder: Path, allowed: tuple[str, ...]) -> None:
    """Another account's workspace, found by looking upward, could feed us its models: ask first."""
    if not hasattr(os, "getuid"):
        return
    owner = folder.stat().st_uid
    if owner == os.getuid():
        return
    import pwd  # exists where getuid does

    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"uid-{owner}"
    if name not in allowed:
        raise Forbidden(
            f"the workspace {folder} belongs to {name}, not to {account()}",
            remedy=f"Name it outright with --workspace, or allow it with JUPYTER_MLOPS_ALLOWED_OWNERS={name}.",
            data={"folder": str(folder), "owner": name},
        )


def _checked(layers: _Layers) -> Settings:
    kinds = fields_of(Settings)
    unknown = sorted(set(layers) - set(kinds))
    if unknown:
        raise Invalid(
            f"unknown setting {', '.join(unknown)} ({layers[unknown[0]][1]})",
            remedy=f"Known: {', '.join(sorted(kinds))}.",
        )
    ready: dict[str, object] = {}
    for name, (value, origin) in layers.items():
        try:
            ready[name] = decode(kinds[name], value, at=name.removesuffix("_options"))
        except Invalid as failure:
            raise Invalid(f"{failure.message} ({origin})", remedy=failure.remedy) from None
    password = ready.get("mail_password", "")
    if isinstance(password, str) and password and not _VARIABLE.fullmatch(password):
        # Settings are shown to whoever asks for them.
        raise Invalid(
            f"mail_password must say where the password is, never the password itself ({layers['mail_password'][1]})",
            remedy="Put it into a variable of the environment where messages are sent, and give env:NAME.",
        )
    return Settings(**ready)  # type: ignore[arg-type]
