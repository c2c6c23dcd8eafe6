"""What a team keeps in files is read whole or refused by name; what a build server reads is written where it looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from doors.voices import Voices
from jupyter_mlops.automation import find_schedules
from jupyter_mlops.errors import Invalid, MlopsError, NotFound, Unavailable
from jupyter_mlops.operations.console import Console
from jupyter_mlops.operations.files import check, load_policy, load_schedules, mapping_in
from jupyter_mlops.operations.projects import init
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import get_policy, set_policy
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.review.books import add_version


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Voices().console(tmp_path)


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    ws = open_workspace(tmp_path, environ={})
    yield ws
    ws.store.close()


def write(place: Path, text: str, name: str = "a.yaml") -> str:
    (place / name).write_text(text, encoding="utf-8")
    return name


# --- any file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alpha: 0.3\nname: air\n", {"alpha": 0.3, "name": "air"}),
        ('{"alpha": 0.3, "steps": [1, 2]}', {"alpha": 0.3, "steps": [1, 2]}),
        ("{}", {}),
        ("none: null", {"none": None}),
    ],
)
def test_names_with_values_are_read_from_yaml_and_json(
    console: Console, tmp_path: Path, text: str, found: dict[str, object]
) -> None:
    assert mapping_in(console, write(tmp_path, text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "3: x",
        "just text",
        "a: [",
        "a: !!python/object/apply:os.getcwd []",  # a file of values runs nothing
        "day: 2026-02-30",
        "a: 0b_",
        "[" * 2_000,
        "a: \x01",
    ],
)
def test_a_file_of_anything_else_is_refused_by_its_name(console: Console, tmp_path: Path, text: str) -> None:
    name = write(tmp_path, text)

    with pytest.raises(Invalid) as refusal:
        mapping_in(console, name)

    assert name in refusal.value.message
    assert refusal.value.remedy


def test_a_file_is_looked_for_from_where_the_command_works(console: Console, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", "a: 1")
    assert mapping_in(console, "deep/a.yaml") == {"a": 1}
    assert mapping_in(console, str(tmp_path / "deep" / "a.yaml")) == {"a": 1}

    with pytest.raises(NotFound, match=r"there is no file b\.yaml") as refusal:
        mapping_in(console, "b.yaml")
    assert str(tmp_path) in refusal.value.remedy


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("folder", Invalid),
        ("bytes", Invalid),
        ("a\0b", Invalid),
        ("missing/a.yaml", NotFound),
        ("~nobody-of-this-name/a.yaml", NotFound),
    ],
)
def test_a_path_that_leads_to_no_text_is_refused_and_is_no_fault_of_ours(
    console: Console, tmp_path: Path, name: str, kind: type[MlopsError]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"a: \xff\xfe")

    with pytest.raises(kind) as refusal:
        mapping_in(console, name)

    assert name in refusal.value.message
    assert refusal.value.remedy


# --- a policy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "text", "model"),
    [
        ("given", "quorum: 2\n", "given"),
        ("", "model: named\nquorum: 2\n", "named"),
        ("", "quorum: 2\n", "pm.25"),
    ],
)
def test_a_policy_is_for_the_model_that_is_said_nearest(
    console: Console, ws: Workspace, tmp_path: Path, option: str, text: str, model: str
) -> None:
    answer = load_policy(console, [write(tmp_path, text, "pm.25.yaml")], model=option)

    assert answer.value.model == model
    assert get_policy(ws, model).quorum == 2
    assert answer.text


def test_a_policy_that_names_another_model_is_not_given_to_this_one(
    console: Console, ws: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match=r"named.*given"):
        load_policy(console, [write(tmp_path, "model: named\nquorum: 2\n")], model="given")

    for model in ("named", "given"):
        with pytest.raises(NotFound, match="has no policy"):
            get_policy(ws, model)


def test_several_files_are_one_policy(console: Console, ws: Workspace, tmp_path: Path) -> None:
    files = [
        write(tmp_path, "quorum: 2\n", "pm25.yaml"),
        write(tmp_path, "kpis:\n  - metric: mae\n", "kpis.yaml"),
    ]

    load_policy(console, files)

    policy = get_policy(ws, "pm25")
    assert (policy.quorum, [kpi.metric for kpi in policy.kpis]) == (2, ["mae"])


@pytest.mark.parametrize(
    "files", [["wrong.yaml"], ["right.yaml", "wrong.yaml"], ["right.yaml", "missing.yaml"]]
)
def test_a_policy_that_cannot_be_read_whole_changes_nothing(
    console: Console, ws: Workspace, tmp_path: Path, files: list[str]
) -> None:
    set_policy(ws, "pm25", text="quorum: 3\n")
    write(tmp_path, "author_may_approve: true\n", "right.yaml")
    write(tmp_path, "quorum: many\n", "wrong.yaml")

    with pytest.raises((Invalid, NotFound)):
        load_policy(console, files, model="pm25")

    assert get_policy(ws, "pm25").quorum == 3


# --- schedules --------------------------------------------------------------------------------------------------


def orders(ws: Workspace) -> dict[str, str]:
    return {order.name: order.when.expression for order in find_schedules(ws)}


def entry(name: str, cron: str = "0 6 * * 1") -> dict[str, str]:
    return {"name": name, "notebook": "notebooks/train.ipynb", "cron": cron}


def test_an_order_of_a_name_that_is_kept_is_replaced_and_others_stay(
    console: Console, ws: Workspace, tmp_path: Path
) -> None:
    init(console)
    load_schedules(console, write(tmp_path, json.dumps([entry("weekly"), entry("daily", "0 3 * * *")])))

    answer = load_schedules(console, write(tmp_path, json.dumps([entry("weekly", "0 7 * * 2")])))

    assert orders(ws) == {"weekly": "0 7 * * 2", "daily": "0 3 * * *"}
    assert [order.name for order in answer.value] == ["weekly"]
    assert "weekly" in answer.text
    assert "daily" not in answer.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "late", "cron": "0 6 * * 1"}, "notebook"),
        ({**entry("late"), "colour": "red"}, "colour"),
        (entry("late", "at dawn"), "at dawn"),
        ({**entry("late"), "notebook": "none.ipynb"}, "none.ipynb"),
        ({**entry("late"), "parameters": {"max_iter": "many"}}, "max_iter"),
        ({**entry("late"), "name": 7}, "name"),
    ],
)
def test_one_order_that_is_wrong_keeps_none_of_its_file(
    console: Console, ws: Workspace, tmp_path: Path, wrong: dict[str, object], said: str
) -> None:
    init(console)

    with pytest.raises((Invalid, NotFound)) as refusal:
        load_schedules(console, write(tmp_path, json.dumps([entry("early"), wrong])))

    assert said in refusal.value.message
    assert refusal.value.remedy
    assert orders(ws) == {}


@pytest.mark.parametrize("text", ["", "name: weekly", "- weekly", "- [a, b]"])
def test_a_file_that_is_no_list_of_orders_is_refused(console: Console, tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid, match=r"a\.yaml"):
        load_schedules(console, write(tmp_path, text))


# --- gates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("grade", "code"), [(Grade.CLEAN, 0), (Grade.STALE, 1)])
def test_the_exit_code_and_both_files_say_whether_the_gates_let_it_through(
    console: Console, ws: Workspace, tmp_path: Path, grade: Grade, code: int
) -> None:
    set_policy(ws, "pm25", text="minimum_grade: clean\n")
    add_version(ws, grade=grade)

    answer = check(console, "pm25:1", junit="gates.xml", markdown="gates.md")

    assert (answer.code, answer.value.passed) == (code, code == 0)
    suite = ET.parse(tmp_path / "gates.xml").getroot()
    assert bool(int(suite.get("failures", "0"))) is bool(code)
    assert len(suite.findall("testcase")) == len(answer.value.checks)
    assert "pm25:1" in (tmp_path / "gates.md").read_text(encoding="utf-8")


def test_checking_writes_nothing_but_what_was_asked_for(
    console: Console, ws: Workspace, tmp_path: Path
) -> None:
    add_version(ws)
    with ws.store.read() as tx:
        before = tx.events.head()

    check(console, "pm25:1")

    with ws.store.read() as tx:
        assert tx.events.head() == before
    assert [path.name for path in tmp_path.iterdir()] == [".mlops"]


def test_a_file_that_cannot_be_written_is_named(console: Console, ws: Workspace) -> None:
    add_version(ws)

    with pytest.raises(Unavailable, match=r"none/gates\.xml"):
        check(console, "pm25:1", junit="none/gates.xml")


def test_where_there_is_no_workspace_none_is_made_to_find_nothing_in(
    console: Console, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        check(console, "pm25:1", junit="gates.xml")

    assert list(tmp_path.iterdir()) == []
