"""Notes of a run, put where they belong."""

from __future__ import annotations

from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import RunInput
from jupyter_mlops.tracking import finish_run, get_run, log_params, start_run
from jupyter_mlops.tracking.folding import with_digest
from jupyter_mlops.tracking.log import keep_note

WAITS = RunInput(name="large.bin", role="read", digest="", kind="file", size=10, note="not yet")
KNOWN = RunInput(name="large.bin", role="read", digest="d" * 64, kind="file", size=10)


def test_a_digest_that_comes_late_takes_the_place_that_waits_for_it_and_no_other(ws):
    run = start_run(ws, name="late")
    other = RunInput(name="large.bin", role="read", digest="", kind="file", size=99)
    keep_note(ws, run.id, {"input": encode(WAITS)})
    keep_note(ws, run.id, {"input": encode(other)})
    finish_run(ws, run=run.id)
    keep_note(ws, run.id, {"digested": encode(KNOWN)})
    assert get_run(ws, run.id).inputs == (KNOWN, other)
    keep_note(ws, run.id, {"digested": encode(KNOWN)})  # told twice, it changes nothing
    assert get_run(ws, run.id).inputs == (KNOWN, other)
    assert with_digest(get_run(ws, run.id), KNOWN).inputs == (KNOWN, other)


def test_surroundings_come_in_parts_and_leave_the_others_as_they_are(ws):
    run = start_run(ws, name="parts")
    keep_note(ws, run.id, {"surroundings": {"commit": "c" * 40, "dirty": ["a.py"]}})
    keep_note(ws, run.id, {"surroundings": {"modules": {"own.py": "d" * 64}}})
    source = get_run(ws, run.id).source
    assert (source.commit, source.dirty, dict(source.modules)) == ("c" * 40, ("a.py",), {"own.py": "d" * 64})


def test_a_parameter_that_changes_is_noted(ws):
    run = start_run(ws, name="changed")
    log_params(ws, run=run.id, params={"alpha": 1})
    log_params(ws, run=run.id, params={"alpha": 2})
    kept = get_run(ws, run.id)
    assert kept.params == {"alpha": 2}
    assert "parameter alpha was 1 and became 2" in kept.notes
