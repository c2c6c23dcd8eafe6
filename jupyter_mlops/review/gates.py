"""The gates of a version anywhere: the same checks as the evidence, as JUnit XML and as Markdown."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from jupyter_mlops.records.review import Check, CheckReport, Outcome
from jupyter_mlops.registry import evidence_digest, version_of
from jupyter_mlops.registry.names import checked_alias
from jupyter_mlops.review.checks import passed
from jupyter_mlops.review.evidence import gather
from jupyter_mlops.review.markdown import escaped
from jupyter_mlops.workspace import Workspace

__all__ = ["as_junit", "as_markdown", "check_version"]

_MARKS = {Outcome.PASSED: "✓ passed", Outcome.FAILED: "✗ failed", Outcome.UNKNOWN: "? unknown"}


def check_version(ws: Workspace, reference: str, alias: str = "champion") -> CheckReport:
    """Compute the checks that a review of a version would show, and write nothing.

    Parameters
    ----------
    reference
        The version, such as ``pm25:2``.
    alias
        Whose holder it is compared with.

    Returns
    -------
    ``passed`` is true where every required check passed; one that could not be settled has not.
    """
    checked_alias(alias)
    with ws.store.read() as tx:
        version, _ = version_of(tx, reference)
        evidence = gather(tx, ws.blobs, model=version.model, version=version.version, alias=alias)
    return CheckReport(
        model=version.model,
        version=version.version,
        alias=alias,
        passed=passed(evidence.checks),
        headline=evidence.headline,
        attention=evidence.attention,
        checks=evidence.checks,
        metrics=evidence.metrics,
        evidence_digest=evidence_digest(evidence.parts),
        at=ws.now(),
    )


def as_junit(report: CheckReport) -> str:
    """Return *report* as a JUnit XML document: a check is a test, an open one that is not required is skipped."""
    suite = ET.Element(
        "testsuite", name=f"{report.reference} for {report.alias}", timestamp=report.at.isoformat()
    )
    for check in report.checks:
        case = ET.SubElement(suite, "testcase", classname=_xml(report.reference), name=_xml(check.name))
        if check.outcome is Outcome.PASSED:
            continue
        kind = "failure" if _fails(check) else "skipped"
        ET.SubElement(case, kind, message=_xml(check.summary))
    suite.set("tests", str(len(report.checks)))
    suite.set("failures", str(sum(map(_fails, report.checks))))
    suite.set("skipped", str(sum(c.outcome is not Outcome.PASSED and not _fails(c) for c in report.checks)))
    suite.set("errors", "0")
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _fails(check: Check) -> bool:
    return check.required and check.outcome is not Outcome.PASSED


def _xml(text: str) -> str:
    """XML 1.0 has no form for most control characters, and a parser that meets one drops the whole report."""
    return "".join(
        c
        if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
        else "\ufffd"
        for c in text
    )


def as_markdown(report: CheckReport) -> str:
    """Return *report* as a Markdown summary, for a merge request or a job's page."""
    verdict = "passes its gates" if report.passed else "does not pass its gates"
    lines = [
        f"## {escaped(report.reference)} {verdict}",
        "",
        escaped(report.headline),
        "",
        "| check | | required | |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {escaped(check.name)} | {_MARKS[check.outcome]} | {'yes' if check.required else 'no'} | {escaped(check.summary)} |"
        for check in report.checks
    ]
    return "\n".join(
        [*lines, "", f"Evidence `{report.evidence_digest[:12]}`, {report.at:%Y-%m-%d %H:%M} UTC.", ""]
    )
