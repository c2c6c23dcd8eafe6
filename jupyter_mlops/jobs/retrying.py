"""Whether an ended job is tried again by itself: by class of failure, so often and so soon as its policy says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.steps import requeue
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.retry import FailureClass, NextTry, RetryRule
from jupyter_mlops.workspace import Workspace

__all__ = ["MOST", "next_try", "read_rules", "retry_by_policy"]

MOST = 100  # retries
_NEVER_BEGAN = RetryRule(failure=FailureClass.INFRASTRUCTURE, times=2, wait=1.0)
_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z")
_WORDS = ("wait", "factor", "longest", "memory")
_LONGEST_WAIT = 7 * 86_400.0  # seconds
_EXAMPLE = "Such as: out_of_memory=2,wait=30,memory=1.5 (twice, after 30 s, with half as much memory again)."


def read_rules(texts: Iterable[str]) -> tuple[RetryRule, ...]:
    """Read retry rules, each ``CLASS=TIMES`` and, where wanted, ``wait=``, ``factor=``, ``longest=`` and ``memory=``.

    Raises
    ------
    Invalid
        A class or word is unknown, a number is out of bounds, or a class is named twice.
    """
    rules: dict[FailureClass, RetryRule] = {}
    for text in texts:
        rule = _read_rule(text)
        if rule.failure in rules:
            raise Invalid(
                f"two retry rules are for {rule.failure}", remedy="Say each class of failure at most once."
            )
        rules[rule.failure] = rule
    return tuple(rules.values())


def _read_rule(text: str) -> RetryRule:
    first, *rest = (part.strip() for part in text.split(","))
    name, _, times = first.partition("=")
    known = [str(each) for each in FailureClass]
    if name.strip() not in known:
        raise Invalid(
            f"retry: {name.strip()[:40]!r} is no class of failure",
            remedy=f"Known: {', '.join(known)}. {_EXAMPLE}",
        )
    rule = RetryRule(
        failure=FailureClass(name.strip()),
        times=int(_within(text, "times", times or "1", 0, MOST, whole=True)),
    )
    for part in rest:
        word, _, value = part.partition("=")
        field = word.strip()
        if field not in _WORDS:
            raise Invalid(
                f"retry: {field[:40]!r} says nothing here",
                remedy=f"Known: {', '.join(_WORDS)}. {_EXAMPLE}",
            )
        low, high = (1.0, 100.0) if field in {"factor", "memory"} else (0.0, _LONGEST_WAIT)
        changed: dict[str, Any] = {field: _within(text, field, value, low, high)}
        rule = replace(rule, **changed)
    if rule.memory != 1.0 and rule.failure is not FailureClass.OUT_OF_MEMORY:
        raise Invalid(
            f"retry: more memory does not help against {rule.failure}",
            remedy="Say memory= with out_of_memory only.",
        )
    return rule


def _within(text: str, name: str, value: str, low: float, high: float, *, whole: bool = False) -> float:
    value = value.strip()
    if not _NUMBER.match(value) or (whole and "." in value) or not low <= float(value) <= high:
        kind = "a whole number" if whole else "a number"
        raise Invalid(
            f"retry: {name} is {value[:40]!r} in {text[:80]!r}; it must be {kind} from {low:g} to {high:g}",
            remedy=_EXAMPLE,
        )
    return float(value)


def next_try(job: Job) -> NextTry | None:
    """Return when an ended *job* is tried again by itself; None where it is not.

    Each class of failure is counted by itself. A job whose worker never began to execute anything is put back
    twice where its policy does not speak of the infrastructure: nothing has happened that could happen twice.
    """
    if job.cancel or job.ended is None or job.status is JobStatus.SUCCEEDED:
        return None
    failure = job.error.failure if job.error else None
    if failure is None and job.status is JobStatus.CANCELLED:
        return None
    if job.spec.sweep is not None and job.status is JobStatus.FAILED:
        return None  # its trials were tried again, each as often as it may be
    failure = failure or FailureClass.NOTEBOOK
    rule = _rule_for(job, failure)
    before = sum(past.error is not None and past.error.failure is failure for past in job.attempts)
    if before >= rule.times:
        return None
    memory = job.spec.memory
    if memory is not None and failure is FailureClass.OUT_OF_MEMORY:
        memory = int(memory * rule.memory)
    return NextTry(at=job.ended + timedelta(seconds=rule.pause(before)), memory=memory)


def _rule_for(job: Job, failure: FailureClass) -> RetryRule:
    said = next((rule for rule in job.spec.retry if rule.failure is failure), None)
    if said is not None:
        return said
    if job.started is None and job.status is JobStatus.LOST and job.spec.retries < _NEVER_BEGAN.times:
        return _NEVER_BEGAN
    return RetryRule(failure=failure, times=job.spec.retries)


def retry_by_policy(ws: Workspace, job: Job) -> Job | None:
    """Queue *job* again where its policy says so, to start when the wait is over; None where it does not.

    Many may ask at once: it is queued once.
    """
    if next_try(job) is None:
        return None
    with ws.store.write() as tx:
        kept = tx.jobs.get(job.id)
        due = next_try(kept)
        if due is None or kept.followed or kept.sequence != job.sequence:
            return None
        spec = replace(kept.spec, memory=due.memory)
        return requeue(ws, tx, kept, spec=spec, not_before=due.at)
