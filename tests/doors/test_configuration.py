"""``settings``: what holds here and who said so, without what must not be shown round."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from doors.voices import Voices
from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.configuration import show_settings
from jupyter_mlops.operations.console import Answer
from jupyter_mlops.operations.reading import to_json
from jupyter_mlops.settings import Settings, read_settings

SECRET = "hunter2"


def lines_of(answer: Answer) -> dict[str, str]:
    """The shown values with their origin, by name."""
    return {
        name: rest.strip() for name, _, rest in (line.partition(" ") for line in answer.text.splitlines())
    }


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / ".mlops").mkdir(mode=0o700)
    return tmp_path / ".mlops" / "config.toml"


def test_every_setting_is_told_for_people_and_for_programs(tmp_path: Path) -> None:
    answer = show_settings(Voices().console(tmp_path))

    names = [each.name for each in fields(Settings)]
    assert list(lines_of(answer)) == [each["name"] for each in json.loads(to_json(answer.value))] == names
    assert answer.code == 0


def test_a_value_reads_as_people_write_it_and_says_who_set_it(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(
        "autolog = true\nenvironment_variables = ['LANG', 'TZ']\nsystem_seconds = 0\n", encoding="utf-8"
    )
    monkeypatch.setenv("JUPYTER_MLOPS_ALLOWED_OWNERS", "ana,bo")

    told = lines_of(show_settings(Voices().console(tmp_path)))

    assert told["autolog"] == f"yes   ({config})"
    assert told["disabled"] == "no   (default)"
    assert told["environment_variables"] == f"LANG, TZ   ({config})"
    assert told["system_seconds"].startswith("0")  # a number that is nought is no 'no'
    assert told["allowed_owners"] == "ana, bo   (JUPYTER_MLOPS_ALLOWED_OWNERS)"
    assert told["folder"] == f"{config.parent}   (found upward)"


def test_how_fits_are_recorded_reads_as_the_options_it_holds(tmp_path: Path, config: Path) -> None:
    config.write_text("[autolog]\non = true\ncandidates = 'all'\nmodels = false\n", encoding="utf-8")

    told = lines_of(show_settings(Voices().console(tmp_path)))

    assert told["autolog"] == f"yes   ({config})"
    assert told["autolog_options"] == (
        f"positive_label none, candidates all, models no, train_metrics yes   ({config})"
    )


def test_what_is_not_set_is_said_to_be_none(tmp_path: Path) -> None:
    told = lines_of(show_settings(Voices().console(tmp_path, workspace="memory://")))

    assert told["folder"].startswith("none ")
    assert told["allowed_owners"].startswith("none ")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ana:{SECRET}@db.example.org/mlops",
        f"postgresql://db.example.org/mlops?user=ana&password={SECRET}&sslmode=require",
    ],
)
def test_an_address_is_shown_without_its_password_and_used_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """People paste this into reports; the place itself must still be told."""
    monkeypatch.setenv("JUPYTER_MLOPS_STORE", url)

    answer = show_settings(Voices().console(tmp_path))

    assert SECRET not in answer.text + to_json(answer.value)
    assert "db.example.org/mlops" in lines_of(answer)["store"]
    assert read_settings(start=tmp_path).store == url


def test_a_path_keeps_the_signs_that_an_address_has_another_meaning_for(tmp_path: Path) -> None:
    place = tmp_path / "ana@home"
    place.mkdir()

    told = lines_of(show_settings(Voices().console(None, workspace=str(place))))

    assert told["store"].startswith(f"sqlite:///{place}/.mlops/store.db ")
    assert told["blobs"].startswith(f"file://{place}/.mlops/blobs ")


def test_looking_makes_nothing_and_a_file_that_is_wrong_is_named(tmp_path: Path, config: Path) -> None:
    show_settings(Voices().console(tmp_path))
    assert list(config.parent.iterdir()) == []

    config.write_text("autolog = 'perhaps'", encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        show_settings(Voices().console(tmp_path))
    assert str(config) in refusal.value.message
