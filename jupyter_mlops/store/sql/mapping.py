"""A row to a record and back. Nothing else knows how a record lies in its table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from jupyter_mlops.records.codec import decode, derived_in, encode
from jupyter_mlops.records.run import Run
from jupyter_mlops.store.fields import as_float
from jupyter_mlops.store.series import Tally
from jupyter_mlops.store.shelves import Shelf
from jupyter_mlops.store.sql.tables import column_name
from jupyter_mlops.store.sql.words import hide, hide_all, show, show_all

__all__ = [
    "from_text",
    "param_rows",
    "record_of",
    "row_of",
    "summary_row",
    "tag_rows",
    "tally_of",
    "to_text",
]

T = TypeVar("T")
Row = dict[str, Any]


def to_text(data: Any) -> str:
    """Return JSON-ready *data* as the text of a body."""
    text = _dumped(data)
    try:
        text.encode()
        plain = "\\u0000" not in text and hide(text) is text
    except UnicodeEncodeError:
        plain = False
    return text if plain else _dumped(hide_all(data))


def _dumped(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_text(kind: type[T], body: str) -> T:
    """Return the record that a body holds."""
    return decode(kind, _loaded(body))


def _loaded(body: str) -> Any:
    data = json.loads(body)
    return data if show(body) is body else show_all(data)


def row_of(shelf: Shelf, record: object) -> Row:
    """Return the columns of *record*, its body included."""
    data = encode(record)
    if isinstance(record, Run):
        data["metrics"] = data["system"] = {}  # views over the series
        data["params"] = {name: _exact(value) for name, value in record.params.items()}
    row: Row = {column_name(name): _at(data, name) for name in (*shelf.key, *shelf.indexed)}
    for name in derived_in(shelf.record):
        del data[name]
    return {**row, "body": to_text(data)}


def _at(data: Any, attribute: str) -> Any:
    for name in attribute.split("."):
        data = None if data is None else data[name]
    return data


def _exact(value: object) -> object:
    """Keep a number that is none apart from the text that spells it."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return encode(value)


def record_of(shelf: Shelf, body: str, metrics: Mapping[str, float]) -> Any:
    """Return the record that a row's *body* holds; a run gets its *metrics*."""
    data = _loaded(body)
    if shelf.record is not Run:
        return decode(shelf.record, data)
    params = data.pop("params", {})
    for name, value in params.items():
        if isinstance(value, dict):
            params[name] = float(value["float"])
    return replace(decode(Run, data), params=params, metrics=metrics)


def param_rows(run: Run) -> Iterator[Row]:
    """Return the index over a run's parameters; what is null or not a number can be found by nobody."""
    for key, value in run.params.items():
        row: Row = {"run": run.id, "key": key, "number": None, "text": None, "flag": None}
        if isinstance(value, bool):
            yield row | {"flag": value}
        elif isinstance(value, str):
            yield row | {"text": value}
        elif value is not None and not math.isnan(number := as_float(value)):
            yield row | {"number": number}


def tag_rows(run: Run) -> Iterator[Row]:
    """Return the index over a run's tags."""
    yield from ({"run": run.id, "key": key, "value": value} for key, value in run.tags.items())


def summary_row(run: str, key: str, held: Tally) -> Row:
    """Return the columns of a tally."""
    known = held.numbers > 0
    return {
        "run": run,
        "key": key,
        "last": None if math.isnan(held.last) else held.last,
        "sequence": held.sequence,
        "step": held.step,
        "minimum": held.minimum if known else None,
        "maximum": held.maximum if known else None,
        "total": None if math.isnan(held.total) else held.total,
        "numbers": held.numbers,
        "count": held.count,
    }


def tally_of(row: Any) -> Tally:
    """Return the tally that a row holds."""
    return Tally(
        last=math.nan if row.last is None else row.last,
        sequence=row.sequence,
        step=row.step,
        minimum=math.inf if row.minimum is None else row.minimum,
        maximum=-math.inf if row.maximum is None else row.maximum,
        total=math.nan if row.total is None else row.total,
        numbers=row.numbers,
        count=row.count,
    )
