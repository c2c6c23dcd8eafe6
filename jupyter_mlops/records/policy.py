"""What a model's approval takes, in its owner's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.records.run import Grade

__all__ = ["Direction", "Kpi", "Policy", "direction_of", "told_at"]


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A metric that decides: its direction, how much worse it may be than the champion, an absolute bar."""

    metric: str
    direction: Direction
    margin: float = 0.0  # in the metric's unit, how much worse than the champion is still accepted
    bar: float | None = None  # absolute: at most (lower) or at least (higher)
    unit: str = ""


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One model's rules. Where there is none: quorum 1, one's own approval allowed and labelled so."""

    model: str
    quorum: int = 1
    author_may_approve: bool = False
    protected: tuple[str, ...] = ("champion",)  # aliases only a review may move
    doors: tuple[str, ...] = ()  # which doors count; empty: all
    reviewers: tuple[str, ...] = ()  # who counts; empty: everybody
    minimum_grade: Grade | None = None
    reproduction: ReproductionVerdict | None = None  # the least that must have come of running its run again
    kpis: tuple[Kpi, ...] = ()
    checks: Mapping[str, bool] = field(default_factory=dict)  # check name to required

    def __post_init__(self) -> None:
        freeze_mappings(self, "checks")


_LOWER = frozenset(
    re.findall(
        r"\S+",
        "mae mse rmse mape smape wape msle rmsle medae mase error errors err loss losses deviance brier "
        "pinball crps perplexity hinge logloss nll wer cer fpr fnr latency seconds time duration cost "
        "misfit regret bias distance",
    )
)
_HIGHER = frozenset(
    re.findall(
        r"\S+",
        "accuracy acc auc roc auroc auprc precision recall f1 fbeta r2 score ap iou dice jaccard kappa "
        "mcc ndcg mrr bleu rouge likelihood correlation pearson spearman specificity sensitivity gain "
        "tpr tnr top1 top5 hit purity silhouette",
    )
)
_NEGATED = frozenset({"neg", "negative", "minus"})
_SPREAD = ("_std", "_stdev")
_COMPOUNDS = ("explained_variance", "variance_explained")


def direction_of(metric: str) -> Direction | None:
    """Return which way *metric* is better, read off the words of its name; None where they do not say.

    A word that means loss wins over one that means gain (``brier_score`` is a loss), and scikit-learn's
    ``neg_`` turns it round (``neg_mean_squared_error`` is higher when better). How far values lie apart
    (``cv_score_std``) says nothing of how good they are.
    """
    if metric.endswith(_SPREAD):
        return None
    words = re.findall(r"[a-z]+\d*", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", metric).lower())
    if not _NEGATED.isdisjoint(words):
        if not _LOWER.isdisjoint(words):
            return Direction.HIGHER
        return None if _HIGHER.isdisjoint(words) else Direction.LOWER
    if not _LOWER.isdisjoint(words):
        return Direction.LOWER
    if not _HIGHER.isdisjoint(words) or any(name in "_".join(words) for name in _COMPOUNDS):
        return Direction.HIGHER
    return None


def told_at(metric: str) -> int:
    """Return the place at which *metric* is told: 0 first, of held-out data; 1, of the data fitted on; 2, of the fitting itself.

    Read off its name as well. What was measured on data that a model has not seen says more of it than what was
    measured while it was fitted, and that more than how long fitting took or how much its folds differ.
    """
    if metric.endswith(("_seconds", "_std")) or metric.startswith(("fold_", "rank_", "batches")):
        return 2
    return int(metric.startswith("train"))
