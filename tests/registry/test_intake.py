"""The child process of quarantine, asked in this process: it says what came out and raises nothing of ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops import formats
from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.registry.intake import _refuse_events, _run, main
from tests.registry.books import fitted, small_data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model as quarantine lays it out: manifest, numbered files, golden rows."""
    model = fitted()
    saved = formats.save(model)
    manifest = Manifest(
        format=saved.format,
        kind=saved.kind,
        files=formats.files_of(saved),
        types=saved.types,
        requirements=saved.requirements,
    )
    (tmp_path / "manifest.json").write_text(json.dumps(encode(manifest)))
    for number, content in enumerate(saved.files.values()):
        (tmp_path / f"{number}.bin").write_bytes(content)
    golden = golden_rows(model, small_data()[0])
    assert golden is not None
    (tmp_path / "golden.json").write_bytes(golden)
    return tmp_path


def test_a_sound_model_is_proved_by_its_golden_rows(folder: Path) -> None:
    told = main(folder)
    assert list(told) == ["proof", "exact"]
    assert told["exact"] is True
    assert told["proof"].startswith("rebuilt in a clean process; ")


def test_a_model_without_golden_rows_says_that_it_brought_none(folder: Path) -> None:
    (folder / "golden.json").unlink()
    assert "no golden rows" in main(folder)["proof"]


def test_a_model_that_answers_otherwise_is_refused_in_words_that_can_be_sent(folder: Path) -> None:
    X, _ = small_data()
    golden = golden_rows(fitted(alpha=500.0), X)
    assert golden is not None
    (folder / "golden.json").write_bytes(golden)
    told = main(folder)
    assert told["code"] == "untrusted"
    assert "does not answer as the fitted one did" in told["message"]
    assert told["remedy"]
    assert "golden rows are answered differently" in told["data"]["golden"]
    assert "exact" in main(folder, 1e6)
    assert json.loads(json.dumps(told)) == told


def test_a_refusal_of_the_format_is_handed_on(folder: Path) -> None:
    (folder / "0.bin").write_bytes(b"\x80\x04.")
    told = main(folder)
    assert told["code"] == "untrusted"
    assert set(told) == {"code", "message", "remedy", "data"}


@pytest.mark.parametrize(
    "event",
    ["socket.connect", "socket.bind", "os.system", "os.exec", "os.posix_spawn", "os.spawnve", "pty.spawn"],
)
def test_what_rebuilding_never_needs_is_refused(event: str) -> None:
    with pytest.raises(PermissionError, match=event):
        _refuse_events(event, ())


@pytest.mark.parametrize("event", ["open", "import", "os.listdir", "socket.gethostname", "compile"])
def test_what_rebuilding_needs_is_let_pass(event: str) -> None:
    _refuse_events(event, ())


def test_what_a_library_prints_does_not_stand_in_front_of_the_answer(
    folder: Path, monkeypatch: Any, capsys: Any
) -> None:
    def noisy(place: Path, relative: float) -> dict[str, Any]:
        print("loading…")  # noqa: T201
        return {"proof": f"{place} {relative}"}

    hooks: list[object] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    monkeypatch.setattr("jupyter_mlops.registry.intake._limit_core_dumps", lambda: None)
    monkeypatch.setattr(sys, "argv", ["intake", str(folder), "0.5"])
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    _run(noisy)
    said = capsys.readouterr()
    assert json.loads(said.out) == {"proof": f"{folder} 0.5"}
    assert "loading" in said.err
    assert hooks == [_refuse_events]
