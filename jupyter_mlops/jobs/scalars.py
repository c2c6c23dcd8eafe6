"""Single values by their kind: read from text, JSON or Python; JSON-ready; as an expression of Python.

What is JSON-ready of one kind reads back as the very same value of it. Text is what a command line can give, so each
kind reads its own.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from numbers import Integral, Real
from os import PathLike, fspath
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from jupyter_mlops.capture.secret_references import checked_reference

__all__ = ["SCALARS", "Misfit", "Scalar", "read_literal"]

_LONGEST = 1_000_000  # characters of a text that is read as a literal
_DIGITS = 4_000  # Python itself refuses to read longer integers from text
_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_NAMED_FLOATS = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf}
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})(?:\.(?P<part>\d{1,6}))?S)?)?",
    re.ASCII,
)
_ZONED = re.compile(r"(?P<moment>[^\[\]]+)\[(?P<zone>[A-Za-z0-9_+\-/]+)\]", re.ASCII)


class Misfit(ValueError):
    """A value is not what its type says: the rule it breaks, in a word and as a sentence about the value."""

    def __init__(self, sentence: str, rule: str = "type") -> None:
        super().__init__(sentence)
        self.sentence, self.rule = sentence, rule


@dataclass(frozen=True, slots=True)
class Scalar:
    """What is done with the values of one kind.

    ``exact`` tells what is of the kind without any conversion; ``read`` takes that and what converts to it; ``ready``
    and ``code`` take what ``read`` returned.
    """

    exact: Callable[[object], bool]
    read: Callable[[Any], Any]
    ready: Callable[[Any], object]
    code: Callable[[Any], str]


def read_literal(text: str) -> object:
    """Return what *text* says as a literal of Python; the text itself where it is none."""
    try:
        return ast.literal_eval(text.strip()) if len(text) <= _LONGEST else text
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


# --- numbers -------------------------------------------------------------------------------------------


def _int(value: object) -> int:
    found = read_literal(value) if isinstance(value, str) else value
    if isinstance(found, Real) and not isinstance(found, Integral) and float(found).is_integer():
        found = int(float(found))  # JSON makes no difference between 2 and 2.0
    if isinstance(found, bool) or not isinstance(found, Integral):
        raise Misfit("must be a whole number (int)")
    number = int(found)
    if number.bit_length() > _DIGITS * 3:
        raise Misfit(f"may have at most {_DIGITS} digits", "size")
    return number


def _float(value: object) -> float:
    found = value
    if isinstance(value, str):
        word = value.strip().lower()
        found = _NAMED_FLOATS[word] if word in _NAMED_FLOATS else read_literal(value)
    if isinstance(found, bool) or not isinstance(found, Real):
        raise Misfit("must be a number (float)")
    try:
        return float(found)
    except OverflowError:
        raise Misfit("is too large for a float", "size") from None


def _ready_float(number: float) -> object:
    # JSON has no word for these; the same spelling is read back above.
    if math.isfinite(number):
        return number
    return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")


def _code_of_float(number: float) -> str:
    return repr(number) if math.isfinite(number) else f"float({_ready_float(number)!r})"


def _decimal(value: object) -> Decimal:
    if isinstance(value, (str, Decimal, int, float)) and not isinstance(value, bool):
        try:
            # A float is meant as it is written, not as its binary neighbour.
            found = Decimal(value.strip() if isinstance(value, str) else str(value))
        except (InvalidOperation, ValueError):
            found = Decimal("NaN")
        if found.is_finite() and abs(found.adjusted()) <= _DIGITS:
            return found
    raise Misfit("must be a decimal number, as in 0.10 (Decimal)")


def _bool(value: object) -> bool:
    found = _WORDS.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise Misfit("must be true or false (bool)")
    return found


# --- text ----------------------------------------------------------------------------------------------


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise Misfit("must be text (str)")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit("holds half of a character (a lone surrogate)", "unicode") from None
    return str.__str__(value)  # a subclass could bring a text of its own


def _path(value: object) -> PurePath:
    if not isinstance(value, (str, PathLike)):
        raise Misfit("must be a path")
    return PurePath(_str(fspath(value)))


def _secret(value: object) -> str:
    try:
        return checked_reference(value)
    except ValueError as failure:
        raise Misfit(str(failure), "secret") from None


# --- times ---------------------------------------------------------------------------------------------


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(value.strip())
    except (ValueError, AttributeError):
        raise Misfit("must be a date, as in 2026-01-31") from None


def _datetime(value: Any) -> datetime:
    try:
        if isinstance(value, datetime):
            return _moment(_ready_datetime(value))
        return _moment(value.strip())
    except (ValueError, AttributeError, LookupError, OSError, OverflowError):
        raise Misfit("must be a time with its day, as in 2026-01-31T12:00:00") from None


def _moment(text: str) -> datetime:
    zoned = _ZONED.fullmatch(text)
    if zoned is None:
        return datetime.fromisoformat(text)
    # The offset says which of two equal readings of a clock is meant.
    moment, zone = datetime.fromisoformat(zoned["moment"]), ZoneInfo(zoned["zone"])
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _ready_datetime(moment: datetime) -> str:
    zone = getattr(moment.tzinfo, "key", None)
    return f"{moment.isoformat()}[{zone}]" if zone else moment.isoformat()


def _code_of_datetime(moment: datetime) -> str:
    plain = f"_datetime.datetime.fromisoformat({moment.isoformat()!r})"
    zone = getattr(moment.tzinfo, "key", None)
    return f"{plain}.astimezone(_zoneinfo.ZoneInfo({zone!r}))" if zone else plain


def _time(value: Any) -> time:
    if isinstance(value, time):
        return time.fromisoformat(value.isoformat())
    try:
        return time.fromisoformat(value.strip())
    except (ValueError, AttributeError):
        raise Misfit("must be a time of day, as in 12:30:00") from None


def _timedelta(value: object) -> timedelta:
    try:
        if isinstance(value, timedelta):
            return timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
        if isinstance(value, str) and "P" in value.upper():
            return _duration(value.strip().upper())
        return timedelta(seconds=_float(value))
    except (ValueError, OverflowError):
        raise Misfit("must be a duration: P1DT2H30M, or a number of seconds (timedelta)") from None


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None or text[-1] in "PT":
        raise ValueError(text)
    parts = {n: int(found[n] or 0) for n in ("days", "hours", "minutes", "seconds")}
    whole = timedelta(**parts, microseconds=int((found["part"] or "").ljust(6, "0")))
    return -whole if found["sign"] == "-" else whole


def _ready_timedelta(length: timedelta) -> str:
    sign, length = ("-", -length) if length < timedelta() else ("", length)
    part = f".{length.microseconds:06}" if length.microseconds else ""
    clock = f"T{length.seconds}{part}S" if length.seconds or part or not length.days else ""
    return f"{sign}P{f'{length.days}D' if length.days else ''}{clock}"


def _code_of_timedelta(length: timedelta) -> str:
    return f"_datetime.timedelta(days={length.days}, seconds={length.seconds}, microseconds={length.microseconds})"


# --- all of them ---------------------------------------------------------------------------------------


def _is(*kinds: type, apart: type | None = None) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds) and not (apart is not None and isinstance(value, apart))


def _same(value: Any) -> Any:
    return value


SCALARS: Mapping[str, Scalar] = {
    "int": Scalar(_is(Integral, apart=bool), _int, _same, repr),
    "float": Scalar(
        lambda value: isinstance(value, Real) and not isinstance(value, Integral),
        _float,
        _ready_float,
        _code_of_float,
    ),
    "decimal": Scalar(_is(Decimal), _decimal, str, lambda number: f"_decimal.Decimal({str(number)!r})"),
    "bool": Scalar(_is(bool), _bool, _same, repr),
    "str": Scalar(_is(str), _str, _same, repr),
    "path": Scalar(_is(PurePath), _path, str, lambda path: f"_pathlib.Path({str(path)!r})"),
    "secret": Scalar(_is(), _secret, _same, repr),
    "date": Scalar(
        _is(date, apart=datetime),
        _date,
        date.isoformat,
        lambda day: f"_datetime.date.fromisoformat({day.isoformat()!r})",
    ),
    "datetime": Scalar(_is(datetime), _datetime, _ready_datetime, _code_of_datetime),
    "time": Scalar(
        _is(time),
        _time,
        time.isoformat,
        lambda clock: f"_datetime.time.fromisoformat({clock.isoformat()!r})",
    ),
    "timedelta": Scalar(_is(timedelta), _timedelta, _ready_timedelta, _code_of_timedelta),
}
