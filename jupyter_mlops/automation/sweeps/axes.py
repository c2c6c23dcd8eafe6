"""What somebody gives for the parameters of a sweep, read as axes: some values, or all numbers between two."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from jupyter_mlops.automation.sweeps.drawing import exact, size_of, text_of
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.annotations import holds_secret
from jupyter_mlops.jobs.values import check_values, refused
from jupyter_mlops.records.parameter import Parameter, ParameterType, Unread
from jupyter_mlops.records.sweep import Axis, Choices, Span

__all__ = ["read_axes"]

_NUMBER = r"[+-]?(?:(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)"
_SPAN = re.compile(
    rf"(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})(?:\s+(?P<words>.*))?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_STEP = re.compile(_NUMBER, re.ASCII | re.IGNORECASE)
_KEYS = frozenset({"low", "high", "log", "step"})
_ANY = ParameterType(kind="any")
_NUMBERS = frozenset({"int", "float"})
_LISTS = frozenset({"list", "tuple", "set", "frozenset"})
_OPENING, _CLOSING, _QUOTES = "([{", ")]}", "'\""
_WIDEST = 1e300  # of a float: the distance between two ends must be one, too
_MOST = 10**15  # whole numbers up to here, and as many steps, are told apart in a float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A span as somebody wrote it."""

    low: object
    high: object
    log: object = False
    step: object = None

    def __str__(self) -> str:
        more = (" log" if self.log else "") + (f" step {self.step}" if self.step is not None else "")
        return f"{self.low}..{self.high}{more}"[:80]


def read_axes(declared: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Axis]:
    """Return the axis of each parameter, in the order in which they are given, checked against what is declared.

    A list names values, and so does text, with commas between them; commas inside brackets and quotes do not count. Text
    with two numbers around two dots is a span (``0.001..0.1 log``, ``2..10``, ``0..1 step 0.25``), as is a mapping with
    ``low`` and ``high``, and ``log`` or ``step``, for a parameter that is no dict itself. Anything else is one value. For a
    parameter that is itself a list, a list of lists gives several values and any other list is one.

    Parameters
    ----------
    declared
        The notebook's parameters.
    given
        What each parameter is to take.

    Raises
    ------
    Invalid
        A name is not declared, or one that must be given is missing; a value does not fit its declaration or comes twice;
        a span makes no sense. ``data`` holds ``name`` and ``rule``.
    """
    if not given:
        raise Invalid(
            "a sweep needs at least one parameter with values", remedy="Such as -p alpha 0.1,0.2,0.5."
        )
    parameters = {p.name: p for p in declared}
    written = {name: _written(parameters.get(name), name, value) for name, value in given.items()}
    # Names are a matter of all of them: what is not declared, and what is missing.
    check_values(declared, {name: _first(one) for name, one in written.items()})
    return {name: _axis(parameters[name], one) for name, one in written.items()}


def _first(written: list[object] | _Given) -> object:
    return written.low if isinstance(written, _Given) else written[0]


def _axis(parameter: Parameter, written: list[object] | _Given) -> Axis:
    return _span(parameter, written) if isinstance(written, _Given) else _choices(parameter, written)


# --- what is written -----------------------------------------------------------------------------------


def _written(parameter: Parameter | None, name: str, given: object) -> list[object] | _Given:
    kind = parameter.type if parameter is not None else _ANY
    if isinstance(given, str):
        found = _from_text(kind, name, given)
    elif isinstance(given, Mapping):
        found = _from_mapping(kind, name, given)
    else:
        found = _from_list(kind, given)
    if found == []:
        raise refused(name, "values", "has no values", f"Give at least one, such as -p {name} VALUE.")
    if holds_secret(kind) and (isinstance(found, _Given) or len(found) > 1):
        raise refused(
            name,
            "secret",
            "is a secret, and all trials of a sweep have the same one",
            f"Say where that one is: -p {name} env:ITS_NAME.",
        )
    if isinstance(found, _Given):
        _check_takes_span(kind, name, found)
    return found


def _from_list(kind: ParameterType, given: object) -> list[object]:
    if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
        return [given]
    if kind.kind in _LISTS and not all(isinstance(item, (list, tuple)) for item in given):
        return [list(given)]
    return list(given)


def _from_text(kind: ParameterType, name: str, text: str) -> list[object] | _Given:
    found = _SPAN.fullmatch(text.strip())
    if found is not None:
        words = _words(found["words"] or "")
        if words is not None:
            log, step = words
            return _Given(low=_number(found["low"]), high=_number(found["high"]), log=log, step=step)
        if _kinds(kind) <= _NUMBERS:
            raise refused(
                name,
                "span",
                f"= {text.strip()!r:.80}: behind the two ends of a span may stand log, or step and a number",
                f'Such as -p {name} "{found["low"]}..{found["high"]}".',
            )
    parts = _split(text)
    if len(parts) > 1 and _kinds(kind) <= _NUMBERS and any(map(_SPAN.fullmatch, parts)):
        raise refused(
            name,
            "span",
            f"= {text.strip()!r:.80}: a span stands alone, and not among values",
            "Give one span, or values with commas between them.",
        )
    return [Unread(part) for part in parts]


def _words(text: str) -> tuple[bool, float | None] | None:
    """Return what the words behind a span say: whether it is by magnitude, and its step; None for any others."""
    words = text.split()
    log = "log" in words
    if log:
        words.remove("log")
    if not words:
        return log, None
    if len(words) == 2 and words[0] == "step" and _STEP.fullmatch(words[1]):  # noqa: PLR2004  # a word and its number
        return log, _number(words[1])
    return None


def _number(text: str) -> float:
    whole = text.lstrip("+-").isdigit() and len(text) < 20  # noqa: PLR2004  # longer ones are refused anyway
    return int(text) if whole else float(text)


def _from_mapping(kind: ParameterType, name: str, given: Mapping[object, object]) -> list[object] | _Given:
    keys = set(given)
    if "dict" not in _kinds(kind) and {"low", "high"} <= keys <= _KEYS:
        return _Given(
            low=given["low"], high=given["high"], log=given.get("log", False), step=given.get("step")
        )
    if _kinds(kind) <= _NUMBERS:
        has = ", ".join(map(repr, given)) or "nothing"
        raise refused(
            name,
            "span",
            f"is given as a mapping with {has:.80}: a span has low and high, and may have log or step",
            f'Such as {{"{name}": {{"low": 0, "high": 1}}}}.',
        )
    return [given]


def _split(text: str) -> list[str]:
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in _QUOTES:
            quote = sign
        else:
            depth += (sign in _OPENING) - (sign in _CLOSING)
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _kinds(kind: ParameterType) -> frozenset[str]:
    return frozenset(option.kind for option in kind.options or (kind,))


# --- values --------------------------------------------------------------------------------------------


def _choices(parameter: Parameter, values: Sequence[object]) -> Choices:
    ready = [check_values([parameter], {parameter.name: value})[parameter.name] for value in values]
    seen: set[str] = set()
    for value in ready:
        text = text_of(value)
        if text in seen:
            raise refused(
                parameter.name, "twice", f"has the value {value!r:.80} twice", "Give each value once."
            )
        seen.add(text)
    return Choices(values=tuple(ready))


# --- spans ---------------------------------------------------------------------------------------------


def _check_takes_span(kind: ParameterType, name: str, given: _Given) -> None:
    single = next((option for option in kind.options or (kind,) if option.choices), None)
    if single is None and (_kinds(kind) <= _NUMBERS or kind.kind == "any"):
        return
    takes = single.limits[0] if single is not None else f"declared as {kind.spelled}"
    raise refused(
        name,
        "span",
        f"= {given}: only numbers (int, float) have a span, and it is {takes}",
        f"Give its values in a list, or on a command line with commas between them: -p {name} ONE,OTHER.",
    )


def _span(parameter: Parameter, given: _Given) -> Span:
    name = parameter.name
    low, high = _end(parameter, given.low), _end(parameter, given.high)
    if low >= high:
        raise refused(
            name,
            "order",
            f"= {given}: the first number of a span must be below the second",
            "Turn them round, or give one value.",
        )
    log = _log(name, given, low)
    step = _step(name, given, exact(high) - exact(low))
    span = Span(low=low, high=high, log=log, step=step, whole=_is_whole(parameter.type, low, high, step))
    _check_numbers(name, given, span)
    _check_multiple(parameter, given, span)
    return span


def _end(parameter: Parameter, value: object) -> float:
    found = check_values([parameter], {parameter.name: value})[parameter.name]
    number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if not number or not -_WIDEST <= found <= _WIDEST:  # type: ignore[operator]
        raise refused(
            parameter.name,
            "finite",
            f"= {value!r:.80}: each end of a span must be a number from {-_WIDEST:g} to {_WIDEST:g}",
            "Give two such numbers, the smaller one first.",
        )
    return found  # type: ignore[return-value]


def _log(name: str, given: _Given, low: float) -> bool:
    if not isinstance(given.log, bool):
        raise refused(
            name, "log", f"has {given.log!r:.80} as log: it is true or false", "Leave it out, or say true."
        )
    if given.log and low <= 0:
        raise refused(
            name,
            "log",
            f"= {given}: with log both ends must be above 0",
            "Begin above 0, as in 0.001..1 log, or leave log out.",
        )
    if given.log and given.step is not None:
        raise refused(name, "log", f"= {given}: a span has log or a step, not both", "Leave one of them out.")
    return given.log


def _step(name: str, given: _Given, width: Fraction) -> float | None:
    step = given.step
    if step is None:
        return None
    number = isinstance(step, (int, float)) and not isinstance(step, bool) and 0 < step <= _WIDEST
    if not number or exact(step) > width:  # type: ignore[arg-type]
        raise refused(
            name,
            "step",
            f"= {given}: the step must be a number above 0, and not above what lies between the ends ({float(width):g})",
            f"Say such a step, as in {given.low}..{given.high} step {float(width / 4):g}.",
        )
    return step  # type: ignore[return-value]


def _is_whole(kind: ParameterType, *numbers: float | None) -> bool:
    if "float" in _kinds(kind) and len(_kinds(kind)) == 1:
        return False
    return _kinds(kind) == {"int"} or all(isinstance(number, int) for number in numbers if number is not None)


def _check_numbers(name: str, given: _Given, span: Span) -> None:
    if not span.whole and span.step is None:
        return
    if span.whole and span.step is not None and not float(span.step).is_integer():
        raise refused(
            name,
            "step",
            f"= {given}: between whole numbers the step must be one, too",
            "Say step 1, 2 and so on.",
        )
    if span.whole and max(abs(span.low), abs(span.high)) > _MOST:
        raise refused(
            name,
            "size",
            f"= {given}: whole numbers of a span may go from {-_MOST:,} to {_MOST:,}",
            "Bring the ends nearer.",
        )
    if (size_of(span) or 0) > 2 * _MOST + 1:
        raise refused(name, "size", f"= {given}: a span has at most {_MOST:,} steps", "Say a larger step.")


def _check_multiple(parameter: Parameter, given: _Given, span: Span) -> None:
    """Refuse numbers between the ends that the declaration does not allow; they would be found out trial by trial."""
    kinds = parameter.type.options or (parameter.type,)
    step = span.step if span.step is not None else (1 if span.whole else None)
    for multiple in (kind.multiple_of for kind in kinds if kind.multiple_of is not None):
        if step is None or exact(step) % exact(multiple):
            raise refused(
                parameter.name,
                "multiple_of",
                f"= {given}: it must be a multiple of {multiple}, and not all numbers of this span are",
                f"Say the step: {given.low}..{given.high} step {multiple}.",
            )
