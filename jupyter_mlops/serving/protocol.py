"""The open inference protocol, version 2, as plain values: requests read, answers and descriptions written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.serving.predictor import Predictor
from jupyter_mlops.serving.service import Answer
from jupyter_mlops.serving.tensors import column_of, datatype_of, output_tensor

__all__ = ["Inputs", "describe", "read_inputs", "read_rows", "write_answer"]

_WHOLE = "input"  # the one tensor of a model of arrays
_PAIR = 2  # rows and columns
_LONGEST = 200
_MAXIMUM_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """A request that was understood: columns in the model's order, and what to send back."""

    request: str
    columns: Mapping[str, Sequence[Any]]


def describe(predictor: Predictor) -> dict[str, Any]:
    """Return the model's metadata."""
    version, signature = predictor.version, predictor.signature
    if predictor.positional:
        first = signature.inputs[0].dtype if signature.inputs else "float64"
        inputs = [{"name": _WHOLE, "datatype": datatype_of(first), "shape": [-1, len(signature.inputs)]}]
    else:
        inputs = [{"name": c.name, "datatype": datatype_of(c.dtype), "shape": [-1]} for c in signature.inputs]
    answered = signature.outputs[0].dtype if signature.outputs else "float64"
    return {
        "name": version.model,
        "versions": [str(version.version)],
        "platform": f"jupyter-mlops_{version.format}",
        "inputs": inputs,
        "outputs": [{"name": predictor.output, "datatype": datatype_of(answered), "shape": [-1]}],
    }


def read_inputs(body: Mapping[str, Any], predictor: Predictor) -> Inputs:
    """Return what an infer request asks.

    Raises
    ------
    Invalid
        It breaks the protocol, or the model's signature.
    """
    request = body.get("id", "")
    if not isinstance(request, str) or len(request) > _LONGEST:
        raise Invalid(
            f"the id is not a text of at most {_LONGEST} characters",
            remedy=f"Give a text of at most {_LONGEST} characters, or leave the id out.",
        )
    _check_parameters(body)
    _check_outputs(body.get("outputs"), predictor)
    tensors = _by_name(body.get("inputs"))
    columns = _whole(tensors, predictor) if predictor.positional else _columns(tensors, predictor)
    return Inputs(request, columns)


def _check_parameters(body: Mapping[str, Any]) -> None:
    given = body.get("inputs")
    tensors = given if isinstance(given, list) else []
    for holder in (body, *(tensor for tensor in tensors if isinstance(tensor, dict))):
        parameters = holder.get("parameters", {})
        plain = isinstance(parameters, dict) and all(
            isinstance(v, (str, int, float, bool)) for v in parameters.values()
        )
        if not plain:
            raise Invalid(
                "parameters are an object of texts, numbers and booleans",
                remedy="Leave parameters out, or give plain values.",
            )


def _check_outputs(outputs: object, predictor: Predictor) -> None:
    if outputs is None:
        return
    if not isinstance(outputs, list) or not all(isinstance(o, dict) for o in outputs):
        raise Invalid(
            "outputs is a list of objects with a name",
            remedy='Write outputs: [{"name": ...}], or leave it out.',
        )
    unknown = [o.get("name") for o in outputs if o.get("name") != predictor.output]
    if unknown:
        raise Invalid(f"there is no output {unknown[0]!r}", remedy=f"There is {predictor.output!r}.")


def _by_name(inputs: object) -> dict[str, Mapping[str, Any]]:
    if not isinstance(inputs, list) or not all(
        isinstance(t, dict) and isinstance(t.get("name"), str) for t in inputs
    ):
        raise Invalid(
            "inputs is a list of tensors, each with a name, a shape, a datatype and data",
            remedy='Write inputs: [{"name": ..., "shape": [1], "datatype": "FP64", "data": [0.5]}].',
        )
    tensors = {tensor["name"]: tensor for tensor in inputs}
    if len(tensors) != len(inputs):
        raise Invalid("two inputs have the same name", remedy="Send each column once.")
    return tensors


def _whole(tensors: Mapping[str, Mapping[str, Any]], predictor: Predictor) -> dict[str, list[Any]]:
    width = len(predictor.signature.inputs)
    if set(tensors) != {_WHOLE}:
        raise Invalid(
            f"the inputs are {', '.join(map(repr, tensors)) or 'none'}; the model takes one, {_WHOLE!r}",
            remedy=f"Send one tensor named {_WHOLE!r} with the shape [rows, {width}].",
        )
    shape, values = column_of(tensors[_WHOLE], nullable=True)
    if len(shape) != _PAIR or shape[1] != width:
        raise Invalid(
            f"{_WHOLE!r} has the shape {list(shape)}; the model takes [rows, {width}]",
            remedy=f"Send each row with {width} values.",
        )
    return {str(n): values[n::width] for n in range(width)}


def _columns(tensors: Mapping[str, Mapping[str, Any]], predictor: Predictor) -> dict[str, list[Any]]:
    nullable = {column.name: column.nullable for column in predictor.signature.inputs}
    columns: dict[str, list[Any]] = {}
    for name, tensor in tensors.items():
        shape, values = column_of(tensor, nullable=nullable.get(name, False))
        if len(shape) > _PAIR or (len(shape) == _PAIR and shape[1] != 1):
            raise Invalid(
                f"the input {name!r} has the shape {list(shape)}; a column has [rows] or [rows, 1]",
                remedy="Send one tensor for each column, with one value for each row.",
            )
        columns[name] = values
    if len({len(values) for values in columns.values()}) > 1:
        raise Invalid(
            "the inputs have different numbers of rows",
            remedy="Send every column with the same number of values.",
        )
    return columns


def read_rows(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows of a plain request, ``{"rows": [{column: value}]}``."""
    rows = body.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(
            'the body is {"rows": [{column: value}, …]}',
            remedy="Send a list of rows, each an object with the model's columns.",
        )
    if len(rows) > _MAXIMUM_ROWS:
        raise Invalid(
            f"{len(rows)} rows at once; at most {_MAXIMUM_ROWS} are answered",
            remedy=f"Send them in parts of at most {_MAXIMUM_ROWS}.",
        )
    return rows


def write_answer(answer: Answer, given: Inputs, predictor: Predictor) -> dict[str, Any]:
    """Return the response body; the version is the one that answered."""
    told = {"id": given.request} if given.request else {}
    return {
        "model_name": predictor.version.model,
        "model_version": str(answer.version),
        **told,
        "outputs": [output_tensor(predictor.output, answer.values)],
    }
