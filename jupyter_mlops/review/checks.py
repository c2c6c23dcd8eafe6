"""The standard checks on a candidate: each a yes, a no or an unknown, with the sentence that says why."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.links import cells_digest, first_broken_link
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.reproduced import ReproductionVerdict, at_least
from jupyter_mlops.records.review import Check, MetricComparison, Outcome
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.review.changes import signature_changes, test_data
from jupyter_mlops.review.sides import Subject
from jupyter_mlops.review.wording import a_few, counted, difference, number
from jupyter_mlops.store.protocol import Blobs
from jupyter_mlops.tracking.code import cell_label

__all__ = ["KNOWN_CHECKS", "attention", "passed", "run_checks"]

_SAFE = frozenset({"skops", "onnx"})
_CHUNK = 1 << 20
_TOLERATED = 1e-2  # the largest relative difference at which a run that was run again counts as near
_ROUNDING = 1e-12  # of the larger value: what subtracting two floats may lose, and more
# From the most to the least trustworthy; a minimum accepts itself and what stands before it.
_GRADES = (Grade.CLEAN, Grade.REORDERED, Grade.STALE, Grade.UNKNOWN)
_ALWAYS_REQUIRED = frozenset({"loads", "format"})

Finding = tuple[Outcome, str]


def run_checks(
    candidate: Subject,
    champion: Subject | None,
    policy: Policy | None,
    metrics: Sequence[MetricComparison],
    blobs: Blobs,
) -> tuple[Check, ...]:
    """Return every check: the policy's metrics first, then those every version gets."""
    return (
        *_kpi_checks(policy, metrics, champion),
        *(
            Check(name=name, outcome=outcome, summary=summary, required=_required(name, policy))
            for name, check in _STANDARD.items()
            if _applies(name, candidate, champion, policy)
            for outcome, summary in [check(candidate, champion, policy, blobs)]
        ),
    )


def _applies(name: str, candidate: Subject, champion: Subject | None, policy: Policy | None) -> bool:
    """Leave out what there is nothing to say of, and nobody has asked for."""
    if name == "reproduction":
        asked = policy is not None and (policy.reproduction is not None or name in policy.checks)
        return asked or candidate.reproduced is not None
    return champion is not None or name != "same_data"


def _required(name: str, policy: Policy | None) -> bool:
    if policy and name in policy.checks:
        return policy.checks[name]
    asked = {
        "grade": policy is not None and policy.minimum_grade is not None,
        "reproduction": policy is not None and policy.reproduction is not None,
    }
    return name in _ALWAYS_REQUIRED or asked.get(name, False)


def passed(checks: Sequence[Check]) -> bool:
    """Tell whether every required check passed; an unknown one has not."""
    return all(check.outcome is Outcome.PASSED for check in checks if check.required)


def attention(checks: Sequence[Check], metrics: Sequence[MetricComparison]) -> tuple[str, ...]:
    """Return the sentences a reviewer must not overlook, the worst first."""
    worst = sorted(
        (check for check in checks if check.outcome is not Outcome.PASSED),
        key=lambda check: (not check.required, check.outcome is not Outcome.FAILED),
    )
    sentences = [check.summary for check in worst if check.required or check.outcome is Outcome.FAILED]
    sentences += [
        f"{metric.name} is worse by {number(abs(metric.difference), metric.unit)}."
        for metric in metrics
        if metric.better is False and metric.difference is not None and not metric.required
    ]
    sentences += [check.summary for check in worst if not check.required and check.outcome is Outcome.UNKNOWN]
    return tuple(sentences)


def _kpi_checks(
    policy: Policy | None, metrics: Sequence[MetricComparison], champion: Subject | None
) -> Iterator[Check]:
    found = {metric.name: metric for metric in metrics}
    for kpi in policy.kpis if policy else ():
        outcome, summary = _kpi(kpi, found[kpi.metric], champion)
        yield Check(name=kpi.metric, outcome=outcome, summary=summary, required=True)


def _kpi(kpi: Kpi, metric: MetricComparison, champion: Subject | None) -> Finding:
    """Not worse than the champion by more than the margin, and on the right side of the bar."""
    value = metric.candidate
    if value is None or not math.isfinite(value):
        said = "was not logged" if value is None else f"is {number(value)}"
        return Outcome.UNKNOWN, f"{kpi.metric} {said}, and the policy requires it."
    shown, lower = f"{kpi.metric} {number(value, kpi.unit)}", kpi.direction is Direction.LOWER
    if kpi.bar is not None and (value > kpi.bar if lower else value < kpi.bar):
        side = "at most" if lower else "at least"
        return Outcome.FAILED, f"{shown} misses the bar: {side} {number(kpi.bar, kpi.unit)}."
    bar = f", within the bar of {number(kpi.bar, kpi.unit)}" if kpi.bar is not None else ""
    if champion is None:
        return Outcome.PASSED, f"{shown}{bar}; there is no champion to be worse than."
    if metric.champion is None or not math.isfinite(metric.champion) or metric.difference is None:
        return Outcome.UNKNOWN, f"{shown}{bar}, but {champion.reference} has no {kpi.metric} to compare with."
    worse = metric.difference if lower else -metric.difference
    gap = f"{difference(metric.difference, kpi.unit)} beside {champion.reference}, margin {number(kpi.margin, kpi.unit)}"
    # 0.8 - 0.7 is more than 0.1 to a processor, and not to the person who wrote the margin.
    slack = _ROUNDING * max(abs(value), abs(metric.champion)) if kpi.margin else 0.0
    if worse > kpi.margin + slack:
        return Outcome.FAILED, f"{shown} is worse than allowed ({gap})."
    return Outcome.PASSED, f"{shown} is not worse than allowed ({gap}){bar}."


def _loads(candidate: Subject, _champion: Subject | None, _policy: Policy | None, blobs: Blobs) -> Finding:
    """The round trip was made when it was registered; what can change since are the bytes."""
    if candidate.manifest is None or _hashed(blobs, candidate.version.digest) != candidate.version.digest:
        return Outcome.FAILED, f"The manifest of {candidate.reference} is damaged or gone."
    bad = [file.path for file in candidate.manifest.files if _hashed(blobs, file.digest) != file.digest]
    if bad:
        names = ", ".join(a_few(bad, limit=3, rest="files"))
        return Outcome.FAILED, f"Model bytes are damaged or gone: {names}."
    files = counted(len(candidate.manifest.files), "file")
    return Outcome.PASSED, f"Loaded in a clean process when it was registered; {files} unchanged since."


def _hashed(blobs: Blobs, digest: str) -> str | None:
    total = hashlib.sha256()
    try:
        with blobs.open(digest) as content:
            while chunk := content.read(_CHUNK):
                total.update(chunk)
    except NotFound:
        return None
    return total.hexdigest()


def _format(candidate: Subject, _champion: Subject | None, _policy: Policy | None, _blobs: Blobs) -> Finding:
    name = candidate.version.format
    if name in _SAFE:
        return Outcome.PASSED, f"Stored as {name}, which runs nothing when it is loaded."
    return Outcome.FAILED, f"Stored as {name}: loading it runs whatever is inside."


def _grade(candidate: Subject, _champion: Subject | None, policy: Policy | None, _blobs: Blobs) -> Finding:
    grade = candidate.run.grade if candidate.run else Grade.UNKNOWN
    if altered := _altered(candidate):
        return Outcome.FAILED, altered
    reason = (candidate.run.grade_reason if candidate.run else "its run is not in the books").rstrip(".")
    why = f": {reason}" if reason and grade is not Grade.CLEAN else ""
    least = policy.minimum_grade if policy and policy.minimum_grade else Grade.CLEAN
    if _GRADES.index(grade) <= _GRADES.index(least):
        return Outcome.PASSED, f"The cells it rests on are graded {grade}{why}."
    asked = f"; {least} is asked for" if policy and policy.minimum_grade else ""
    outcome = Outcome.UNKNOWN if grade is Grade.UNKNOWN else Outcome.FAILED
    return outcome, f"The cells it rests on are graded {grade}{why}{asked}."


def _reproduction(
    candidate: Subject, _champion: Subject | None, policy: Policy | None, _blobs: Blobs
) -> Finding:
    """What came of it counts as of the last time: whoever mends a run runs it again.

    Where nothing was compared, or with a tolerance that finds anything near, nothing is known of it.
    """
    told, run = candidate.reproduced, candidate.run
    if told is None:
        again = f": jupyter mlops reproduce {run.short}, then open a review" if run else ""
        return Outcome.UNKNOWN, f"Its run was not run again{again}."
    least = policy.reproduction if policy and policy.reproduction else ReproductionVerdict.WITHIN_TOLERANCE
    near = f" of {number(told.tolerance)}" if told.verdict == "within_tolerance" and told.tolerance else ""
    said = f"Its run was run again{f' as {told.run[-6:]}' if told.run else ''}: {told.verdict.replace('_', ' ')}{near}"
    if (
        told.verdict is ReproductionVerdict.IDENTICAL and told.cause
    ):  # one is told only where there was no part at all
        return Outcome.UNKNOWN, f"{said}, but {told.cause.rstrip('.')}."
    enough = at_least(told.verdict, least)
    if enough and near and told.tolerance and told.tolerance > _TOLERATED:
        most = f"a tolerance above {number(_TOLERATED)} does not count"
        again = f": jupyter mlops reproduce {run.short} --tolerance {number(_TOLERATED)}" if run else ""
        return Outcome.UNKNOWN, f"{said}, and {most}{again}."
    if enough:
        return Outcome.PASSED, f"{said}."
    cause = f"; {told.cause.rstrip('.')}" if told.cause else ""
    return Outcome.FAILED, f"{said}{cause}; {least.replace('_', ' ')} is asked for."


def _altered(candidate: Subject) -> str:
    """Return a sentence where the books no longer hold the cells as they were recorded."""
    if candidate.run is None or candidate.run.source.cells is None:
        return ""
    broken = first_broken_link(candidate.cells)
    if broken is not None:
        return f"{cell_label(candidate.cells[broken])} is not recorded as it ran: its digest says otherwise."
    # A run that was continued or resumed has the cells of its earlier lives, too.
    source, earlier = candidate.run.source, candidate.run.earlier
    rests_on = frozenset(source.rests_on)
    last = [cell for cell in candidate.cells if cell.session == source.session and cell.sequence in rests_on]
    others = {
        session: cells_digest([cell for cell in candidate.cells if cell.session == session])
        for session in (earlier.cells if earlier else ())
        if session != source.session
    }
    told = {session: earlier.cells[session] for session in others} if earlier else {}
    if cells_digest(last) != source.cells or others != told:
        return "The recorded cells are not those its run rests on: some are missing, or are others."
    return ""


def _document(
    candidate: Subject, _champion: Subject | None, _policy: Policy | None, _blobs: Blobs
) -> Finding:
    state = candidate.run.document if candidate.run else DocumentState.UNKNOWN
    return {
        DocumentState.SAVED: (Outcome.PASSED, "The saved notebook holds what ran."),
        DocumentState.UNSAVED: (Outcome.FAILED, "What ran is not what the saved notebook holds."),
        DocumentState.ORPHANED: (Outcome.FAILED, "A cell it rests on is no longer in the saved notebook."),
        DocumentState.UNKNOWN: (Outcome.UNKNOWN, "Nobody can say whether the saved notebook holds what ran."),
    }[state]


def _same_data(
    candidate: Subject, champion: Subject | None, _policy: Policy | None, _blobs: Blobs
) -> Finding:
    ours, theirs = test_data(candidate.inputs), test_data(champion.inputs if champion else ())
    if champion is None or not ours or not theirs:
        which = candidate.reference if champion is None or not ours else champion.reference
        return Outcome.UNKNOWN, f"It is not recorded which data {which} was measured on."
    if ours == theirs:
        return Outcome.PASSED, f"Measured on the same data as {champion.reference}, by digest."
    return (
        Outcome.FAILED,
        f"Measured on other data than {champion.reference}: a difference may be the data's.",
    )


def _golden_rows(
    candidate: Subject, _champion: Subject | None, _policy: Policy | None, blobs: Blobs
) -> Finding:
    golden: Manifest | None = candidate.manifest
    if golden is None or golden.golden is None:
        return Outcome.UNKNOWN, "No golden rows were kept with the model."
    if _hashed(blobs, golden.golden) != golden.golden:
        return Outcome.FAILED, "The golden rows are damaged or gone."
    return Outcome.PASSED, "Golden rows gave the recorded predictions after loading."


def _signature(
    candidate: Subject, champion: Subject | None, _policy: Policy | None, _blobs: Blobs
) -> Finding:
    ours = candidate.version.signature
    if not ours.inputs:
        return Outcome.UNKNOWN, "The model has no signature: nobody can say which columns it takes."
    if champion is None:
        return (
            Outcome.PASSED,
            f"Takes {counted(len(ours.inputs), 'column')}; there is no champion to differ from.",
        )
    changes = signature_changes(ours, champion.version.signature)
    if changes:
        listed = "; ".join(a_few(changes, limit=3, rest="changes"))
        return Outcome.FAILED, f"Callers of {champion.reference} would break: {listed}."
    return Outcome.PASSED, f"Takes and gives the same columns as {champion.reference}."


_STANDARD: dict[str, Callable[[Subject, Subject | None, Policy | None, Blobs], Finding]] = {
    "grade": _grade,
    "loads": _loads,
    "format": _format,
    "golden_rows": _golden_rows,
    "same_data": _same_data,
    "signature": _signature,
    "document": _document,
    "reproduction": _reproduction,
}
KNOWN_CHECKS = tuple(_STANDARD)
