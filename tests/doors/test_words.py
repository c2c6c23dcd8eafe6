"""Words to a call: positional, options, flags, lists, mappings, records, help, completion."""

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors.samples import ROWS, Box, Colour
from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.binding import summary_of
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.reading import to_json
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.words import HelpWanted, complete, help_of, read_words, usage_of

FIND, PAINT, JOIN, MARK, PACK, PUT = ROWS
REAL = (*PROCESSES, *OPERATIONS)


def said(line: str):
    request = read_words(shlex.split(line), ROWS)
    return request.row, request.arguments


@pytest.mark.parametrize(
    ("line", "row", "arguments"),
    [
        ("find", FIND, {}),
        ("find 'a < 3'", FIND, {"query": "a < 3"}),
        ("find --limit 3 q --order 'x desc'", FIND, {"query": "q", "limit": 3, "order": "x desc"}),
        ("find q --all", FIND, {"query": "q", "all": True}),
        ("find --limit=3", FIND, {"limit": 3}),
        ("thing paint wall red", PAINT, {"thing": "wall", "colour": Colour.RED}),
        ("thing paint --share 0.5 wall red --no-dry", PAINT, {"thing": "wall", "colour": Colour.RED, "share": 0.5, "dry": False}),
        ("thing paint wall --share -1 green", PAINT, {"thing": "wall", "colour": Colour.GREEN, "share": -1.0}),
        ("join a", JOIN, {"parts": ["a"]}),
        ("join a b --weights 1 --weights 2 c", JOIN, {"parts": ["a", "b", "c"], "weights": [1.0, 2.0]}),
        ("mark x -v a 1 -v b text -v c -0.5", MARK, {"thing": "x", "values": {"a": "1", "b": "text", "c": "-0.5"}}),
        ("mark x --values a 1", MARK, {"thing": "x", "values": {"a": "1"}}),
        ("pack --label l --height 2 -t a true --fast", PACK, {"box": Box(label="l", height=2, tags={"a": True}), "fast": True}),
        ("put cup --on shelf", PUT, {"thing": "cup", "shelf": "shelf"}),
        ("put cup --on shelf -s 3", PUT, {"thing": "cup", "shelf": "shelf", "size": 3}),
        ("put cup --on shelf --size tall", PUT, {"thing": "cup", "shelf": "shelf", "size": "tall"}),
        ("put -5 --on s", PUT, {"thing": "-5", "shelf": "s"}),
        ("join a --weights 1 b -- --json -x", JOIN, {"parts": ["a", "b", "--json", "-x"], "weights": [1.0]}),
        ("join -- --json", JOIN, {"parts": ["--json"]}),
    ],
)  # fmt: skip
def test_a_line_is_understood(line, row, arguments):
    assert said(line) == (row, arguments)


@pytest.mark.parametrize("line", ["--json find q", "find --json q", "find q --json"])
def test_what_every_command_takes_may_stand_anywhere(line):
    request = read_words(shlex.split(line), ROWS)

    assert request.arguments == {"query": "q"}
    assert request.options.json


@pytest.mark.parametrize("line", ["--workspace /w find", "find --workspace /w", "find --workspace=/w"])
def test_the_workspace_may_be_named_anywhere(line):
    assert read_words(shlex.split(line), ROWS).options.workspace == "/w"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("thing paint wall", "missing 'colour'"),
        ("thing paint wall blue", "colour: expected one of 'red', 'green'"),
        ("find --limit few", "limit: expected integer"),
        ("find --bogus", "unknown: --bogus"),
        ("find a b", "unknown: b"),
        ("find --lim 3", "unknown: --lim"),
        ("join", "missing 'parts'"),
        ("put cup", "missing 'shelf'"),
        ("pack --height 2", "box: missing 'label'"),
        ("pack", "missing 'box'"),
        ("mark x -v a", "expected 2 arguments"),
        ("find -x", "unknown: -x"),
        ("fnd", "there is no command 'fnd'"),
        ("thing polish", "there is no command 'thing polish'"),
        ("find --workspace", "--workspace: expected a folder"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_and_never_ends_the_process(line, message):
    with pytest.raises(Invalid) as refused:
        said(line)

    assert message in refused.value.message


def test_a_slip_is_answered_with_what_was_meant():
    with pytest.raises(Invalid) as refused:
        said("fnd")

    assert "find" in refused.value.remedy


@pytest.mark.parametrize(
    "line", ["", "--help", "-h", "thing", "thing --help", "find --help", "thing paint -h", "fnd --help"]
)
def test_help_is_asked_for_in_every_usual_way(line):
    with pytest.raises(HelpWanted) as wanted:
        said(line)

    assert "usage: jupyter mlops" in str(wanted.value)


def test_help_of_a_group_lists_the_group_only():
    with pytest.raises(HelpWanted) as wanted:
        said("thing")

    assert "thing paint" in str(wanted.value)
    assert "Join parts" not in str(wanted.value)


def test_help_says_types_defaults_choices_and_what_the_docstring_says():
    text = help_of(FIND)

    assert "A filter, up to 100 % of it." in text
    assert "(default: 10)" in text
    assert "--workspace PLACE" in text
    assert "red|green" in help_of(PAINT)


@pytest.mark.parametrize(
    ("row", "usage"),
    [
        (FIND, "jupyter mlops find [QUERY] [--limit N] [--order ORDER] [--all]"),
        (PAINT, "jupyter mlops thing paint THING red|green [--share NUMBER] [--no-dry]"),
        (JOIN, "jupyter mlops join PART [PART ...] [--weights NUMBER]..."),
        (MARK, "jupyter mlops mark THING -v NAME VALUE [--when TIME]"),
        (PUT, "jupyter mlops put THING --on SHELF [-s SIZE]"),
    ],
)
def test_usage_is_one_line_with_what_is_needed_first(row, usage):
    assert usage_of(row) == usage


def test_the_program_is_named_as_it_was_called():
    assert usage_of(FIND, program="%mlops").startswith("%mlops find")


def test_a_command_is_its_plain_words():
    assert [" ".join(command_of(row)) for row in ROWS] == [
        "find",
        "thing paint",
        "join",
        "mark",
        "pack",
        "put",
    ]


@pytest.mark.parametrize(
    ("words", "last", "offers"),
    [
        ([], "", ["find", "join", "mark", "pack", "put", "thing"]),
        ([], "p", ["pack", "put"]),
        (["thing"], "", ["paint"]),
        (
            ["thing", "paint", "wall"],
            "",
            ["--dry", "--help", "--json", "--no-dry", "--share", "--workspace", "green", "red"],
        ),
        (["thing", "paint", "wall"], "r", ["red"]),
        (["find"], "--l", ["--limit"]),
        (["find"], "--w", ["--workspace"]),
        (["put"], "--", ["--help", "--json", "--on", "--size", "--workspace"]),
        (["nothing"], "", []),
    ],
)
def test_completion_offers_what_may_stand_there(words, last, offers):
    assert complete(words, last, ROWS) == offers


@given(st.lists(st.text(max_size=12), max_size=6))
def test_no_line_does_anything_but_be_understood_refused_or_answered_with_help(words):
    try:
        request = read_words(words, ROWS)
    except (Invalid, HelpWanted):
        return
    assert request.row in ROWS


def test_the_options_of_a_records_fields_are_explained_like_any_other():
    text = " ".join(help_of(_row("job.submit")).split())

    assert "--timeout SECONDS seconds for the whole job; without any, no limit" in text
    assert "--retries N how often it is tried again after it failed (default: 0)" in text


def test_help_for_programs_tells_every_argument_as_the_text_does():
    with pytest.raises(HelpWanted) as wanted:
        read_words(["slice", "--help", "--json"], REAL)

    told = wanted.value.told
    assert (told["command"], told["operation"]) == ("slice", "run.slice")
    run, to = told["arguments"]
    assert (run["name"], run["options"], run["required"]) == ("run", [], True)
    assert (to["options"], to["choices"], to["default"]) == (["--to"], ["text", "notebook", "script"], "text")
    assert all(argument["help"] for argument in told["arguments"])


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_every_command_can_describe_itself_in_json(row):
    with pytest.raises(HelpWanted) as wanted:
        read_words([*command_of(row), "--help"], REAL)

    told = json.loads(to_json(wanted.value.told))
    assert told["usage"].startswith(f"jupyter mlops {told['command']}")


def test_a_list_of_commands_is_json_too():
    with pytest.raises(HelpWanted) as wanted:
        read_words(["review"], REAL)

    assert {
        "command": "review decide",
        "summary": summary_of(_row("review.decide").verb),
    } in wanted.value.told["commands"]


def _row(name):
    return next(row for row in REAL if row.name == name)
