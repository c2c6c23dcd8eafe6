"""What is another at each execution and says nothing: times, addresses, ids. It is masked before texts are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby

__all__ = ["masked", "masked_ids", "shown_text"]

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_DAYS = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?[AP]M)?(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_UNITS = r"(?:ns|[µμu]s|ms|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?)"

# Every pattern is read in a time that grows with the text and not with its square: what repeats is bounded, or begins
# where nothing of its own kind stands before it. A minified script or a table of data in one line is no prose anyway.
_LONGEST = 10_000  # characters of a line in which anything is masked; a longer one counts as it stands

# Times. In a table they are data and are not masked there.
_TIMES: tuple[tuple[str, str], ...] = (
    (r"datetime\.(?:datetime|date|time)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", "<time>"),
    (rf"\b\d{{4}}[-/]\d\d[-/]\d\d(?:[T ]{_CLOCK})?", "<time>"),
    (rf"\b{_DAYS},? {_MONTHS} +\d{{1,2}} {_CLOCK}(?: [A-Z]{{3,5}})? \d{{4}}", "<time>"),
    (rf"\b(?:{_DAYS},? )?\d{{1,2}} {_MONTHS},? \d{{4}}(?: {_CLOCK})?", "<time>"),
    (rf"\b(?:{_DAYS},? )?{_MONTHS} \d{{1,2}}, \d{{4}}(?:,? {_CLOCK})?", "<time>"),
    (r"(?<![\d:])\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?![\d:])", "<time>"),
    (r"(?<![\d,])\d[\d,]{0,30} loops? each", "<count> loops each"),  # %timeit chooses it by the clock
    (
        rf"(?<![\w.])\d[\d,]{{0,30}}(?:\.\d{{1,30}})?(?:e[-+]?\d{{1,4}})?\s?{_UNITS}(?:/[a-z]+)?(?!\w)",
        "<duration>",
    ),
    (r"(?<![\w.])\d[\d,]{0,30}(?:\.\d{1,30})?\s?(?:it/s|s/it|[KMG]?i?B/s)(?!\w)", "<rate>"),
)
# Bars are drawn again and again with the time that is left; their last state is the end. A bar is known by the times that
# tqdm writes behind it, and what a program says before and behind it stays: it may be the result.
_BARS: tuple[tuple[str, str], ...] = (
    (
        r" {0,2}\d{1,3}%\s?\|[^|\n]*\|[^|\[\n]*\[[\d:]{4,12}<(?:\?|[\d:]{4,12})(?:, ?[^,\]\n]{0,40})?\]?",
        "<bar>",
    ),
    (r"(?<![\d,.])\d[\d,.]{0,30}[kMG]?(?:it|B) \[[\d:]{4,12}, ?[^,\]\n]{0,40}\]?", "<bar>"),
    (r"[━█▏▎▍▌▋▊▉╸]{3,}", "<bar>"),
)
_IDS: tuple[tuple[str, str], ...] = (
    (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b", "<id>"),
    (
        r"\b(?:model|comm|display|msg|session|run|job)_id(['\"]?\s{0,8}[=:]\s{0,8}['\"]?)[\w-]{6,}",
        r"id\1<id>",
    ),
    (
        r"\b[0-7](?:[0-9a-hjkmnp-tv-z]{25}|[0-9A-HJKMNP-TV-Z]{25})\b",
        "<id>",
    ),  # a time-ordered id, as this package gives its records
    (r"\b0x[0-9a-fA-F]{6,}\b", "<address>"),
    (
        r"\b(?:9[34]\d{12}|1[34]\d{13})\b",
        "<address>",
    ),  # what id() gives on a 64-bit Linux: an address in decimals
    (r"\bid(['\"]?\s{0,8}[=:(]\s{0,8}['\"]?)\d{9,}", r"id\1<address>"),
    (r"\b([Pp][Ii][Dd]|[Pp]rocess(?: id)?)(['\"]?\s{0,8}(?:[=:#]\s{0,8})?)\d{1,10}\b", r"\1\2<pid>"),
    (r"\b(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):\d{2,5}\b", r"\1:<port>"),
    (r"(?:/private)?(?:/var/folders|/var/tmp|/tmp|/dev/shm)/[^\s'\"<>:,;)\]]*", "<path>"),
    (r"[A-Za-z]:\\[^\s'\"<>]{0,260}\\Temp\\[^\s'\"<>:,;)\]]*", "<path>"),
    (r"\bipykernel_\d+", "ipykernel_<pid>"),
    (r"(?<![^\s'\"<>=(])(?:[A-Za-z]:)?[^\s'\"<>=(]*[/\\](?=site-packages[/\\])", "<path>/"),
    # Names that libraries make up whenever they write markup.
    (r"\bT_[0-9a-f]{5}", "T_<id>"),
    (r"\bsk-(container|estimator)-id-\d+", r"sk-\1-id-<id>"),
)


def masked(text: str, more: Sequence[str] = ()) -> str:
    """Return *text* as a person reads it, with a word such as ``<time>`` for what is another at each execution.

    Parameters
    ----------
    text
        What a cell wrote: escape sequences are taken out, and of a line that was written over, the last stays. Nothing
        is masked in a line of more than 10,000 characters.
    more
        Regular expressions of the project, whose matches become ``<masked>``; they go first.
    """
    return _replaced(shown_text(text), (*_own(tuple(more)), *_known(_BARS), *_known(_IDS), *_known(_TIMES)))


def masked_ids(text: str, more: Sequence[str] = ()) -> str:
    """Return *text* with ids and addresses masked and times left: in a table they are data."""
    return _replaced(text, (*_own(tuple(more)), *_known(_IDS)))


def shown_text(text: str) -> str:
    """Return what a terminal would show of *text*: no colours, and of a line written over only its last state."""
    plain = _ESCAPES.sub("", text).replace("\r\n", "\n")
    if "\r" not in plain:
        return plain
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n"))


_Pairs = tuple[tuple[re.Pattern[str], str], ...]


@cache
def _known(patterns: tuple[tuple[str, str], ...]) -> _Pairs:
    return tuple((re.compile(pattern), word) for pattern, word in patterns)


@cache
def _own(patterns: tuple[str, ...]) -> _Pairs:
    return tuple((re.compile(pattern), "<masked>") for pattern in patterns)


def _replaced(text: str, pairs: _Pairs) -> str:
    if len(text) <= _LONGEST:
        return _each_replaced(text, pairs)
    # Short lines stay together, since a value such as a date may be printed over several of them.
    pieces: list[str] = []
    for long, lines in groupby(text.splitlines(keepends=True), key=lambda line: len(line) > _LONGEST):
        piece = "".join(lines)
        pieces.append(piece if long else _each_replaced(piece, pairs))
    return "".join(pieces)


def _each_replaced(text: str, pairs: _Pairs) -> str:
    for pattern, word in pairs:
        text = pattern.sub(word, text)
    return text
