"""A model version that answers: rows in by name, held to the signature, answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.model import ModelVersion, Signature, SignatureColumn
from jupyter_mlops.registry import get_version, load_model
from jupyter_mlops.serving.tensors import datatype_of
from jupyter_mlops.workspace import Workspace

__all__ = ["Predictor", "load_predictor"]


@dataclass(frozen=True, slots=True)
class Predictor:
    """One loaded version. Its model is only ever called, never changed."""

    version: ModelVersion
    model: Any

    @property
    def signature(self) -> Signature:
        """What it takes and gives."""
        return self.version.signature

    @property
    def positional(self) -> bool:
        """True for a model of arrays, whose columns are numbered and not named."""
        names = [column.name for column in self.signature.inputs]
        # Without a signature nothing says that: a table keeps the names, and the model can hold them to its own.
        return bool(names) and names == [str(place) for place in range(len(names))]

    @property
    def output(self) -> str:
        """The name of its answer."""
        return self.signature.outputs[0].name if self.signature.outputs else "prediction"

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Return the answers to *rows* (column name to value), one each.

        Raises
        ------
        Invalid
            A column is missing or unknown, or a value has another type than the signature says.
        """
        return self.answer(
            {name: [row.get(name) for row in rows] for name in self._named_in(rows)}, len(rows)
        )

    def answer(self, columns: Mapping[str, Sequence[Any]], count: int) -> Any:
        """Return the answers to *count* rows given as *columns*."""
        table = self._table(columns)
        if count == 0:
            return []
        try:
            answers = self.model.predict(table)
            given = len(answers)
        except Exception as failure:
            # The model is a user's: whatever it raises is an answer about this request, not about this server.
            raise Invalid(
                f"the model cannot answer these rows ({type(failure).__name__})",
                remedy="Compare the rows with the model's signature, which GET /v2/models/NAME shows.",
            ) from failure
        if given != count:
            raise Invalid(
                f"the model gave {given} answers to {count} rows",
                remedy="Serve a model whose predict gives one answer for each row.",
            )
        return answers

    def _named_in(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        if not self.signature.inputs:
            return list(rows[0]) if rows else []
        known = [column.name for column in self.signature.inputs]
        for place, row in enumerate(rows):
            missing, extra = [n for n in known if n not in row], [n for n in row if n not in known]
            if missing or extra:
                raise Invalid(
                    f"row {place}: {_told(missing, extra)}", remedy=f"The model takes {', '.join(known)}."
                )
        return known

    def _table(self, columns: Mapping[str, Sequence[Any]]) -> Any:
        import pandas as pd

        inputs = self.signature.inputs or tuple(
            SignatureColumn(name=name, dtype="", nullable=True) for name in columns
        )
        missing = [c.name for c in inputs if c.name not in columns]
        extra = [name for name in columns if name not in {c.name for c in inputs}]
        if missing or extra:
            raise Invalid(
                _told(missing, extra), remedy=f"The model takes {', '.join(c.name for c in inputs)}."
            )
        frame = pd.DataFrame({column.name: _series(column, columns[column.name]) for column in inputs})
        return frame.to_numpy() if self.positional else frame


def _told(missing: Sequence[str], extra: Sequence[str]) -> str:
    parts = [f"{', '.join(map(repr, missing))} is missing"] if missing else []
    parts += [f"{', '.join(map(repr, extra))} is unknown"] if extra else []
    return " and ".join(parts)


def _series(column: SignatureColumn, values: Sequence[Any]) -> Any:
    import pandas as pd

    if not column.nullable and any(value is None for value in values):
        raise Invalid(
            f"{column.name!r} may not be missing: it never was in training",
            remedy=f"Give every row a value for {column.name!r}.",
        )
    for value in values:
        if value is not None and not _fits(column, value):
            raise Invalid(
                f"{column.name!r} is {column.dtype or 'a plain value'} and cannot be {value!r:.40}",
                remedy=f"Give {column.name!r} as it was in training.",
            )
    try:
        return pd.Series(list(values), dtype=_dtype(column, values))
    except (ValueError, TypeError, OverflowError) as failure:
        raise Invalid(
            f"{column.name!r} cannot be read as {column.dtype}: {failure}",
            remedy=f"Give {column.name!r} as it was in training.",
        ) from None


def _fits(column: SignatureColumn, value: object) -> bool:
    kind = datatype_of(column.dtype)
    if not column.dtype or column.dtype in {"category", "object"}:
        return isinstance(value, (str, int, float, bool))
    if kind == "BYTES":
        return isinstance(value, str)
    if kind == "BOOL":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return kind.startswith("FP") or isinstance(value, int) or value.is_integer()


def _dtype(column: SignatureColumn, values: Sequence[Any]) -> str | None:
    if column.dtype in {"", "category"}:
        return None if not column.dtype else "category"
    integer = datatype_of(column.dtype).startswith(("INT", "UINT"))
    # A whole-number column that misses a value becomes a float one, as it was in training if it ever missed one.
    return "float64" if integer and any(value is None for value in values) else column.dtype


def load_predictor(ws: Workspace, reference: str) -> Predictor:
    """Load the version behind *reference*, with every check of ``registry.load_model``."""
    version = get_version(ws, reference)
    while True:
        model = load_model(ws, reference)
        again = get_version(ws, reference)
        if again.version == version.version:
            return Predictor(version=version, model=model)
        version = again  # the alias moved while it was being loaded
