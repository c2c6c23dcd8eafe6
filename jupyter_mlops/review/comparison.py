"""Metrics beside each other, and the sentence that answers the question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from jupyter_mlops.records.policy import Direction, Kpi, Policy, direction_of
from jupyter_mlops.records.review import MetricComparison
from jupyter_mlops.review.sides import Subject
from jupyter_mlops.review.wording import counted

__all__ = ["against", "compare_metrics", "headline"]


def compare_metrics(
    candidate: Subject, champion: Subject | None, policy: Policy | None
) -> tuple[MetricComparison, ...]:
    """Return one comparison a metric, those the policy names first.

    Beside a champion the difference is to the champion; without one, to the simple baseline of the run.
    """
    kpis = {kpi.metric: kpi for kpi in (policy.kpis if policy else ())}
    theirs = champion.metrics if champion else {}
    baseline = {} if champion else candidate.baseline
    measured = {name for name in candidate.metrics.keys() | theirs.keys() if not _describes(name)}
    names = kpis.keys() | measured
    ordered = sorted(names, key=lambda name: (list(kpis).index(name) if name in kpis else len(kpis), name))
    return tuple(_compared(name, kpis.get(name), candidate.metrics, theirs, baseline) for name in ordered)


def _describes(name: str) -> bool:
    """Tell whether a metric speaks of the training only: how well a model knows what it has seen, how long it took.

    Recorded by themselves with every fit; neither says that a model is better, so a policy has to ask for them.
    """
    return name.startswith("train_") or name == "fit_seconds"


def _compared(
    name: str,
    kpi: Kpi | None,
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    baseline: Mapping[str, float],
) -> MetricComparison:
    direction = kpi.direction if kpi else direction_of(name)
    value = ours.get(name)
    other = theirs.get(name, baseline.get(name))
    gap = None if value is None or other is None or not math.isfinite(value - other) else value - other
    return MetricComparison(
        name=name,
        candidate=value,
        champion=theirs.get(name),
        direction=direction,
        difference=gap,
        better=_better(gap, direction),
        required=kpi is not None,
        unit=kpi.unit if kpi else "",
        baseline=baseline.get(name),
    )


def _better(gap: float | None, direction: Direction | None) -> bool | None:
    if gap is None or direction is None or gap == 0:
        return None
    return (gap < 0) == (direction is Direction.LOWER)


def against(champion: Subject | None, metrics: Sequence[MetricComparison]) -> str:
    """Return what the metrics were compared with: ``champion``, ``baseline``, or nothing (empty)."""
    if champion is not None:
        return "champion"
    return "baseline" if any(metric.baseline is not None for metric in metrics) else ""


def headline(
    candidate: Subject, champion: Subject | None, alias: str, metrics: Sequence[MetricComparison]
) -> str:
    """Return the first line of the screen: the answer, in words."""
    if champion is None:
        if against(None, metrics):
            return f"No {alias} yet: {_verdict('the simple baseline', metrics, lower=True)}"
        return f"No {alias} yet: compared with nothing."
    if champion.version.version == candidate.version.version:
        return f"{candidate.reference} is {alias} already: approving confirms it."
    return _verdict(f"{alias} {champion.reference}", metrics)


def _verdict(other: str, metrics: Sequence[MetricComparison], *, lower: bool = False) -> str:
    required = [metric for metric in metrics if metric.required]
    kind = "required metric" if required else "metric"
    both = [metric for metric in required or metrics if metric.difference is not None]
    judged = [metric for metric in both if metric.direction is not None]
    if not both:
        text = f"Not comparable with {other}: no {kind} in common."
    elif not judged:
        text = f"Beside {other} on {counted(len(both), kind)}, but nobody said which way is better."
    else:
        text = _counted_verdict(other, judged, kind)
    return text[0].lower() + text[1:] if lower else text


def _counted_verdict(other: str, judged: Sequence[MetricComparison], kind: str) -> str:
    better = sum(1 for metric in judged if metric.better is True)
    worse = sum(1 for metric in judged if metric.better is False)
    equal, of = len(judged) - better - worse, counted(len(judged), kind)
    if better and not worse:
        return f"Better than {other} on {better} of {of}{_also(equal=equal)}."
    if worse and not better:
        return f"Worse than {other} on {worse} of {of}{_also(equal=equal)}."
    if not better and not worse:
        return f"Equal to {other} on {of}."
    return f"Better than {other} on {better} of {of}{_also(worse=worse, equal=equal)}."


def _also(*, worse: int = 0, equal: int = 0) -> str:
    said = [f"{word} on {count}" for word, count in (("worse", worse), ("equal", equal)) if count]
    return f", {', '.join(said)}" if said else ""
