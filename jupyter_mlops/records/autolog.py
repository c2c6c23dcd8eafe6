"""What autolog does with what it sees: the choices a user has."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.errors import Invalid

__all__ = ["ALL", "MOST_CHILDREN", "AutologOptions"]

ALL = "all"
MOST_CHILDREN = 1000  # of one search: each is a run, and nobody reads more


@dataclass(frozen=True, slots=True, kw_only=True)
class AutologOptions:
    """How autolog records fits; each has a default that suits most."""

    positive_label: str | int | float | bool | None = (
        None  # the class that precision, recall, F1 and the curves are of; none: weighted over all classes
    )
    candidates: int | str = 10  # how many of a search become child runs, the best first: 0 to 1000, or all
    models: bool = True  # keep the fitted models
    train_metrics: bool = True  # predict on the training data, for metrics

    def __post_init__(self) -> None:
        if self.candidates != ALL and (
            isinstance(self.candidates, str) or not 0 <= self.candidates <= MOST_CHILDREN
        ):
            raise Invalid(
                f"autolog: candidates must be a whole number from 0 to {MOST_CHILDREN} or {ALL!r}, not {self.candidates!r:.40}",
                remedy=f"Say 0 for no child runs, 20 for the best twenty, {ALL!r} for as many as {MOST_CHILDREN}.",
            )

    @property
    def most(self) -> int:
        """How many candidates of a search become child runs, as a number."""
        return MOST_CHILDREN if isinstance(self.candidates, str) else self.candidates
