"""The gates give the same answer anywhere, and write nothing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import as_junit, as_markdown, check_version, open_review
from jupyter_mlops.workspace import Workspace
from review.books import add_version, keep_policy, kinds, set_alias


def failing(ws: Workspace):
    kpis = (Kpi(metric="mae", direction=Direction.LOWER, bar=40.0),)
    keep_policy(ws, Policy(model="pm25", kpis=kpis))
    add_version(ws, metrics={"mae": 41.2}, grade=Grade.STALE)
    return check_version(ws, "pm25:1")


def test_the_checks_are_those_of_the_review(ws: Workspace) -> None:
    add_version(ws)
    set_alias(ws, 1)
    add_version(ws, alpha=0.1)
    before = kinds(ws)
    report = check_version(ws, "pm25:2")
    assert kinds(ws) == before

    review = open_review(ws, "pm25:2")
    assert report.checks == review.evidence.checks
    assert report.evidence_digest == review.evidence_digest
    assert report.passed


def test_a_required_check_that_fails_fails_the_gates_and_another_does_not(ws: Workspace) -> None:
    report = failing(ws)

    assert not report.passed
    assert report.attention[0] == "mae 41.2 misses the bar: at most 40."
    add_version(ws, model="other", grade=Grade.STALE)
    assert check_version(ws, "other:1").passed


def test_the_junit_report_counts_what_it_holds(ws: Workspace) -> None:
    suite = ET.fromstring(as_junit(failing(ws)))

    cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases["mae"] == ["failure"]
    assert cases["grade"] == ["skipped"]
    assert cases["loads"] == []
    assert (suite.get("tests"), suite.get("failures")) == (str(len(cases)), "1")


def test_no_name_breaks_the_xml_or_the_markdown(ws: Workspace) -> None:
    name = "m<a>|`e\x00\x1b[31m&"
    kpis = (Kpi(metric=name, direction=Direction.LOWER, unit="<script>"),)
    keep_policy(ws, Policy(model="pm25", kpis=kpis))
    add_version(ws)
    report = check_version(ws, "pm25:1")

    ET.fromstring(as_junit(report))
    text = as_markdown(report)
    assert "<" not in text
    assert all(line.count("|") == 5 for line in text.splitlines() if line.startswith("|"))


def test_the_markdown_answers_first(ws: Workspace) -> None:
    lines = as_markdown(failing(ws)).splitlines()

    assert lines[0] == "## pm25:1 does not pass its gates"
    assert "| mae | ✗ failed | yes |" in "\n".join(lines)
