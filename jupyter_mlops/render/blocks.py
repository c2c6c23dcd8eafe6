"""What a view is made of. Text and HTML are two drawings of the same blocks, so they cannot say different things."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Column",
    "Facts",
    "Fold",
    "Item",
    "Line",
    "Picture",
    "Pictures",
    "Series",
    "Sparks",
    "Table",
    "Title",
    "Tone",
]


class Tone(StrEnum):
    """What a sign means. A colour follows it; a sign or a word always goes with the colour."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Title:
    """The name of the thing, its state, and a word aside."""

    text: str
    sign: str = ""
    tone: Tone = Tone.PLAIN
    state: str = ""
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; *strong* for the one that answers the question."""

    text: str
    sign: str = ""
    tone: Tone = Tone.PLAIN
    strong: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand at the right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A small curve: its name, its points from left to right, and what stands beside it."""

    name: str
    points: tuple[tuple[float, float], ...]
    text: str


Cell = str | Series  # of a curve in a cell the text is said and not shown


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; *note* says what was left out."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list."""

    text: str
    sign: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list under a title."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Something long behind a click: code, a diff, a traceback."""

    title: str
    body: str
    open: bool = False
    diff: bool = False


@dataclass(frozen=True, slots=True)
class Sparks:
    """Small curves beside each other, each with its name and its last value: no legend to decode."""

    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of one side: whose it is, what there is of it in words, and a data address where it can be shown."""

    name: str
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Small pictures next to each other; in characters what is known of each."""

    title: str
    sides: tuple[Picture, ...]


Block = Title | Line | Facts | Table | Bullets | Fold | Sparks | Pictures
