"""Is everything there, and does it work here? Told for people, and as one record for scripts."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jupyter_mlops
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.operations.checkups import CHECKS, Check, Finding, State, broken
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.settings import Settings, read_settings
from jupyter_mlops.workspace import refuse_nowhere

__all__ = ["Diagnosis", "Finding", "State", "doctor", "examine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All of them; ``ok`` where nothing is broken."""

    ok: bool
    version: str
    findings: tuple[Finding, ...]


def doctor(console: Console) -> Answer:
    """Check Python, packages, workspace, locking, journal, JupyterLab, git and kernel."""
    diagnosis = examine(console.workspace, start=console.start, tell=console.show)
    return Answer(value=diagnosis, text=_as_text(diagnosis), code=0 if diagnosis.ok else 1)


def examine(
    workspace: str | None = None, *, start: Path | None = None, tell: Callable[[str], None] = lambda _: None
) -> Diagnosis:
    """Look at everything; a check that itself fails is a finding, never an exception."""
    findings: list[Finding] = []
    settings: Settings | None = None
    try:
        found = read_settings(workspace, start=start)
        refuse_nowhere(found, workspace, os.environ)
        settings = found
    except MlopsError as failure:
        findings.append(broken("workspace", failure.message, failure.remedy))
    for name, check in CHECKS:
        tell(f"checking {name} …")
        findings += _looked(name, check, settings)
    return Diagnosis(
        ok=all(finding.state is not State.BROKEN for finding in findings),
        version=jupyter_mlops.__version__,
        findings=tuple(findings),
    )


def _looked(name: str, check: Check, settings: Settings | None) -> list[Finding]:
    if settings is None and name in {"workspace", "locking", "journal"}:
        return []
    found: list[Finding] = []
    try:
        for finding in check(settings):
            found.append(finding)  # noqa: PERF402  (what was found before a check fails is told)
    except MlopsError as failure:
        found.append(broken(name, failure.message, failure.remedy))
    except Exception as failure:  # noqa: BLE001  (the doctor must live to tell)
        found.append(broken(name, f"{type(failure).__name__}: {failure}", _REPORT))
    return found


_REPORT = "The check itself failed: please report it with 'jupyter mlops doctor --json'."
_MARKS = {State.FINE: "✓", State.ADVICE: "!", State.BROKEN: "✗"}


def _as_text(diagnosis: Diagnosis) -> str:
    lines = []
    for finding in diagnosis.findings:
        lines.append(f"{_MARKS[finding.state]} {finding.name:10} {finding.text}")
        if finding.remedy:
            lines.append(f"  {'':10} {finding.remedy}")
    broken = sum(finding.state is State.BROKEN for finding in diagnosis.findings)
    lines.append(
        "Everything works." if not broken else f"{broken} of {len(diagnosis.findings)} need mending."
    )
    return "\n".join(lines)
