from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.errors import Unavailable, Untrusted
from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.records.model import Manifest, ModelFile
from jupyter_mlops.registry.quarantine import admit, answers_alike
from jupyter_mlops.workspace import Workspace
from tests.registry.books import fitted, manifest_of, put, small_data


def test_a_sound_model_is_admitted_with_its_proof(memory_ws: Workspace) -> None:
    X, _ = small_data()
    model = fitted()
    proof = admit(memory_ws, manifest_of(memory_ws, model, golden=golden_rows(model, X)))
    assert proof == "rebuilt in a clean process; all 20 golden rows are answered as recorded"


def test_a_model_without_golden_rows_is_admitted_and_says_so(memory_ws: Workspace) -> None:
    assert admit(memory_ws, manifest_of(memory_ws, fitted())).endswith("it brought no golden rows")


def test_a_model_is_asked_about_the_golden_rows_of_another(memory_ws: Workspace) -> None:
    X, _ = small_data()
    first, second = fitted(), fitted(alpha=500.0)
    golden = golden_rows(first, X)
    assert golden is not None
    digest = put(memory_ws, golden)

    same = answers_alike(memory_ws, manifest_of(memory_ws, first), digest, 1e-6)
    other = answers_alike(memory_ws, manifest_of(memory_ws, second), digest, 1e-6)
    near = answers_alike(memory_ws, manifest_of(memory_ws, second), digest, 1e6)

    assert (same.agrees, same.exact) == (True, True)
    assert (other.agrees, near.agrees, near.exact) == (False, True, False)
    assert "golden rows are answered differently; row 0 gave" in other.summary


def test_a_model_that_does_not_come_up_in_time_is_refused(memory_ws: Workspace) -> None:
    with pytest.raises(Untrusted, match=r"not rebuilt within 0\.01 seconds"):
        admit(memory_ws, manifest_of(memory_ws, fitted()), seconds=0.01)


def test_a_refusal_in_the_child_arrives_as_it_was_said(memory_ws: Workspace) -> None:
    from tests.formats.malicious import rewritten, text

    manifest = manifest_of(memory_ws, fitted())
    with memory_ws.blobs.open(manifest.files[0].digest) as file:
        content = file.read()

    def change(schema: dict) -> None:  # type: ignore[type-arg]
        schema["content"]["content"]["_sklearn_version"] = text("0.99.1")

    changed = rewritten(content, change)
    entry = ModelFile(path="model.skops", digest=put(memory_ws, changed), size=len(changed))
    with pytest.raises(Unavailable, match=r"0\.99\.1") as refusal:
        admit(memory_ws, Manifest(format="skops", kind="x.Pipeline", files=(entry,)))
    assert "pip install" in refusal.value.remedy


def test_the_child_may_not_reach_the_network_or_start_programs() -> None:
    code = """
import sys, os, socket
from jupyter_mlops.registry.intake import _refuse_events
sys.addaudithook(_refuse_events)
for attempt in (lambda: socket.create_connection(("127.0.0.1", 9)), lambda: os.system("true"), lambda: os.execv("/bin/true", ["true"])):
    try:
        attempt()
    except PermissionError as refused:
        print(refused)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [line.rsplit(" ", 1)[1] for line in out.splitlines()] == ["socket.connect", "os.system", "os.exec"]


def test_a_child_that_ends_without_an_answer_is_told_with_its_last_words(
    memory_ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash of the model and an installation that broke look alike otherwise."""
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'Traceback' >&2\necho 'ImportError: no wood' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(Untrusted, match=r"\(exit 3: ImportError: no wood\)") as refusal:
        admit(memory_ws, manifest_of(memory_ws, fitted()))
    assert "Traceback" in str(refusal.value.data["stderr"])
