from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.errors import Conflict, Invalid, NotFound, Untrusted
from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.ledger import history, verify_chain
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.model import Manifest, ModelFile
from jupyter_mlops.records.run import Run
from jupyter_mlops.registry import (
    find_models,
    find_versions,
    get_model,
    get_version,
    manifest_bytes,
    register_version,
)
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.registry.books import fitted, logged_run, manifest_of, put, registered, small_data


@pytest.mark.usefixtures("no_round_trip")
def test_a_registered_version_carries_what_was_logged(ws: Workspace) -> None:
    run = logged_run(ws)
    version = register_version(ws, model="pm25", run=run.id)
    assert (version.reference, version.run, version.format) == ("pm25:1", run.id, "skops")
    assert version.kind == "sklearn.pipeline.Pipeline"
    assert version.size > 0
    assert get_version(ws, "pm25:1") == version
    assert get_model(ws, "pm25").actor == ws.actor


def test_registration_writes_its_events_in_the_same_transaction(ws: Workspace) -> None:
    version = registered(ws)
    events = history(ws)
    assert [(e.kind, e.subject) for e in events] == [
        ("model.created", "pm25"),
        ("version.registered", "pm25:1"),
    ]
    assert events[1].data["digest"] == version.digest
    assert (
        events[1].data["proof"] == "rebuilt in a clean process; all 20 golden rows are answered as recorded"
    )
    assert verify_chain(ws).ok


@pytest.mark.usefixtures("no_round_trip")
def test_the_same_bytes_of_the_same_run_are_registered_once(ws: Workspace) -> None:
    run = logged_run(ws)
    first = register_version(ws, model="pm25", run=run.id)
    assert register_version(ws, model="pm25", run=run.id) == first
    assert find_versions(ws, "pm25").total == 1


@pytest.mark.usefixtures("no_round_trip")
def test_the_same_bytes_of_another_run_are_a_new_version(ws: Workspace) -> None:
    first, second = registered(ws), registered(ws, name="again")
    assert (first.version, second.version) == (1, 2)
    assert first.digest == second.digest


@pytest.mark.usefixtures("no_round_trip")
def test_numbers_have_no_gaps_when_many_register_at_once(sql_ws: Workspace, tmp_path: Path) -> None:
    runs = [logged_run(sql_ws, name=f"r{n}").id for n in range(8)]

    def register(run: str) -> int:
        ws = open_workspace(tmp_path, start=tmp_path, environ={})
        try:
            return register_version(ws, model="pm25", run=run).version
        finally:
            ws.store.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(register, runs))
    assert sorted(numbers) == list(range(1, 9))
    assert find_models(sql_ws).total == 1
    assert [e.kind for e in history(sql_ws)].count("model.created") == 1
    assert verify_chain(sql_ws).ok


@pytest.mark.usefixtures("no_round_trip")
def test_a_tail_of_the_run_is_enough(ws: Workspace) -> None:
    run = logged_run(ws)
    assert register_version(ws, model="pm25", run=run.id[-6:]).run == run.id


def test_a_run_that_is_not_there_is_named(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        register_version(ws, model="pm25", run="nowhere")


@pytest.mark.usefixtures("no_round_trip")
def test_a_run_that_logged_another_model_says_which(ws: Workspace) -> None:
    run = logged_run(ws, artifact="forest")
    with pytest.raises(NotFound, match="logged no model 'model'") as refusal:
        register_version(ws, model="pm25", run=run.id)
    assert "forest" in refusal.value.remedy
    assert register_version(ws, model="pm25", run=run.id, artifact="forest").version == 1


@pytest.mark.usefixtures("no_round_trip")
def _parent_of(ws: Workspace, *children: Run) -> Run:
    parent = replace(children[0], id=ws.new_id(), name="train")
    with ws.store.write() as tx:
        tx.runs.add(parent)
        for child in children:
            tx.runs.replace(replace(child, parent=parent.id))
    return parent


@pytest.mark.usefixtures("no_round_trip")
def test_a_jobs_run_registers_what_its_one_tracked_cell_logged(ws: Workspace) -> None:
    child = logged_run(ws)
    parent = _parent_of(ws, child, logged_run(ws, artifact="other"))
    version = register_version(ws, model="pm25", run=parent.id)
    assert (version.reference, version.run) == ("pm25:1", child.id)


def test_a_run_whose_model_could_not_be_kept_says_why_also_of_a_run_inside_it(ws: Workspace) -> None:
    why = "the model was not kept: a lambda cannot be stored safely. Define the function in a module."
    child = replace(logged_run(ws, artifact="other"), notes=(why,))
    parent = _parent_of(ws, child)
    for run in (parent, child):
        with pytest.raises(NotFound, match="logged no model 'model'") as refusal:
            register_version(ws, model="lam", run=run.id)
        assert refusal.value.remedy.endswith(f" T{why[1:]}")
        assert "autolog sees" not in refusal.value.remedy


def test_of_several_runs_inside_one_that_logged_it_none_is_guessed(ws: Workspace) -> None:
    first, second = logged_run(ws, name="first"), logged_run(ws, name="second")
    parent = _parent_of(ws, first, second)
    with pytest.raises(Invalid, match="2 runs inside") as refusal:
        register_version(ws, model="pm25", run=parent.id)
    assert first.short in refusal.value.remedy
    assert second.short in refusal.value.remedy


def test_a_name_that_differs_in_capitals_only_is_refused(ws: Workspace) -> None:
    registered(ws)
    with pytest.raises(Conflict, match="capitals only"):
        registered(ws, "PM25")


def test_a_forbidden_name_is_refused_before_anything_is_read(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="reserved"):
        register_version(ws, model="latest", run="whatever")


def _logged(ws: Workspace, manifest: Manifest) -> str:
    return logged_run(ws, manifest=manifest).id


def test_a_model_whose_bytes_are_gone_is_not_registered(ws: Workspace) -> None:
    manifest = manifest_of(ws, fitted())
    run = _logged(ws, manifest)
    ws.blobs.remove(manifest.files[0].digest)
    with pytest.raises(NotFound, match="gone"):
        register_version(ws, model="pm25", run=run)
    assert find_models(ws).total == 0
    assert history(ws) == ()


def test_a_manifest_that_points_at_other_bytes_is_not_registered(ws: Workspace) -> None:
    manifest = manifest_of(ws, fitted())
    other = put(ws, b"other bytes")
    swapped = replace(manifest, files=(replace(manifest.files[0], digest=other),))
    with pytest.raises(Untrusted, match="unknown"):
        register_version(ws, model="pm25", run=_logged(ws, swapped))


def test_a_model_that_answers_differently_than_recorded_is_not_registered(ws: Workspace) -> None:
    X, _ = small_data()
    manifest = manifest_of(ws, fitted(alpha=1.0), golden=golden_rows(fitted(alpha=900.0), X))
    with pytest.raises(Untrusted, match="20 of 20 golden rows are answered differently"):
        register_version(ws, model="pm25", run=_logged(ws, manifest))


def test_a_pickle_declared_as_skops_is_not_registered_and_never_runs(ws: Workspace, tmp_path: Path) -> None:
    from tests.formats.malicious import pickled

    content = pickled(tmp_path / "canary")
    file = ModelFile(path="model.skops", digest=put(ws, content), size=len(content))
    with pytest.raises(Untrusted, match="its content is pickle"):
        register_version(ws, model="pm25", run=_logged(ws, Manifest(format="skops", kind="x", files=(file,))))
    assert not (tmp_path / "canary").exists()


def test_an_artifact_that_is_no_manifest_is_refused(ws: Workspace) -> None:
    run = logged_run(ws)
    with ws.store.write() as tx:
        for name, content in (("a", b"[]"), ("b", b'{"format": 1}'), ("c", b"\xff"), ("d", b"[" * 100_000)):
            path = f"models/{name}/manifest.json"
            tx.artifacts.add(Artifact(run=run.id, name=path, digest=put(ws, content), size=len(content)))
    for name in "abcd":
        with pytest.raises(Untrusted, match="is not one"):
            register_version(ws, model="pm25", run=run.id, artifact=name)


@pytest.mark.usefixtures("no_round_trip")
def test_versions_are_found_the_newest_first(ws: Workspace) -> None:
    for n in range(3):
        registered(ws, name=str(n))
    registered(ws, "churn")
    assert [v.version for v in find_versions(ws, "pm25")] == [3, 2, 1]
    assert find_versions(ws).total == 4
    assert find_versions(ws, "pm25", query="version < 3").total == 2
    assert [m.name for m in find_models(ws)] == ["churn", "pm25"]


@pytest.mark.usefixtures("no_round_trip")
def test_what_is_not_there_is_answered_with_what_is(ws: Workspace) -> None:
    registered(ws)
    for reference, known in [("pm25:9", "pm25:1"), ("pm26", "pm25"), ("pm25@champion", "pm25:1")]:
        with pytest.raises(NotFound) as refusal:
            get_version(ws, reference)
        assert known in refusal.value.remedy


@pytest.mark.usefixtures("no_round_trip")
def test_a_bare_name_means_the_only_version_and_nothing_when_there_are_several(ws: Workspace) -> None:
    assert get_version(ws, registered(ws).model).version == 1
    registered(ws, name="two")
    with pytest.raises(Invalid) as refusal:
        get_version(ws, "pm25")
    assert refusal.value.remedy == "Say pm25:2 or pm25:1."


def test_manifests_have_one_form(ws: Workspace) -> None:
    manifest = manifest_of(ws, fitted())
    turned = replace(manifest, requirements=dict(reversed(manifest.requirements.items())))
    assert manifest_bytes(manifest) == manifest_bytes(turned)
