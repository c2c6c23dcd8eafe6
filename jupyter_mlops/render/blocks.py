"""What a view is made of. Text and HTML are two drawings of the same blocks, so they cannot say different things."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Axis",
    "Block",
    "Box",
    "Bullets",
    "Cell",
    "Column",
    "Facts",
    "Flow",
    "Fold",
    "Item",
    "Line",
    "Overlay",
    "Picture",
    "Pictures",
    "Scatter",
    "Series",
    "Sparks",
    "Strands",
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
    """Something long behind a click: code, a diff, a traceback. Of a *brief* one characters only say the title."""

    title: str
    body: str
    open: bool = False
    diff: bool = False
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Sparks:
    """Small curves beside each other, each with its name and its last value: no legend to decode."""

    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Overlay:
    """How one metric went in several runs, in one picture; in characters a line a run.

    A run without a curve has a series without points, so that every run keeps its colour from picture to picture.
    *ends* stand below the left and the right end of the curves, *reach* beside the lowest and the highest point.
    """

    title: str
    lines: tuple[Series, ...]
    ends: tuple[str, str]
    reach: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Axis:
    """Something that runs differ in: where each run lies between least (0) and greatest (1), and what it is there."""

    name: str
    places: tuple[float | None, ...]  # None: the run has none
    said: tuple[str, ...]
    least: str
    greatest: str


@dataclass(frozen=True, slots=True)
class Strands:
    """Runs as lines across several axes; a table beside it says the same in numbers, so that characters leave it out.

    *colours* are those of the runs that have one in an overlay; *best* is the place of the best run.
    """

    title: str
    names: tuple[str, ...]
    axes: tuple[Axis, ...]
    colours: tuple[int | None, ...]
    best: int | None = None


@dataclass(frozen=True, slots=True)
class Scatter:
    """Runs as points over two axes; left out in characters, as ``Strands`` are."""

    title: str
    names: tuple[str, ...]
    x: Axis
    y: Axis
    colours: tuple[int | None, ...]
    best: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """Something that happens before or after others: its name, a word below it, and the *whole* for whoever asks."""

    name: str
    text: str
    whole: str
    needs: tuple[int, ...] = ()  # places of those it comes after
    sign: str = ""
    tone: Tone = Tone.PLAIN
    faint: bool = False  # it did not come about


@dataclass(frozen=True, slots=True)
class Flow:
    """Boxes and what each comes after; a list beside it says the same in words, so that characters leave it out."""

    title: str
    boxes: tuple[Box, ...]


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


Block = Title | Line | Facts | Table | Bullets | Fold | Sparks | Overlay | Strands | Scatter | Flow | Pictures
