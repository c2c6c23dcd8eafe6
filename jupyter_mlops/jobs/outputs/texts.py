"""Two texts, read as a person reads them: structures by their values, tables by their cells, the rest line by line."""

from __future__ import annotations

import re
from itertools import zip_longest

from jupyter_mlops.jobs.outputs.masks import masked, shown_text
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, Rules, compared_figures, differs, was, within
from jupyter_mlops.jobs.outputs.structures import compare_structures, parsed
from jupyter_mlops.jobs.outputs.tables import compare_tables, text_table
from jupyter_mlops.records.reproduced import ReproductionVerdict

__all__ = ["compare_lines", "compare_texts"]

# A number that is no part of a word or of a version.
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w]|\.\d)")
# How far numbers stand apart, and how long a rule is, follows the width of the numbers.
_SPACE = re.compile(r"[ \t]+")
_RULE = re.compile(r"([-=_~])\1{2,}")


def compare_texts(before: str, after: str, rules: Rules) -> Compared:
    """Compare two texts: a structure or a table that both are by its values, any other text line by line."""
    if before == after:
        return SAME
    structures = parsed(before), parsed(after)
    if structures[0] is not None and structures[1] is not None:
        return compare_structures(structures[0], structures[1], rules)
    tables = text_table(shown_text(before)), text_table(shown_text(after))
    if tables[0] is not None and tables[1] is not None:
        return compare_tables((tables[0],), (tables[1],), rules)
    return compare_lines(masked(before, rules.masks), masked(after, rules.masks), rules)


def compare_lines(before: str, after: str, rules: Rules) -> Compared:
    """Compare masked texts line by line: words exactly, numbers within the tolerance; empty lines are looked past."""
    found = SAME
    lines = [[line for line in text.splitlines() if line.strip()] for text in (before, after)]
    for number, (one, two) in enumerate(zip_longest(*lines), 1):
        compared = _compare_line(one, two, rules)
        if compared.differs:
            return differs(_place(number, lines) + compared.says)
        if found is SAME and compared is not SAME:
            found = within(_place(number, lines) + compared.says)
    return found


def _place(number: int, lines: list[list[str]]) -> str:
    return f"line {number} " if max(map(len, lines)) > 1 else ""


def _compare_line(before: str | None, after: str | None, rules: Rules) -> Compared:
    if before is None or after is None:
        return differs(f"is new: {after}" if before is None else f"is gone: {before}")
    if before.rstrip() == after.rstrip():
        return SAME
    if _words(before) != _words(after):
        return differs(was(before, after))
    return _compare_numbers(_NUMBER.findall(before), _NUMBER.findall(after), rules)


def _words(line: str) -> list[str]:
    spaced = (_SPACE.sub(" ", _RULE.sub(r"\1\1\1", part)).strip() for part in _NUMBER.split(line))
    return list(spaced)


def _compare_numbers(before: list[str], after: list[str], rules: Rules) -> Compared:
    found = SAME
    for one, two in zip(before, after, strict=True):
        verdict = compared_figures(one, two, rules)
        if verdict is ReproductionVerdict.DIFFERS:
            return differs(was(one, two))
        if found is SAME and verdict is ReproductionVerdict.WITHIN_TOLERANCE:
            found = within(was(one, two))
    return found
