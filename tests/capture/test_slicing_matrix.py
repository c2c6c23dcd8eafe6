"""The matrix: synthetic sessions with the slice and grade each must have, and the slice run again in a fresh namespace."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.capture.cases import CASES
from tests.capture.cases.case import Case
from tests.capture.sessions import Session, replayed, result_of, steps


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_slice_holds_what_the_run_rests_on_and_is_graded(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    session = Session.of(case.ran, case.document)
    cut = session.slice()
    assert steps(cut) == case.kept
    assert (cut.grade, cut.reason) == (case.grade, cut.reason)
    if case.same:
        assert result_of(replayed(cut)) == result_of(session.namespace)
