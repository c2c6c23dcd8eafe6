"""One executed cell as a run: what it came to is kept whatever comes late, is too large, or cannot be reached."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.capture.outputs import Output
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.artifact import ENVIRONMENT
from jupyter_mlops.records.run import DocumentState, Grade, RunStatus
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.store.blobs import FolderBlobs
from jupyter_mlops.tracking import (
    current_run,
    find_artifacts,
    find_runs,
    get_run,
    metric_history,
    open_artifact,
    run_cells,
    track,
)
from jupyter_mlops.tracking.cells import Ended, Place, TrackedCell, begin_cell, grade_blocks
from jupyter_mlops.tracking.ended import listen
from jupyter_mlops.tracking.files import stop_reading
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.pulse import in_background, this_pulse
from jupyter_mlops.tracking.watching import watch_undone
from jupyter_mlops.workspace import open_workspace
from tests.capture.sessions import Session

LARGE = b"\x89PNG" + bytes(range(256)) * 2400  # more than travels in a journal


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    watch_undone()
    stop_reading()
    here().store.close()


@pytest.fixture
def session() -> Session:
    return Session(["c1", "c2", "c3"])


def begun(session: Session, name: str = "cell", document: Path | None = None, **more) -> TrackedCell:
    tracked = begin_cell(
        name=name, at=Place(cell="c2", document=document, namespace=session.namespace), **more
    )
    assert tracked is not None
    session.namespace["run"] = tracked.run
    return tracked


def how(session: Session, source: str, *, seen: bool = True, **more) -> Ended:
    """Run the cell *source*; return what a front end knows of its end."""
    execution = session.run("c2", source)
    told = {"failure": None, "outputs": (), "document": None, **more}
    return Ended(
        execution=execution if seen else None,
        source=source,
        known_names=frozenset({"run"}),
        is_own=lambda file: file == "cell",
        **told,
    )


def shown(name: str, content: bytes, media_type: str = "image/png") -> Output:
    digest = hashlib.sha256(content).hexdigest()
    return Output(name=name, content=content, media_type=media_type, digest=digest)


class Until(Sequence[Output]):
    """No outputs; asked for them, as a cell's end does before it is said, it has the background do all its work."""

    def __init__(self, gate: threading.Event) -> None:
        self.gate = gate

    def __len__(self) -> int:
        return 0

    def __getitem__(self, place):
        self.gate.set()
        this_pulse().settle()
        raise IndexError(place)


def test_a_cell_is_current_until_its_end_and_ends_with_what_it_rests_on(project, session):
    session.run("c1", "alpha = 0.5\nunused = 'x'")
    tracked = begun(session, experiment="air", tags={"team": "risk"})
    assert current_run() is tracked.run
    source = "beta = 2\nrun.log_metric('mae', alpha * beta)"
    said = tracked.end(session.recorder, how(session, source, outputs=[shown("figures/a.png", b"\x89PNG")]))
    assert current_run() is None
    kept = get_run(here(), tracked.run.id)
    assert (kept.name, kept.experiment, kept.tags, kept.status) == (
        "cell",
        "air",
        {"team": "risk"},
        RunStatus.FINISHED,
    )
    assert (kept.params, kept.metrics, kept.last_cell) == ({"alpha": 0.5, "beta": 2}, {"mae": 1.0}, "c2")
    assert (kept.grade, kept.source.rests_on, kept.source.executed) == (Grade.CLEAN, (1, 2), 2)
    assert [cell.cell for cell in run_cells(here(), run=kept.id)] == ["c1", "c2"]
    assert (said.params, said.metrics, said.grade, said.status) == (
        kept.params, kept.metrics, kept.grade, kept.status,
    )  # fmt: skip
    beside = tracked.beside()
    assert (beside.counts, [file.name for file in beside.outputs], beside.models) == (
        (1, 2),
        ["figures/a.png"],
        (),
    )


@pytest.mark.parametrize(
    ("failure", "status", "line"),
    [
        (ValueError("no"), RunStatus.FAILED, True),
        (KeyboardInterrupt(), RunStatus.CANCELLED, True),
        (SystemExit(0), RunStatus.FINISHED, False),
    ],
)
def test_a_cell_that_failed_is_disarmed_and_says_why(project, session, failure, status, line):
    tracked = begun(session)
    try:
        exec(compile("\nraise failure", "cell", "exec"), {"failure": failure})
    except BaseException as raised:  # noqa: BLE001 - as the shell does
        failure = raised
    tracked.end(session.recorder, how(session, "%%track cell\nraise failure", failure=failure))
    kept = get_run(here(), tracked.run.id)
    assert (kept.status, current_run()) == (status, None)
    assert (kept.error is not None) is line
    if kept.error is not None:
        assert (kept.error.kind, kept.error.cell, kept.error.code) == (
            type(failure).__name__,
            "c2",
            "raise failure",
        )


def test_a_cell_the_recorder_did_not_see_is_kept_and_its_grade_says_so(project, session):
    tracked = begun(session)
    tracked.run.log_metric("mae", 1.0)
    tracked.end(session.recorder, how(session, "x = 1", seen=False))
    kept = get_run(here(), tracked.run.id)
    assert (kept.status, kept.grade, kept.metrics) == (RunStatus.FINISHED, Grade.UNKNOWN, {"mae": 1.0})
    assert kept.grade_reason == "the recorder did not see this cell"
    assert tracked.beside().counts == ()


def test_outputs_of_every_size_are_kept_as_files_of_the_run(project, session):
    tracked = begun(session)
    outputs = [shown("figures/large.png", LARGE), shown("stdout.txt", b"hi", "text/plain")]
    tracked.end(session.recorder, how(session, "x = 1", outputs=outputs))
    for output in outputs:
        with open_artifact(here(), run=tracked.run.id, name=output.name) as file:
            assert file.read() == output.content
    found = find_artifacts(here(), run=tracked.run.id)
    kept = {file.name: file for file in found if file.name != ENVIRONMENT}
    assert {name: (file.size, file.media_type) for name, file in kept.items()} == {
        "figures/large.png": (len(LARGE), "image/png"), "stdout.txt": (2, "text/plain"),
    }  # fmt: skip
    assert [file.digest for file in tracked.beside().outputs] == [output.digest for output in outputs]


def test_a_large_output_is_not_sent_through_the_network_as_the_cell_ends(project, session, monkeypatch):
    tracked = begun(session)
    settings = replace(tracked.ws.settings, blobs="s3://ours/mlops")
    monkeypatch.setattr(tracked, "ws", replace(tracked.ws, settings=settings))
    by_the_cell, put = [], FolderBlobs.put

    def noticed(blobs: FolderBlobs, content: object) -> str:
        by_the_cell.append(threading.current_thread() is threading.main_thread())
        return put(blobs, content)

    with monkeypatch.context() as patched:
        patched.setattr(FolderBlobs, "put", noticed)
        run = tracked.end(
            session.recorder, how(session, "large = 1", outputs=[shown("figures/large.png", LARGE)])
        )
    assert not any(by_the_cell)  # the background may have begun
    with open_artifact(here(), run=run.id, name="figures/large.png") as file:
        assert file.read() == LARGE


def test_a_store_that_is_away_costs_neither_the_end_nor_what_was_shown(project, session):
    away = project / ".mlops" / "store.db"
    away.mkdir(parents=True)  # nothing can be opened there
    tracked = begun(session, experiment="air")
    ended = how(session, "alpha = 1\nrun.log_metric('mae', 2.0)", outputs=[shown("figures/large.png", LARGE)])
    said = tracked.end(session.recorder, ended)
    assert (said.status, said.params, said.metrics) == (RunStatus.FINISHED, {"alpha": 1}, {"mae": 2.0})
    tracked.run.wait_settled(30)
    assert "cannot be opened" in tracked.run.trouble
    away.rmdir()
    tracked.run._live.fold()  # as the background does at its next try
    kept = get_run(here(), tracked.run.id)
    assert (kept.status, kept.metrics) == (RunStatus.FINISHED, {"mae": 2.0})
    with open_artifact(here(), run=kept.id, name="figures/large.png") as file:
        assert file.read() == LARGE


def test_a_digest_that_comes_before_the_end_is_said_is_not_lost_to_it(project, session):
    """Keeping a model takes long enough for the background to hash a file, or ten."""
    gate = threading.Event()
    gate.set()
    (project / "read.bin").write_bytes(bytes(3 << 20))
    tracked = begun(session)
    late = []
    tracked.read.late = late.append
    source = "from pathlib import Path\ndata = Path('read.bin').read_bytes()\nPath('made.bin').write_bytes(data * 2)"
    said = tracked.end(session.recorder, how(session, source, outputs=Until(gate)))
    assert {seen.name for seen in late} == {"read.bin", "made.bin"}
    for run in (said, get_run(here(), said.id)):
        ((read,), (written,)) = (run.inputs, run.written)
        assert (read.name, read.digest, read.note) == (
            "read.bin",
            hashlib.sha256(bytes(3 << 20)).hexdigest(),
            "",
        )
        assert (written.name, written.digest, written.note) == (
            "made.bin", hashlib.sha256(bytes(6 << 20)).hexdigest(), "",
        )  # fmt: skip


def test_surroundings_that_come_before_the_end_is_said_are_not_lost_to_it(project, session):
    gate = threading.Event()
    in_background(lambda: gate.wait(60))  # the look around cannot begin before the cell is at its end
    tracked = begun(session)
    tracked.end(session.recorder, how(session, "x = 1", outputs=Until(gate)))
    kept = get_run(here(), tracked.run.id)
    assert kept.source.environment is not None
    assert kept.source.python
    assert (kept.source.rests_on, kept.status) == ((1,), RunStatus.FINISHED)
    assert here().blobs.has(kept.source.environment)


def test_a_notebook_is_named_inside_the_project_outside_of_it_by_its_name_and_in_a_job_as_people_know_it(
    project, session, tmp_path_factory, monkeypatch
):
    outside = tmp_path_factory.mktemp("home") / "private.ipynb"
    for document in (project / "deep" / "air.ipynb", outside):
        begun(session, name=document.stem, document=document).end(
            session.recorder, how(session, "x = 1", document=document)
        )
    monkeypatch.setenv("JUPYTER_MLOPS_NOTEBOOK", "reports/air.ipynb")
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "job1")
    begun(session, name="job", document=outside).end(
        session.recorder, how(session, "x = 1", document=outside)
    )
    kept = {run.name: run for run in find_runs(here())}
    assert {name: run.source.notebook for name, run in kept.items()} == {
        "air": "deep/air.ipynb", "private": "private.ipynb", "job": "reports/air.ipynb",
    }  # fmt: skip
    assert {name: (run.actor.via, run.job) for name, run in kept.items()} == {
        "air": (Door.NOTEBOOK, None), "private": (Door.NOTEBOOK, None), "job": (Door.JOB, "job1"),
    }  # fmt: skip
    assert {run.document for run in kept.values()} == {DocumentState.UNKNOWN}  # the first save will tell


def test_a_cell_run_again_continues_where_that_is_asked_and_never_at_the_price_of_a_wrong_name(
    project, session
):
    ids = []
    for policy in (None, OnRerun.CONTINUE):
        tracked = begun(session, name="again", on_rerun=policy)
        ids.append(tracked.run.id)
        tracked.end(session.recorder, how(session, f"alpha = {len(ids)}"))
    assert ids[0] == ids[1]
    assert get_run(here(), ids[0]).params == {"alpha": 2}
    with pytest.raises(Invalid, match="printable"):
        begun(session, name="two\nlines")
    assert current_run() is None


def test_where_recording_is_switched_off_no_cell_is_begun(project, session, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_DISABLED", "1")
    assert begin_cell(name="off", at=Place(cell="c2", document=None, namespace={})) is None
    assert current_run() is None
    assert not (project / ".mlops").exists()


def test_blocks_rest_on_the_cells_of_their_own_cell_and_never_on_those_of_the_next(project, session):
    ended = how(session, "x = 1")
    assert grade_blocks(session.recorder, ended) == ()
    listen(True)
    try:
        session.run("c1", "alpha = 0.5")
        with track("block") as run, track("inside") as inside:
            run.log_metrics(mae=1.0)
        graded = grade_blocks(session.recorder, how(session, "y = alpha"))
        with track("unseen") as unseen:
            pass
        assert grade_blocks(session.recorder, how(session, "z = 1", seen=False)) == ()
        assert grade_blocks(session.recorder, how(session, "z = 1")) == ()
    finally:
        listen(False)
    assert {block.id for _, block, _ in graded} == {run.id, inside.id}
    for key in (run.id, inside.id):
        kept = get_run(here(), key)
        assert (kept.grade, kept.last_cell, kept.source.environment is not None) == (Grade.CLEAN, "c2", True)
        assert [cell.cell for cell in run_cells(here(), run=key)] == ["c1", "c2"]
    assert run_cells(here(), run=unseen.id) == ()
    assert get_run(here(), unseen.id).grade is Grade.UNKNOWN


def test_the_store_of_a_cell_is_the_one_everybody_else_opens(project, session):
    begun(session).end(session.recorder, how(session, "x = 1"))
    assert find_runs(here()).total == 1
    other = open_workspace(project, environ={})
    assert [run.status for run in find_runs(other)] == [RunStatus.FINISHED]
    other.store.close()


def test_a_cell_resumes_the_run_it_names_and_begins_another_where_that_cannot_be(project, session):
    first = begun(session, "training", experiment="air")
    first.end(session.recorder, how(session, "run.log_metric('loss', 3)"))
    for named in (first.run.id, first.run.id[-6:], "training"):
        again = begun(session, "other name", resume=named)
        assert again.run.id == first.run.id
        again.end(session.recorder, how(session, "run.log_metric('loss', 2)"))
    kept = get_run(here(), first.run.id)
    assert (kept.name, kept.experiment, kept.status, kept.metrics) == (
        "training",
        "air",
        RunStatus.FINISHED,
        {"loss": 2.0},
    )
    assert [point.value for point in metric_history(here(), run=kept.id, key="loss")] == [3, 2, 2, 2]
    anew = begun(session, "training", resume="nobody")
    assert anew.run.id != first.run.id
    anew.end(session.recorder, how(session, "x = 1"))
    (note,) = get_run(here(), anew.run.id).notes
    assert note == "begun anew: no run is called 'nobody', and no id ends so"
