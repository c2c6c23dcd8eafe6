"""Named results of a notebook: JSON with its run; of a frame a dataset, of a file the file, and a reference to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

from jupyter_mlops.capture.known_secrets import mask_known
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.tracking.log import checked_key
from jupyter_mlops.workspace import Workspace

__all__ = ["FOLDER", "REFERENCE", "OutputFile", "output_files"]

FOLDER = "outputs/"  # what the names of their files begin with; a name and .json follow
REFERENCE = "application/vnd.jupyter-mlops.reference+json"  # of a file that says where the result lies
_LARGEST = 1_000_000  # bytes
_DEEPEST = 20  # levels, as a parameter may have them
_FRAMES = frozenset({"pandas", "polars"})
_POSSIBLE = "Give numbers, text, dates, lists and mappings of these, a DataFrame, or the Path of a file; log files with log_artifact."


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that is to be kept with a run."""

    content: bytes | Path
    name: str
    media_type: str | None


def output_files(
    name: str, value: object, *, experiment: str, workspace: Callable[[], Workspace]
) -> tuple[OutputFile, ...]:
    """Return what is to be kept of a named result, the file that says what it is last.

    A DataFrame is registered as the dataset ``EXPERIMENT.NAME``.

    Parameters
    ----------
    experiment
        Of the run whose result it is.
    workspace
        Opens the one that keeps datasets; called for a DataFrame only.

    Raises
    ------
    Invalid
        The name is not usable; JSON cannot say the value, or not within 1 MB; a secret of this job is in it; a frame
        does not come back from a file as it is.
    """
    checked_key("output", name)
    place = f"{FOLDER}{name}.json"
    if _is_frame(value):
        from jupyter_mlops.datasets import register_frame

        called = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{experiment}.{name}").strip("-.")
        kept = register_frame(workspace(), called, _as_pandas(name, value))
        said = canonical({"dataset": f"{kept.name}:{kept.version}"})
        return (OutputFile(said, place, REFERENCE),)
    if isinstance(value, Path):
        file = OutputFile(value, f"passed/{name}/{value.name}", None)
        return file, OutputFile(canonical({"file": file.name}), place, REFERENCE)
    return (OutputFile(_as_json(name, value), place, "application/json"),)


def _is_frame(value: object) -> bool:
    kind = type(value)
    return kind.__name__.endswith("Frame") and kind.__module__.partition(".")[0] in _FRAMES


def _as_pandas(name: str, frame: Any) -> Any:
    if not type(frame).__module__.startswith("polars"):
        return frame
    if not hasattr(frame, "to_pandas"):
        raise Invalid(
            f"the output {name!r} is a {type(frame).__name__}, whose rows are not known yet",
            remedy="Give its collect().",
        )
    try:
        return frame.to_pandas()
    except ImportError as failure:
        raise Invalid(
            f"the output {name!r} is a frame of polars, which cannot be kept here: {failure}",
            remedy="pip install pandas pyarrow, or write it to a file and give its Path.",
        ) from failure


def _as_json(name: str, value: object) -> bytes:
    text = canonical(_ready(name, value, name, 0))
    if len(text) > _LARGEST:
        raise Invalid(
            f"the output {name!r} takes {len(text):,} bytes as JSON; at most {_LARGEST:,} are kept",
            remedy="Give a DataFrame, or write it to a file and give its Path.",
        )
    # Masked it would be another value, and what the next notebook reads must be what was left.
    if mask_known(text.decode())[1]:
        raise Invalid(
            f"the output {name!r} holds a secret that this job was given",
            remedy="Leave it out: give the step that needs it a parameter declared as Secret, and the secret's name for it.",
        )
    return text


def _ready(output: str, value: object, at: str, depth: int) -> Any:
    """Return *value* as the parameters of a notebook have it in JSON, so that one of the same type reads it back."""
    if depth > _DEEPEST:
        raise _formless(output, f"it is nested deeper than {_DEEPEST} levels")
    if isinstance(value, Mapping):
        odd = next((key for key in value if not isinstance(key, (str, int, float))), None)
        if odd is not None:
            raise _formless(output, f"{at} has a {type(odd).__name__} as a key")
        return {str(key): _ready(output, item, f"{at}[{key!r}]", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_ready(output, item, f"{at}[{place}]", depth + 1) for place, item in enumerate(value)]
    if isinstance(value, (set, frozenset)):
        return sorted((_ready(output, item, at, depth + 1) for item in value), key=repr)
    return _scalar(output, value, at)


def _scalar(output: str, value: Any, at: str) -> Any:
    if not isinstance(value, (int, float)) and getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()  # a scalar of NumPy
    form = next((form for kind, form in _FORMS if isinstance(value, kind)), None)
    if form is not None:
        return form(value)
    if value is None or isinstance(value, (str, int, float, Enum)) or is_dataclass(value):
        try:
            return encode(value)
        except (ValueError, TypeError, RecursionError) as failure:
            raise _formless(output, str(failure)) from None
    raise _formless(output, f"{at} is a {type(value).__name__}")


def _formless(output: str, why: str) -> Invalid:
    return Invalid(f"the output {output!r} has no form in JSON: {why:.300}", remedy=_POSSIBLE)


def _moment(moment: datetime) -> str:
    zone = getattr(moment.tzinfo, "key", None)
    return f"{moment.isoformat()}[{zone}]" if zone else moment.isoformat()


def _length(length: timedelta) -> str:
    sign, length = ("-", -length) if length < timedelta() else ("", length)
    return f"{sign}P{length.days}DT{length.seconds}.{length.microseconds:06}S"


_FORMS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (datetime, _moment),  # which is a date as well
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, _length),
    (Decimal, str),
    (PurePath, PurePath.as_posix),
)
