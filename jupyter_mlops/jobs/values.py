"""Values for a notebook's parameters: checked against what is declared, and written as code that holds literals only."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping, Sequence

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.annotations import holds_secret
from jupyter_mlops.jobs.fitting import as_code, as_ready, fit, untagged
from jupyter_mlops.jobs.scalars import Misfit
from jupyter_mlops.records.parameter import Parameter, ParameterType

__all__ = ["check_values", "effective_values", "refused", "values_as_code"]

_MAXIMUM_CODE = 1_000_000  # characters of one injected cell; more is data, and data belongs in a file
# Under names of our own: the notebook may use the plain ones for something else.
_MODULES = ("datetime", "decimal", "pathlib", "zoneinfo")


def check_values(
    parameters: Sequence[Parameter], values: Mapping[str, object], later: Collection[str] = ()
) -> dict[str, object]:
    """Return *values* JSON-ready and of the declared types, in the order of declaration.

    Text given for a parameter of another type is read as that type (``"0.1"`` for a float, ``"[1, 2]"`` for a
    list, ``"2026-01-31"`` for a date), because that is all a command line can give. Those called *later* are still to come.

    Raises
    ------
    Invalid
        A name is not an identifier, is a keyword or is not declared; a value has another type, or is not within the
        limits; one that must be given is missing. ``data`` holds ``name`` and ``rule``.
    """
    declared = {p.name: p for p in parameters}
    for name in (*values, *later):
        _check_name(name, declared)
    for parameter in parameters:
        _check_default(parameter)
        if parameter.required and parameter.name not in values and parameter.name not in later:
            raise refused(
                parameter.name,
                "required",
                f"{_described(parameter)} must be given",
                f"Say -p {parameter.name} VALUE.",
            )
    return {name: _checked(p, values[name]) for name, p in declared.items() if name in values}


def _check_default(parameter: Parameter) -> None:
    """Refuse a secret whose default is no reference: it stands in the notebook for everybody to read.

    A value that is given does not help: the job's own copy of the notebook would still have it.
    """
    known = parameter.required or parameter.default is not None or parameter.type.nullable
    if parameter.type.kind == "secret" and not known:
        raise refused(
            parameter.name,
            "secret",
            "has a default that does not say where the secret is, but may be the secret itself",
            f"Write {parameter.name}: Secret, or a default such as 'env:{parameter.name.upper()}'.",
        )


def effective_values(parameters: Sequence[Parameter], values: Mapping[str, object]) -> dict[str, object]:
    """Return what the notebook runs with: the defaults that are known, under the values that were given."""
    known = {
        p.name: p.default for p in parameters if not p.required and (p.default is not None or p.type.nullable)
    }
    types = {p.name: p.type for p in parameters}
    given = {**known, **values}
    return {name: untagged(types[name], value) if name in types else value for name, value in given.items()}


def values_as_code(parameters: Sequence[Parameter], values: Mapping[str, object]) -> str:
    """Return assignments of checked *values* (see ``check_values``): names, literals, dates and paths, nothing else.

    A secret is not among them: a comment says where it is to be found.
    """
    types = {p.name: p for p in parameters}
    lines = [_line(types[name], value) for name, value in values.items()]
    code = "\n".join(lines)
    imports = [f"import {m} as _{m}" for m in _MODULES if re.search(rf"\b_{m}\.", code)]
    text = "\n".join([*imports, *lines])
    if len(text) > _MAXIMUM_CODE:
        raise Invalid(
            f"the parameters take {len(text):,} characters; at most {_MAXIMUM_CODE:,} are put into a notebook",
            remedy="Write the data to a file and give its path.",
        )
    return text


def _line(parameter: Parameter, value: object) -> str:
    code = as_code(parameter.type, _fitted(parameter, value))
    secret = parameter.type.kind == "secret" and value is not None
    return f"# {parameter.name}: {code}" if secret else f"{parameter.name} = {code}"


# --- names ---------------------------------------------------------------------------------------------


def _check_name(name: object, declared: Mapping[str, Parameter]) -> None:
    # ASCII only: Python folds look-alike letters together, so two different texts could be one variable.
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise refused(
            name,
            "identifier",
            "is not a name Python could assign to (letters, digits and _)",
            "Rename it in the parameters cell.",
        )
    if keyword.iskeyword(name) or (name.startswith("__") and name.endswith("__")):
        raise refused(name, "reserved", "is reserved by Python", "Rename it in the parameters cell.")
    if name not in declared:
        known = ", ".join(declared) or "none: no cell is tagged 'parameters', or it declares nothing"
        raise refused(name, "unknown", "is not declared by the notebook", f"Declared: {known}.")


def refused(name: object, rule: str, sentence: str, remedy: str) -> Invalid:
    """Return the refusal of the parameter called *name*: the *rule* in a word, and what is wrong in a *sentence*."""
    return Invalid(
        f"parameter {name!r:.80} {sentence}", remedy=remedy, data={"name": str(name)[:80], "rule": rule}
    )


def _described(parameter: Parameter) -> str:
    return f"({parameter.type.spelled}{': ' + parameter.help if parameter.help else ''})"


# --- values --------------------------------------------------------------------------------------------


def _checked(parameter: Parameter, value: object) -> object:
    return as_ready(parameter.type, _fitted(parameter, value))


def _fitted(parameter: Parameter, value: object) -> object:
    try:
        return fit(parameter.type, value)
    except Misfit as failure:
        raise refused(
            parameter.name,
            failure.rule,
            f"= {_shown(parameter.type, value)}: it {failure.sentence}",
            _remedy(parameter, failure),
        ) from None


def _shown(kind: ParameterType, value: object) -> str:
    if holds_secret(kind):
        return "***"  # it may well be the secret itself
    try:
        return f"{value!r:.80}"
    except ValueError:  # Python does not write out very long integers
        return f"a {type(value).__name__}"


def _remedy(parameter: Parameter, failure: Misfit) -> str:
    if failure.rule == "secret":
        return f"Put it into an environment variable, and say -p {parameter.name} env:ITS_NAME."
    if parameter.help:
        return f"The notebook says: {parameter.help}."
    limits = "".join(f", {limit}" for limit in parameter.type.limits)
    return (
        f"The parameters cell declares it as {parameter.type.spelled}{limits}: "
        "give such a value, or leave it out for its default."
    )
