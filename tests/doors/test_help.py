"""What help says can be typed as it stands: examples, the words in the place of arguments, one spelling for one thing."""

from __future__ import annotations

import re
import shlex

import pytest

from jupyter_mlops.cli import main
from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.binding import arguments_of, summary_of
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.words import help_of, overview, read_words
from jupyter_mlops.workspace import Workspace

ROWS = (*PROCESSES, *OPERATIONS)
ASKING = [
    (row, argument)
    for row in OPERATIONS
    for argument in arguments_of(row.verb)
    if argument.name in {"query", "order"}
]
asking = pytest.mark.parametrize(
    ("row", "argument"), ASKING, ids=[f"{row.name}-{argument.name}" for row, argument in ASKING]
)


def shown_example(row, name: str) -> str:
    """Return the example of an argument as the help shows it, put together from its lines."""
    text = " ".join(help_of(row).partition("everywhere on the line")[0].split())
    place = text.index(" QUERY ", text.index("arguments:" if "arguments:" in text else "options:"))
    if name == "order":
        place = text.index(" --order ORDER ", text.index("options:"))
    found = re.match(r".*? For example: (.*?)(?: \(default: [^)]*\))?(?= --| options:|$)", text[place:])
    assert found, text
    return found[1]


@asking
def test_the_example_that_help_shows_is_answered_by_a_real_store(
    ws: Workspace, memory_ws: Workspace, row, argument
) -> None:
    example = shown_example(row, argument.name)

    assert example == argument.example
    for workspace in (ws, memory_ws):
        request = read_words([*command_of(row), *_said(row, argument, example)], OPERATIONS)
        assert request.arguments[argument.name] == example
        assert len(row.verb(workspace, **request.arguments)) == 0


@asking
def test_who_types_it_wrongly_is_shown_the_same_example(ws: Workspace, row, argument) -> None:
    with pytest.raises(Invalid) as refused:
        row.verb(ws, **{argument.name: "status = ="})

    assert refused.value.remedy == f"For example: {argument.example}"


def _said(row, argument, text: str) -> list[str]:
    positional = f"{{{argument.name}}}" in row.words
    return [text] if positional else [f"--{argument.name}", text]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_stands_for_an_argument_says_what_is_expected_and_not_its_name_in_python(row) -> None:
    usage = help_of(row).partition("\n")[0]

    assert "_" not in usage
    assert not re.search(r"\b(LIMIT|TIMEOUT|WORKERS|AFTER|REASON|COMMENT|REGISTER|RUNS|FILES)\b", usage)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("job submit", ["--register MODEL", "--review-for ALIAS", "--cell-timeout SECONDS", "--retries N"]),
        ("schedule add", ["--on-drift DEPLOYMENT", "--timezone PLACE", "--register MODEL"]),
        ("run", ["-o FILE", "--register MODEL", "--timeout SECONDS", "--experiment NAME"]),
        ("metric", ["RUN METRIC", "--limit N"]),
        ("dataset show", ["NAME:VERSION"]),
        ("compare", ["RUN [RUN ...]"]),
        ("report", ["--since TIME"]),
        ("export", ["--runs QUERY"]),
    ],
)
def test_the_word_follows_from_the_arguments_name_and_type(line: str, words: list[str]) -> None:
    row = next(row for row in ROWS if command_of(row) == tuple(line.split()))

    usage = help_of(row).partition("\n")[0]

    assert [word for word in words if word not in usage] == []


@pytest.mark.parametrize(
    "line",
    [
        "run a.ipynb --register pm25",
        "job submit a.ipynb --register pm25",
        "schedule add weekly a.ipynb --cron '0 6 * * 1' --register pm25",
    ],
)
def test_a_model_to_register_under_is_spelled_the_same_wherever_a_notebook_is_run(line: str) -> None:
    assert read_words(shlex.split(line), ROWS).arguments["register_as"] == "pm25"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_first_line_speaks_to_who_types_and_not_to_who_calls(row) -> None:
    raw = (row.verb.__doc__ or "").partition("\n")[0]

    assert not raw.startswith("Return")
    assert not re.search(r"\*\w+\*", raw), "names a parameter as Python does"
    assert summary_of(row.verb).endswith(".")


def test_a_schedule_is_called_so_and_nothing_else(capsys) -> None:
    told = overview(ROWS) + "".join(help_of(row) for row in ROWS)

    assert "schedule" in told
    assert not re.search(r"standing order|definition", told, re.IGNORECASE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["schedule", "list", "colour = 'red'"], "schedules have no attribute 'colour'"),
        (["drifts", "metrics.mae > 3"], "drift reports have no metrics"),
        (["schedule", "pause", "none"], "there is no schedule 'none'"),
    ],
)
def test_a_refusal_calls_records_as_people_do(
    memory_ws: Workspace, capsys, words: list[str], said: str
) -> None:
    assert main(words, ws=memory_ws) != 0

    assert said in capsys.readouterr().err
