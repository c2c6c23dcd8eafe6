"""Numbers, times and sizes as a reader wants them. Times are absolute: a saved notebook is read much later."""

from __future__ import annotations

import math
from datetime import UTC, datetime

__all__ = [
    "DASH",
    "MINUS",
    "TIMES",
    "counted",
    "duration",
    "first_line",
    "left_out",
    "moment",
    "number",
    "short",
    "signed",
    "size",
    "value",
]

MINUS = "\u2212"  # as wide as a plus, unlike the hyphen
DASH = "\u2013"  # for what is missing
TIMES = "\u00d7"
_MINUTE, _HOUR = 60.0, 3600.0
_SMALL, _LARGE = 1e-3, 1e9
_WHOLE = 1e15  # up to which every whole number is a float
_KILO = 1000.0


def number(figure: float | None, unit: str = "") -> str:
    """Return *figure* with four significant digits; a whole number whole, what is missing as a dash."""
    if figure is None:
        return DASH
    if not math.isfinite(figure):
        text = "NaN" if math.isnan(figure) else ("∞" if figure > 0 else f"{MINUS}∞")
    elif figure == int(figure) and abs(figure) < _LARGE:
        text = f"{int(figure):,}"
    elif abs(figure) < _SMALL or abs(figure) >= _LARGE:
        text = f"{figure:.2e}"
    else:
        digits = max(0, 3 - math.floor(math.log10(abs(figure))))
        text = f"{figure:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    text = text.replace("-", MINUS) if figure < 0 or "e" in text else text
    return f"{text} {unit}".strip()


def signed(figure: float | None, unit: str = "") -> str:
    """Return a difference, which always carries its sign."""
    text = number(figure, unit)
    return f"+{text}" if figure is not None and figure > 0 else text


def duration(seconds: float | None) -> str:
    """Return a span of time in the unit people would say it in."""
    if seconds is None:
        return DASH
    # Rounded before the unit is chosen: there is no 1000 ms, and no 60.0 s.
    if (thousandths := round(seconds * _KILO)) < _KILO:
        return f"{thousandths} ms"
    seconds = round(seconds, 1)
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"


def moment(at: datetime | None) -> str:
    """Return a time to the minute, in UTC."""
    return DASH if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def size(count: int | None) -> str:
    """Return a number of bytes in a unit that suits it."""
    if count is None:
        return DASH
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if round(amount, 1) < _KILO:
            break
        amount, unit = amount / _KILO, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def short(digest: str | None) -> str:
    """Return the head of a digest."""
    return (digest or "")[:6] or DASH


def counted(count: int, noun: str) -> str:
    """Return ``1 cell`` or ``3 cells``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{'es' if noun.endswith('s') else 's'}"


def left_out(rows: int, columns: int, whole: str) -> str:
    """Say how much a table holds back and where the *whole* of it is; empty for nothing."""
    parts = [
        counted(count, f"more {noun}") for count, noun in ((rows, "row"), (columns, "column")) if count > 0
    ]
    if not parts:
        return ""
    return f"{' and '.join(parts)} {'is' if rows + columns == 1 else 'are'} not shown; {whole}"


def first_line(text: str, longest: int = 120) -> str:
    """Return the first line of *text*, shortened."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def value(thing: object, longest: int = 80) -> str:
    """Return a parameter or any plain value on one line."""
    if isinstance(thing, bool) or thing is None:
        return str(thing)
    if isinstance(thing, float):
        if math.isfinite(thing) and thing.is_integer() and abs(thing) < _WHOLE:
            return str(int(thing))  # as a page says it, to which 1.0 is 1
        return f"{thing:g}" if math.isfinite(thing) else number(thing)
    if isinstance(thing, datetime):
        return moment(thing)
    return first_line(" ".join(str(thing).split()), longest)
