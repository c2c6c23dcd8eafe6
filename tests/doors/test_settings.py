"""Settings: what wins over what, what is refused and where it was written, and that each is somebody's."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from jupyter_mlops.cli import main
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.settings import MailSecurity, OnRerun, Settings, explain_settings, read_settings

HOUSE = Path(__file__).parents[2] / "jupyter_mlops"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / ".mlops"
    folder.mkdir(mode=0o700)
    return folder / "config.toml"


def origins(
    start: Path, environ: dict[str, str] | None = None, **changes: object
) -> dict[str, tuple[object, str]]:
    found = explain_settings(start=start, environ=environ or {}, **changes)
    return {each.name: (each.value, each.origin) for each in found}


def test_arguments_win_over_the_environment_and_that_over_the_file(tmp_path: Path, config: Path) -> None:
    config.write_text("store = 'sqlite:///of-file.db'\nautolog = true\ndisabled = false\n", encoding="utf-8")
    environ = {"JUPYTER_MLOPS_STORE": "sqlite:///of-environment.db", "JUPYTER_MLOPS_DISABLED": "1"}

    found = origins(tmp_path, environ, disabled=False)

    assert found["store"] == ("sqlite:///of-environment.db", "JUPYTER_MLOPS_STORE")
    assert found["autolog"] == (True, str(config))
    assert found["disabled"] == (False, "argument")
    assert found["lease_seconds"] == (30.0, "default")
    assert found["folder"] == (str(config.parent), "found upward")


def test_what_is_explained_is_what_is_read(tmp_path: Path, config: Path) -> None:
    config.write_text("on_rerun = 'replace'\nallowed_owners = ['ana']\n", encoding="utf-8")
    settled = read_settings(start=tmp_path, environ={})

    explained = explain_settings(start=tmp_path, environ={})

    assert [each.name for each in explained] == [each.name for each in fields(Settings)]
    assert settled.on_rerun is OnRerun.REPLACE
    assert settled.allowed_owners == ("ana",)
    assert {each.name: each.value for each in explained}["allowed_owners"] == ["ana"]


def test_the_place_says_who_named_it(tmp_path: Path) -> None:
    place = tmp_path / "there"
    named = {each.name: each.origin for each in explain_settings(place, environ={})}
    told = {
        each.name: each.origin for each in explain_settings(environ={"JUPYTER_MLOPS_WORKSPACE": str(place)})
    }
    url = {each.name: each.origin for each in explain_settings("memory://", environ={})}

    assert named["folder"] == "argument"
    assert told["folder"] == "JUPYTER_MLOPS_WORKSPACE"
    assert url["store"] == "argument"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lease_seconds = 'long'", "lease_seconds: expected a number"),
        ("autolog = 'yes'", "autolog: expected boolean"),
        ("[autolog]\non = 'yes'", "autolog: expected boolean"),
        ("[autolog]\nmodels = 'no'", "autolog.models: expected boolean"),
        ("[autolog]\ncandidates = -1", "autolog: candidates must be a whole number from 0 to 1000 or 'all'"),
        ("[autolog]\ncolour = 'red'", "autolog: unknown 'colour'"),
        ("prepared_kernels = 'always'", "prepared_kernels: expected one of 'auto', 'never'"),
        ("on_rerun = 'forget'", "on_rerun: expected one of 'continue', 'replace', 'fork'"),
        ("mail_security = 'ssl'", "mail_security: expected one of 'starttls', 'tls', 'none'"),
        (
            "mail_password = 'hunter2'",
            "mail_password must say where the password is, never the password itself",
        ),
        ("mail_password = 'file:hunter2'", "mail_password must say where the password is"),
        ("mail_password = 'env:hunter2 '", "mail_password must say where the password is"),
        ("allowed_owners = 'ana'", "allowed_owners: expected an array"),
        ("unheard_of = 1", "unknown setting unheard_of"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_file_it_stands_in(
    tmp_path: Path, config: Path, line: str, said: str
) -> None:
    config.write_text(line, encoding="utf-8")

    with pytest.raises(Invalid) as refusal:
        read_settings(start=tmp_path, environ={})

    assert said in refusal.value.message
    assert str(config) in refusal.value.message
    assert refusal.value.remedy
    assert "hunter2" not in str(refusal.value)


def test_the_password_of_the_mail_server_is_a_reference(tmp_path: Path, config: Path) -> None:
    config.write_text("mail_password = 'env:MAIL_WORD'\nmail_security = 'tls'\n", encoding="utf-8")
    settled = read_settings(start=tmp_path, environ={"MAIL_WORD": "hunter2"})
    assert (settled.mail_password, settled.mail_security) == ("env:MAIL_WORD", MailSecurity.TLS)


def test_every_setting_is_read_by_something() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in HOUSE.rglob("*.py"))
    own = (HOUSE / "settings.py").read_text(encoding="utf-8")
    unread = [
        each.name
        for each in fields(Settings)
        if not re.search(rf"\bsettings\.{each.name}\b", text) and f'.get("{each.name}"' not in own
    ]

    assert unread == []


def test_the_command_shows_every_setting_with_its_origin(
    tmp_path: Path, config: Path, monkeypatch, capsys
) -> None:
    config.write_text("autolog = true\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert main(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        rf"autolog +yes +\({re.escape(str(config))}\)", next(x for x in lines if x.startswith("autolog"))
    )
    assert main(["settings", "--json"]) == 0
    assert {"name": "autolog", "value": True, "origin": str(config)} in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("on", "works"), [("on = true\n", True), ("on = false\n", False), ("", False)])
def test_autolog_as_a_table_says_where_and_how(tmp_path: Path, config: Path, on: str, works: bool) -> None:
    config.write_text(f"[autolog]\n{on}positive_label = 1\ncandidates = 'all'\n", encoding="utf-8")

    settled = read_settings(start=tmp_path, environ={})
    found = origins(tmp_path)

    assert settled.autolog is works
    assert settled.autolog_options == AutologOptions(positive_label=1, candidates="all")
    assert found["autolog"] == (works, str(config) if on else "default")
    assert found["autolog_options"] == (
        {"positive_label": 1, "candidates": "all", "models": True, "train_metrics": True},
        str(config),
    )
