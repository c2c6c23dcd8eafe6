"""A policy is read strictly, and a mistake is named with its line and field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import get_policy, set_policy
from jupyter_mlops.workspace import Workspace
from review.books import kinds

WHOLE = """\
quorum: 2
author_may_approve: false
protected: [champion, fallback]
doors: [server]
reviewers: [ana, bo, cleo]
minimum_grade: clean
kpis:
  - metric: mae
    margin: 0.5
    bar: 45
    unit: µg/m³
  - metric: coverage
    direction: higher
checks:
  same_data: true
  document: false
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("quorum: 0", "between 1 and"),
        ("quorum: 3\nreviewers: [ana, bo]", "between 1 and 2 of the 2 reviewers"),
        ("protected: [two words]", "two words"),
        ("kpis: [{metric: mae, margin: -1}]", "0 or more"),
        ("kpis: [{metric: mae}, {metric: mae}]", "named twice"),
        ("kpis: [{metric: grade, direction: lower}]", "name of a check"),
        ("checks: {speed: true}", "unknown speed"),
    ],
)
def test_what_can_be_read_and_makes_no_sense_is_refused(ws: Workspace, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        set_policy(ws, "pm25", text=text)


def test_a_policy_is_kept_and_told_in_the_ledger_once(ws: Workspace) -> None:
    kept = set_policy(ws, "pm25", text=WHOLE)

    assert get_policy(ws, "pm25") == kept
    assert set_policy(ws, "pm25", text=WHOLE) == kept
    assert kinds(ws) == ["policy.set"]
    with ws.store.read() as tx:
        assert tx.events.read()[0].data["policy"]["quorum"] == 2


def test_a_model_without_a_policy_says_what_holds_then(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="one approval is enough"):
        get_policy(ws, "pm25")


def test_a_policy_without_a_rule_is_refused(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="no rule for 'pm25'") as refusal:
        set_policy(ws, "pm25")
    assert "policy set pm25 --quorum 2" in refusal.value.remedy


def test_one_rule_is_set_and_the_others_stay(ws: Workspace) -> None:
    whole = set_policy(ws, "pm25", text=WHOLE)

    assert set_policy(ws, "pm25", quorum=1, author_may_approve=True, minimum_grade=Grade.STALE) == replace(
        whole, quorum=1, author_may_approve=True, minimum_grade=Grade.STALE
    )
    assert set_policy(ws, "other", quorum=2) == Policy(model="other", quorum=2)
    with pytest.raises(Invalid, match="quorum is 0"):
        set_policy(ws, "other", quorum=0)
