"""What a run has to say: parameters, metrics, files."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import operator
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import MetricPoint, Param, Run
from jupyter_mlops.store.journal import FOREIGN, JournalClosed
from jupyter_mlops.store.journal_records import Said
from jupyter_mlops.tracking.attached import artifact_of, content_of
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.tracking.folding import put_down
from jupyter_mlops.tracking.live import find_live
from jupyter_mlops.tracking.masking import masked_note
from jupyter_mlops.workspace import Workspace

__all__ = [
    "as_metric",
    "as_param",
    "checked_path",
    "keep_note",
    "known_id",
    "log_artifact",
    "log_metrics",
    "log_params",
    "open_artifact",
    "read_file",
]

_LONGEST_KEY = 250
_LONGEST_PATH = 500
_LONGEST_PARAM = 6000
_LOOKED_AT = 30_000  # characters of a longer one: what it ends in may be a secret that long


def checked_key(what: str, key: object) -> str:
    """Return *key* if it may name a metric or parameter."""
    if not isinstance(key, str) or not key.strip() or len(key) > _LONGEST_KEY or not key.isprintable():
        raise Invalid(
            f"the {what} name {key!r:.60} is not usable: 1 to {_LONGEST_KEY} printable characters are",
            remedy="Choose a short name without line ends or control characters, such as val/loss.",
        )
    return key


def as_metric(key: str, value: object) -> float:
    """Return *value* as a float: any number, a NumPy scalar, an array of one element; NaN and infinity too."""
    if isinstance(value, (str, bytes)) or value is None:
        raise Invalid(
            f"the metric {key} is {value!r:.40}, not a number", remedy="Log text as a parameter or a tag."
        )
    if getattr(value, "size", None) == 1 and getattr(value, "ndim", 0) and hasattr(value, "item"):
        return as_metric(key, value.item())  # which NumPy itself no longer takes for a number
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise Invalid(
            f"the metric {key} is beyond what a float can hold",
            remedy="Log its logarithm, or log_params, which keeps whole numbers of any size.",
        ) from None
    except (TypeError, ValueError):
        raise Invalid(
            f"the metric {key} is a {type(value).__name__}, not one number",
            remedy=f"Give one number: float({key}), or log_params for a text.",
        ) from None


def as_param(value: object) -> Param:
    """Return *value* as a parameter: numbers stay numbers, what is no scalar becomes text."""
    if value is None or isinstance(value, (bool, int, float)):
        # A subclass (an enum, a NumPy float) must not leak into records.
        return _plain(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        plain = value.item()
        # Some scalars, such as a long double, have no plainer form than themselves.
        return as_param(plain) if type(plain) is not type(value) else str(value)
    text = str.__str__(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST_PARAM else _cut(text)


def _cut(text: str) -> str:
    """Return the beginning of *text*; secrets are masked first, for half of one is none that anybody would know."""
    masked = mask_secrets(text[:_LOOKED_AT]).text
    if len(text) <= _LOOKED_AT and len(masked) <= _LONGEST_PARAM:
        return masked
    return masked[: _LONGEST_PARAM - 1] + "…"


def _plain(value: bool | float | None) -> Param:
    if value is None or isinstance(value, bool):
        return value
    return int(value) if isinstance(value, int) else float(value)


def checked_step(step: object) -> int:
    """Return *step* if it is a whole number, a NumPy one too."""
    try:
        return operator.index(step)  # type: ignore[arg-type]
    except TypeError:
        raise Invalid(
            f"the step {step!r:.40} is not a whole number",
            remedy="Count batches or epochs, such as step=epoch * batches + batch.",
        ) from None


def log_params(ws: Workspace, *, run: str, params: dict[str, Param]) -> Run:
    """Record parameters of a run. A name logged again takes the new value, and the run notes that it changed.

    A password, token or key, by its name or by its look, is kept as three asterisks, and the run notes that too.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    params
        Names and values; numbers and truth values keep their type.
    """
    found = get_run(ws, run)
    keep_note(ws, found.id, {"params": {checked_key("parameter", k): as_param(v) for k, v in params.items()}})
    return get_run(ws, found.id)


def log_metrics(ws: Workspace, *, run: str, metrics: dict[str, float], step: int = 0) -> Run:
    """Record one value for each of some metrics, all at one step.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    metrics
        Names and values; NaN and infinity are kept as they are.
    step
        Where on the curve the values stand.
    """
    found = get_run(ws, run)
    values = {checked_key("metric", k): as_metric(k, v) for k, v in metrics.items()}
    step = checked_step(step)
    live = find_live(ws, found.id)
    if live is not None:
        live.journal.points(values, step, ws.now().timestamp())
    else:
        _append_directly(ws, found, values, step)
    return get_run(ws, found.id)


def _append_directly(ws: Workspace, run: Run, values: Mapping[str, float], step: int) -> None:
    with ws.store.write() as tx:
        # Every number given out so far counts one point at least, so this one is free. A run that some process
        # holds may have points that only its journal knows: keep out of their numbers.
        last = sum(s.count for s in tx.metrics.summaries(run.id).values())
        first = last + 1 + (FOREIGN if run.lease is not None else 0)
        at = ws.now()
        tx.metrics.append(
            [
                MetricPoint(owner=run.id, sequence=first + i, key=k, value=v, step=step, at=at)
                for i, (k, v) in enumerate(values.items())
            ]
        )


def keep_note(ws: Workspace, run: str, note: Mapping[str, object]) -> None:
    """Write a note (see ``folding``) down: in the run's journal where this process holds it, else in the store.

    What looks like a secret in it is masked.
    """
    note = masked_note(note)
    live = find_live(ws, run)
    if live is not None:
        with suppress(JournalClosed):  # it ended in another thread just now
            live.journal.note(note, ws.now().timestamp())
            return
    with ws.store.write() as tx:
        put_down(ws, tx, run, Said(notes=(note,)))


def known_id(ws: Workspace, run: str) -> str:
    """Return the whole id of *run*; of one that this process holds without asking the store, which may be held or away.

    Raises
    ------
    NotFound
        There is no such run.
    """
    return run if find_live(ws, run) is not None else get_run(ws, run).id


def log_artifact(
    ws: Workspace,
    *,
    run: str,
    content: str | Path | bytes,
    name: str | None = None,
    media_type: str | None = None,
) -> Artifact:
    """Keep a file, or bytes, with a run. The same name logged again takes the new content.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    content
        The path of a file, or bytes.
    name
        Relative, with forward slashes; by default the file's own name. Bytes need one.
    media_type
        By default guessed from the name.

    Raises
    ------
    Invalid
        The name is absolute, leads upward or is no name; the path is a symbolic link or no regular file.
    NotFound
        There is no such file.
    """
    key = known_id(ws, run)
    if isinstance(content, bytes):
        return _keep(ws, key, io.BytesIO(content), _required(name), len(content), media_type)
    path = Path(content)
    with open_regular(path) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        return _keep(ws, key, file, name or path.name, size, media_type)


def read_file(
    run: str, content: str | Path | bytes, name: str | None, media_type: str | None
) -> tuple[Artifact, bytes]:
    """Return what ``log_artifact`` would keep, and its bytes, without asking the store for anything."""
    if isinstance(content, bytes):
        read, name = content, _required(name)
    else:
        with open_regular(Path(content)) as file:
            read, name = file.read(), name or Path(content).name
    return _artifact(run, name, hashlib.sha256(read).hexdigest(), len(read), media_type), read


def _required(name: str | None) -> str:
    if name is None:
        raise Invalid("bytes have no name of their own", remedy="Give name='report.html'.")
    return name


def _artifact(run: str, name: str, digest: str, size: int, media_type: str | None) -> Artifact:
    kind = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Artifact(run=run, name=checked_path(name), digest=digest, size=size, media_type=kind)


def _keep(ws: Workspace, run: str, file: BinaryIO, name: str, size: int, media_type: str | None) -> Artifact:
    artifact = _artifact(run, checked_path(name), ws.blobs.put(file), size, media_type)
    keep_note(ws, run, {"artifact": encode(artifact)})
    return artifact


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, never through a symbolic link as its last part."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError) as failure:  # nothing there, or text that can be no path
        if isinstance(failure, PermissionError):
            raise
        raise NotFound(
            f"there is no file {str(path)!r:.200}",
            remedy="Check the path; a relative one counts from the working folder. Text is logged as bytes: "
            "text.encode().",
        ) from None
    if stat.S_ISLNK(mode):
        raise Invalid(
            f"{str(path)!r} is a symbolic link; what it leads to may change",
            remedy=f"Log the file itself: {str(path.resolve())!r}.",
        )
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise Invalid(f"{str(path)!r} is {what}", remedy="Log its files one by one, or pack them first.")
    return path.open("rb")


def checked_path(name: str) -> str:
    """Return *name* if it may name a file of a run."""
    parts = PurePosixPath(name).parts
    wrong = (
        not parts
        or len(name) > _LONGEST_PATH
        or not name.isprintable()
        or "\\" in name
        or name.startswith("/")
        or "//" in name
        or any(part in {".", ".."} or part != part.strip() for part in name.split("/"))
        or name.endswith("/")
        or name[1:2] == ":"
    )
    if wrong:
        raise Invalid(
            f"the file name {name[:60]!r} is not usable: it must be relative, with forward slashes, and stay "
            "inside the run",
            remedy="For example reports/errors.html.",
        )
    return name


def open_artifact(ws: Workspace, *, run: str, name: str) -> BinaryIO:
    """Return a file of a run, open for reading; NotFound where there is none of that name."""
    found = get_run(ws, run)
    return content_of(ws, found, artifact_of(ws, found, name))
