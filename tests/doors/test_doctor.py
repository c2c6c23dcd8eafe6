"""The doctor: looks at everything, lives to tell it, and says by its exit code whether something must be mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors.voices import Voices
from jupyter_mlops.errors import Unavailable
from jupyter_mlops.operations import doctor as module
from jupyter_mlops.operations.checkups import CHECKS, advice, broken, fine
from jupyter_mlops.operations.doctor import Finding, State, doctor, examine
from jupyter_mlops.operations.reading import to_json
from jupyter_mlops.settings import Settings
from jupyter_mlops.workspace import open_workspace


def well(_: Settings | None) -> Iterator[Finding]:
    yield fine("heart", "beats")


def tired(_: Settings | None) -> Iterator[Finding]:
    yield advice("sleep", "little", "Go to bed.")


def ill(_: Settings | None) -> Iterator[Finding]:
    yield broken("leg", "in two places", "Keep it still.")


def falls_over(_: Settings | None) -> Iterator[Finding]:
    yield fine("eyes", "open")
    raise ZeroDivisionError("by nought")


def refused(_: Settings | None) -> Iterator[Finding]:
    raise Unavailable("the store is away", remedy="Bring it back.")
    yield


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch):
    """Have the doctor look at these things only."""

    def at(*checks) -> None:
        monkeypatch.setattr(module, "CHECKS", tuple((check.__name__, check) for check in checks))

    return at


@pytest.mark.parametrize(
    ("checks", "ok", "code"),
    [((well,), True, 0), ((well, tired), True, 0), ((tired, ill), False, 1), ((falls_over, well), False, 1)],
)
def test_only_what_is_broken_fails(tmp_path: Path, looks, checks, ok: bool, code: int) -> None:
    looks(*checks)

    answer = doctor(Voices().console(tmp_path))

    assert (answer.value.ok, answer.code) == (ok, code)


def test_each_thing_is_a_line_with_its_mark_and_its_remedy_under_it(tmp_path: Path, looks) -> None:
    looks(well, tired, ill)

    *lines, last = doctor(Voices().console(tmp_path)).text.splitlines()

    assert [line.split() for line in lines] == [
        ["✓", "heart", "beats"],
        ["!", "sleep", "little"],
        ["Go", "to", "bed."],
        ["✗", "leg", "in", "two", "places"],
        ["Keep", "it", "still."],
    ]
    assert "1 of 3" in last


def test_a_check_that_itself_fails_is_a_finding_and_the_others_are_made(tmp_path: Path, looks) -> None:
    looks(falls_over, refused, well)

    diagnosis = examine(start=tmp_path)

    assert [(each.name, each.state) for each in diagnosis.findings] == [
        ("eyes", State.FINE),  # found before it fell
        ("falls_over", State.BROKEN),
        ("refused", State.BROKEN),
        ("heart", State.FINE),
    ]
    _, fell, away, _ = diagnosis.findings
    assert "ZeroDivisionError: by nought" in fell.text
    assert fell.remedy
    assert (away.text, away.remedy) == ("the store is away", "Bring it back.")


def test_it_says_what_it_is_at_before_it_looks(tmp_path: Path, looks) -> None:
    voices = Voices()
    looks(well, ill)

    doctor(voices.console(tmp_path))

    assert [[name in line for name in ("well", "ill")] for line in voices.shown] == [
        [True, False],
        [False, True],
    ]
    assert voices.told == []


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_place_that_is_nowhere_is_found_before_the_first_run_fails_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks, by: str
) -> None:
    looks(well, *(check for name, check in CHECKS if name == "workspace"))
    place = str(tmp_path / "a" / "b")
    if by == "environment":
        monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", place)

    diagnosis = examine(place if by == "argument" else None, start=tmp_path)

    assert not diagnosis.ok
    (nowhere,) = (each for each in diagnosis.findings if each.name == "workspace")
    assert nowhere.state is State.BROKEN
    assert place in nowhere.text
    assert nowhere.remedy
    assert "heart" in {each.name for each in diagnosis.findings}
    assert list(tmp_path.iterdir()) == []


def test_without_settings_what_needs_none_is_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / ".mlops").mkdir(mode=0o700)
    (tmp_path / ".mlops" / "config.toml").write_text("[", encoding="utf-8")

    names = [each.name for each in examine(start=tmp_path).findings]

    assert names.count("workspace") == 1
    assert {"python", "packages", "server", "git", "kernel"} <= set(names)
    assert {"locking", "journal"}.isdisjoint(names)


def test_the_record_is_one_for_scripts(tmp_path: Path, looks) -> None:
    looks(well, ill)

    told = json.loads(to_json(doctor(Voices().console(tmp_path)).value))

    assert told["ok"] is False
    assert told["version"]
    assert told["findings"][1] == {
        "name": "leg",
        "state": "broken",
        "text": "in two places",
        "remedy": "Keep it still.",
    }


def test_the_workspace_that_is_named_is_the_one_that_is_looked_at(tmp_path: Path, looks) -> None:
    looks(*(check for name, check in CHECKS if name == "workspace"))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        open_workspace(tmp_path / name, environ={}).store.close()

    answer = doctor(Voices().console(tmp_path / "here", workspace=str(tmp_path / "there")))

    assert str(tmp_path / "there") in answer.text
    assert str(tmp_path / "here") not in answer.text
