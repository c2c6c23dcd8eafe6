"""Plain text: nothing in it acts, columns stand under each other in a terminal, what is long stays readable."""

from __future__ import annotations

import unicodedata

import pytest

from jupyter_mlops.render.blocks import Bullets, Column, Facts, Fold, Item, Line, Series, Sparks, Table, Title
from jupyter_mlops.render.text import as_text, text_of
from tests.render.blocks_shown import every_block

ACTS = {
    "colour": "\x1b[31mred\x1b[0m",
    "colour with colons": "\x1b[38:2::255:0:0mred\x1b[m",
    "screen": "\x1b[2J\x1b[Hgone",
    "window's title": "\x1b]0;owned\x07x",
    "link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "one byte sequence": "\x9b31mred",
    "line written over": "safe\rdelete",
    "letters taken back": "safe\b\b\b\bdelete",
    "text turned round": "\u202egnp.exe",
    "nothing to be seen": "a\u200bb\ufeffc",
    "no character": "\udc80",
}


def columns(text: str) -> list[str]:
    """The lines as a terminal with a fixed width for each character would show them, one cell each."""
    wide = {"日": 2, "本": 2, "語": 2, "🚀": 2, "\u0301": 0, "\ufe0f": 0, "\u0941": 0}
    return [
        "".join(c + "_" * (wide.get(c, 1) - 1) for c in line if wide.get(c) != 0)
        for line in text.splitlines()
    ]


@pytest.mark.parametrize("acting", ACTS.values(), ids=ACTS)
def test_nothing_acts_wherever_in_a_block_it_stands(acting: str) -> None:
    shown = text_of(every_block(f"before {acting} after"))

    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs"}]
    assert shown.count("before") == shown.count("after") == text_of(every_block("before")).count("before")


@pytest.mark.parametrize("broken", ["one\ntwo", "one\ttwo", "one\u2028two", "one\u2029two"])
def test_a_text_that_breaks_lines_breaks_no_row(broken: str) -> None:
    blocks = [
        Title(broken, state=broken, aside=broken),
        Line(broken),
        Facts(((broken, broken),)),
        Table((Column(broken),), ((broken,),), title=broken, note=broken),
        Bullets(broken, (Item(broken),)),
        Sparks((Series(broken, ((0, 1.0),), broken),)),
    ]

    lines = text_of(blocks).splitlines()

    assert len(lines) == 10
    assert all("one two" in line for line in lines)


def test_columns_stand_under_each_other_however_wide_a_terminal_draws_their_characters() -> None:
    names = ("plain", "日本語", "🚀", "cafe\u0301", "❤\ufe0f", "स\u0941")
    table = Table(
        (Column("name"), Column("mae", numeric=True), Column("end")),
        tuple((name, str(10**n), "|") for n, name in enumerate(names)),
    )
    facts = Facts(tuple((name, "|") for name in names))
    sparks = Sparks(tuple(Series(name, (), "|") for name in names))

    for block in (table, facts, sparks):
        lines = [line for line in columns(text_of([block])) if "|" in line]
        assert len(lines) == len(names)
        assert len({line.index("|") for line in lines}) == 1


def test_numbers_end_and_words_begin_at_one_place() -> None:
    table = Table((Column("name"), Column("mae", numeric=True)), (("a", "1.5"), ("longer", "1,000")))

    assert text_of([table]).splitlines() == ["  name      mae", "  a         1.5", "  longer  1,000"]


def test_what_acts_does_not_count_when_columns_are_measured() -> None:
    facts = Facts((("\x1b[31ma\x1b[0m", "one"), ("bb", "two")))

    assert text_of([facts]).splitlines() == ["  a   one", "  bb  two"]


def test_a_long_cell_goes_on_below_itself_and_loses_no_word() -> None:
    words = [f"word{n}" for n in range(60)]
    table = Table(
        (Column("id"), Column("said"), Column("by")), (("x1", " ".join(words), "ana"), ("x2", "-", "bo"))
    )

    _, first, *more = text_of([table]).splitlines()

    assert first.split()[0] == "x1"
    assert first.split()[-1] == "ana"
    assert max(len(line) for line in (first, *more)) < 120
    assert " ".join((first.removesuffix("ana"), *more[:-1])).replace("x1", "").split() == words
    assert {line.index("word") for line in (first, *more[:-1])} == {first.index("word0")}
    assert more[-1].split() == ["x2", "-", "bo"]


def test_two_long_cells_share_the_width_of_a_line() -> None:
    long = "some words " * 30
    table = Table((Column("left"), Column("right")), ((long, long),))

    assert max(len(line) for line in text_of([table]).splitlines()) < 110


def test_a_word_without_a_place_to_break_it_stays_whole() -> None:
    digest = "ab" * 80

    assert digest in text_of([Table((Column("digest"),), ((f"sha {digest}",),))])


@pytest.mark.parametrize(("count", "told"), [(60, ""), (61, "… 1 more lines"), (1000, "… 940 more lines")])
def test_a_fold_shows_its_beginning_and_counts_the_rest(count: int, told: str) -> None:
    lines = text_of([Fold("Traceback", "\n".join(f"line {n}" for n in range(count)))]).splitlines()

    assert lines[:2] == ["  Traceback", "    line 0"]
    assert lines[60] == "    line 59"
    assert [line.strip() for line in lines[61:]] == ([told] if told else [])


def test_of_a_brief_fold_characters_only_say_what_it_is() -> None:
    assert text_of([Fold("Environment", "line 0\nline 1", brief=True)]) == "  Environment"


def test_code_in_a_fold_keeps_its_indentation() -> None:
    assert text_of([Fold("Code", "if x:\n\n    y = 1")]).splitlines() == [
        "  Code",
        "    if x:",
        "",
        "        y = 1",
    ]


def test_what_is_missing_leaves_no_hole() -> None:
    assert text_of([Title("name", aside="ana")]) == "name   ana"
    assert text_of([Title("name", sign="✓")]) == "✓ name"
    assert text_of([Facts(())]) == ""
    assert text_of([Table((Column("a"), Column("b")), ())]) == "  a  b"
    assert text_of([]) == ""
    assert text_of([Facts((("name", ""), ("other", "x")))]).splitlines()[0] == "  name"


def test_text_ends_without_a_line_break() -> None:
    assert as_text("one\ntwo\n").endswith("two")
