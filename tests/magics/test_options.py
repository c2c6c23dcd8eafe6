"""The ``%%track`` line: read before the cell, executed never."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.magics.options import options_of, parse_track, without_track
from jupyter_mlops.settings import OnRerun


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_every_option_is_read():
    found = parse_track("base -e air/pm25 --tag team=risk --tag a=b=c --as exp --on-rerun continue")
    assert found.name == "base"
    assert found.experiment == "air/pm25"
    assert found.tags == (("team", "risk"), ("a", "b=c"))
    assert (found.variable, found.on_rerun) == ("exp", OnRerun.CONTINUE)
    assert parse_track("'two words' --experiment 'my air'").name == "two words"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "name"),
        ("a b", "unrecognized"),
        ("a --nope", "--nope"),
        ("a --tag x", "not K=V"),
        ("a --tag =x", "not K=V"),
        ("a --as 2x", "not a variable"),
        ("a --as class", "not a variable"),
        ("a --on-rerun maybe", "invalid choice"),
        ("'open", "no closing quotation"),
        ("a --exp x", "unrecognized"),  # no abbreviations: they change meaning as options are added
        ("''", "empty"),
    ],
)
def test_a_wrong_line_says_what_is_wrong_and_what_is_right(line, why):
    with pytest.raises(Invalid, match=why) as failure:
        parse_track(line)
    assert "Usage: %%track NAME" in failure.value.remedy


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("%%track a\nx = 1\n", "\nx = 1\n"),
        ("\n\n%%track a -e b\nx = 1", "\n\n\nx = 1"),
        ("%%track a\n%%time\nx = 1", "%%time\nx = 1"),
        ("%%time\n%%track a\nx = 1", "%%time\n\nx = 1"),
        ("%%capture out\n%%time\n%%track a\nx", "%%capture out\n%%time\n\nx"),
        ("%%track a", "\n"),
        ("%%track a --nope\nx = 1", "%%track a --nope\nx = 1"),
        ("%%tracker a\nx = 1", "%%tracker a\nx = 1"),
        ("%%track?", "%%track?"),
        ("x = 1\n%%track a", "x = 1\n%%track a"),
        ("%%writefile f.py\n%%track a\nx", "%%writefile f.py\n%%track a\nx"),
        ("%%html\n%%track a\n<p>", "%%html\n%%track a\n<p>"),
        ("text = '''\n%%track a\n'''", "text = '''\n%%track a\n'''"),
        ("", ""),
        ("%%\n%%track a", "%%\n%%track a"),
    ],
)
def test_the_line_goes_and_everything_else_stays_on_its_line(cell, left):
    given = lines(cell)
    assert "".join(without_track(given)) == left
    assert "".join(given) == cell  # pure: nothing is changed in place
    assert without_track(without_track(given)) == without_track(given)


def test_options_are_found_wherever_the_line_may_stand():
    assert options_of("%%time\n%%track a -e b\n1").experiment == "b"
    assert options_of("1\n%%track a") is None
    assert options_of("%%track a --nope\n1") is None


def test_a_run_to_be_resumed_needs_no_name_beside_it():
    alone, named = parse_track("--resume a3f91c"), parse_track("again --resume a3f91c")
    assert (alone.name, alone.resume) == ("a3f91c", "a3f91c")
    assert (named.name, named.resume) == ("again", "a3f91c")
    assert parse_track("base").resume == ""
