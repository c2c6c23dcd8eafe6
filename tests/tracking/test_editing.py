"""What people do to a run afterwards: each change is one line in the ledger, and none undoes what the run says itself."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.records.run import DocumentState, RunStatus
from jupyter_mlops.tracking import (
    archive_run,
    delete_run,
    find_runs,
    finish_run,
    get_run,
    note_run,
    rename_run,
    start_run,
    tag_run,
)
from jupyter_mlops.tracking.editing import settle_document
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.live import find_live


@pytest.fixture
def run(ws) -> str:
    begun = start_run(ws, name="baseline", tags={"team": "risk", "old": "yes"})
    return finish_run(ws, run=begun.id).id


def lines(ws, run: str) -> list[tuple[str, dict]]:
    """The ledger's lines about *run* after its end."""
    return [(event.kind, dict(event.data)) for event in history(ws, subject=run)][2:]


def test_tags_are_set_and_taken_away_at_once_and_the_ledger_says_which(ws, run):
    after = tag_run(ws, run=run[-6:], tags={"team": "air", "seed": 3}, remove=["old", "never"])
    assert after.tags == get_run(ws, run).tags == {"team": "air", "seed": "3"}
    assert lines(ws, run) == [("run.tagged", {"tags": {"team": "air", "seed": "3"}, "removed": ["old"]})]


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"": "x"}, "tag name"),
        ({"a\nb": "x"}, "tag name"),
        ({"fine": "x", "note": "x" * 5001}, "note is longer"),
    ],
)
def test_a_tag_that_is_refused_leaves_all_tags_as_they_were(ws, run, tags, why):
    with pytest.raises(Invalid, match=why) as refused:
        tag_run(ws, run=run, tags=tags, remove=["old"])
    assert refused.value.remedy
    assert get_run(ws, run).tags == {"team": "risk", "old": "yes"}
    assert lines(ws, run) == []
    tag_run(ws, run=run, tags={"note": "x" * 5000})


def test_a_new_name_keeps_to_the_rule_of_names_and_the_ledger_knows_the_old_one(ws, run):
    for bad in ("", "   ", "two\nlines", "x" * 201):
        with pytest.raises(Invalid, match="1 to 200 printable characters"):
            rename_run(ws, run=run, name=bad)
    assert rename_run(ws, run=run, name="x" * 200).name == "x" * 200
    assert rename_run(ws, run=run, name="Ridge, α = 0.3").name == "Ridge, α = 0.3"
    assert lines(ws, run)[-1] == ("run.renamed", {"name": "Ridge, α = 0.3", "was": "x" * 200})


def test_what_was_edited_while_the_run_goes_on_outlives_what_the_run_says_later(ws, clock):
    begun = start_run(ws, name="baseline", tags={"team": "risk"})
    live = find_live(ws, begun.id)
    handle = ActiveRun(live)
    handle.tag(stage="first")
    rename_run(ws, run=begun.id, name="renamed")
    tag_run(ws, run=begun.id, tags={"stage": "second"}, remove=["team"])
    handle.log_params(alpha=1)
    clock.advance(25)
    live.beat()  # which renews the lease
    kept = finish_run(ws, run=begun.id)
    assert (kept.name, kept.tags, kept.params, kept.status) == (
        "renamed", {"stage": "second"}, {"alpha": 1}, RunStatus.FINISHED,
    )  # fmt: skip


def test_archiving_takes_a_run_out_of_the_lists_once_and_deletes_nothing(ws, run):
    assert archive_run(ws, run=run).archived
    assert archive_run(ws, run=run).archived
    assert find_runs(ws).total == 0
    assert [found.id for found in find_runs(ws, archived=True)] == [run]
    assert not archive_run(ws, run=run, archived=False).archived
    assert not archive_run(ws, run=run, archived=False).archived
    assert [kind for kind, _ in lines(ws, run)] == ["run.archived", "run.restored"]


def test_bringing_back_a_deleted_run_takes_it_out_of_the_bin_too(ws, run):
    delete_run(ws, run=run)
    back = archive_run(ws, run=run, archived=False)
    assert (back.archived, back.deleted) == (False, None)
    assert (
        delete_run(ws, run=run).deleted is not None
    )  # which it could not be a second time from within the bin
    assert archive_run(ws, run=run).deleted is not None


def test_the_first_save_settles_the_document_and_no_later_one(ws, run):
    assert settle_document(ws, run, DocumentState.UNKNOWN).document is DocumentState.UNKNOWN
    assert settle_document(ws, run, DocumentState.UNSAVED).document is DocumentState.UNSAVED
    assert settle_document(ws, run, DocumentState.SAVED).document is DocumentState.UNSAVED
    assert lines(ws, run) == [("run.document_settled", {"document": "unsaved"})]


def test_what_is_not_there_cannot_be_edited(ws):
    for act in (tag_run, archive_run):
        with pytest.raises(NotFound):
            act(ws, run="zzzzzz")
    with pytest.raises(NotFound):
        rename_run(ws, run="zzzzzz", name="x")


def test_a_note_stays_with_an_ended_run_and_the_ledger_knows_who_left_it(ws, run):
    note_run(ws, run=run[-6:], text="  the sensor was dirty until May ")
    after = note_run(ws, run=run, text="x" * 5000)
    assert after.notes[-2:] == get_run(ws, run).notes[-2:] == ("the sensor was dirty until May", "x" * 5000)
    assert lines(ws, run)[0] == ("run.noted", {"text": "the sensor was dirty until May"})


@pytest.mark.parametrize("text", ["", "  \n", "x" * 5001])
def test_a_note_that_is_refused_leaves_the_run_as_it_was(ws, run, text):
    with pytest.raises(Invalid, match="a note has 1 to 5,000 characters") as refused:
        note_run(ws, run=run, text=text)
    assert refused.value.remedy
    assert get_run(ws, run).notes == ()
    assert lines(ws, run) == []
