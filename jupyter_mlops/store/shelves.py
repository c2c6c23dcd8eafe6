"""The shelves of the store: which records stand where, under which key, and who refers to whom.

Both adapters read this table, so that they cannot disagree about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.dataset import Dataset
from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.job import Job
from jupyter_mlops.records.model import Alias, Model, ModelVersion
from jupyter_mlops.records.notification import Notification, Subscription
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.schedule import Fire, JobDefinition

__all__ = ["SHELVES", "Reference", "Shelf"]

# By shelf, the command that lists what is there; {0} is the first part of the key asked for.
_LISTINGS = {
    "runs": "runs",
    "artifacts": "artifacts {0}",
    "datasets": "datasets",
    "jobs": "jobs",
    "definitions": "schedule list",
    "models": "models",
    "versions": "versions {0}",
    "aliases": "aliases {0}",
    "reviews": "reviews",
    "deployments": "deployments",
    "reports": "drifts",
    "subscriptions": "notify list",
    "notifications": "notifications",
}
# What people call the records of a shelf, where that is not its name.
_CALLED = {"definitions": "schedules", "reports": "drift reports"}


@dataclass(frozen=True, slots=True)
class Reference:
    """Records of another shelf that point here: their fields, and ours that these equal."""

    shelf: str
    theirs: tuple[str, ...]
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One collection of the store."""

    name: str  # the property of ``protocol.Transaction``
    noun: str  # in a sentence: "no run …"
    record: type
    key: tuple[str, ...]
    time: str | None = None  # what "newest" means here
    indexed: tuple[str, ...] = ()  # attributes, dotted for nested ones, that have a column of their own
    referred: tuple[Reference, ...] = ()

    @property
    def several(self) -> str:
        """How a sentence names all of them: "runs have no …"."""
        return _CALLED.get(self.name, self.name)

    def key_of(self, record: object) -> tuple[Any, ...]:
        """Return the values of the key."""
        return tuple(getattr(record, name) for name in self.key)

    def checked(self, key: tuple[object, ...]) -> tuple[Any, ...]:
        """Return *key* as given, or say that it has the wrong number of parts."""
        if len(key) != len(self.key):
            raise Invalid(
                f"a {self.noun} is found by {', '.join(self.key)}; {len(key)} values were given",
                remedy=f"Give {', '.join(self.key)}.",
            )
        return key

    def absent(self, key: tuple[object, ...]) -> NotFound:
        """Return the error of a record that is not there, with the command that lists those that are."""
        listing = _LISTINGS.get(self.name, "history").format(*key)
        return NotFound(
            f"there is no {self.title(key)}",
            remedy=f"jupyter mlops {listing} lists {'them' if self.name in _LISTINGS else 'what happened'}.",
        )

    def title(self, key: tuple[object, ...]) -> str:
        """Return how a sentence names the record under *key*."""
        if self.name in {"versions", "datasets"}:
            return f"{self.noun} {key[0]}:{key[1]}"
        return f"{self.noun} {'@'.join(map(str, key)) if self.name == 'aliases' else '/'.join(map(str, key))}"


def _by_id(*shelves: tuple[str, str]) -> tuple[Reference, ...]:
    return tuple(Reference(shelf, (field,), ("id",)) for shelf, field in shelves)


def _by_version(*shelves: str) -> tuple[Reference, ...]:
    return tuple(Reference(shelf, ("model", "version"), ("model", "version")) for shelf in shelves)


def _by_model(*shelves: str) -> tuple[Reference, ...]:
    return tuple(Reference(shelf, ("model",), ("name",)) for shelf in shelves)


_ALL = (
    Shelf(
        name="runs",
        noun="run",
        record=Run,
        key=("id",),
        time="started",
        indexed=(
            "experiment", "name", "status", "grade", "document", "started", "ended", "parent", "job", "archived",
            "source.notebook", "actor.name",
        ),
        referred=_by_id(
            ("runs", "parent"), ("artifacts", "run"), ("jobs", "run"), ("versions", "run"), ("datasets", "run")
        ),
    ),
    Shelf(name="artifacts", noun="artifact", record=Artifact, key=("run", "name"), indexed=("digest",)),
    Shelf(
        name="datasets",
        noun="dataset",
        record=Dataset,
        key=("name", "version"),
        time="created",
        indexed=("digest", "run", "created"),
    ),
    Shelf(
        name="jobs",
        noun="job",
        record=Job,
        key=("id",),
        time="queued",
        indexed=("status", "run", "queued", "followed", "spec.notebook", "spec.experiment", "spec.name", "turn", "sweep"),
        referred=_by_id(("runs", "job"), ("fires", "job")),
    ),
    Shelf(
        name="definitions",
        noun="schedule",
        record=JobDefinition,
        key=("id",),
        time="created",
        indexed=("name", "active", "created", "due", "watches"),
        referred=_by_id(("fires", "definition")),
    ),
    Shelf(
        name="fires",
        noun="fire",
        record=Fire,
        key=("definition", "cause"),
        time="claimed",
        indexed=("status", "due", "claimed", "job"),
    ),
    Shelf(
        name="subscriptions",
        noun="subscription",
        record=Subscription,
        key=("id",),
        time="created",
        indexed=("name", "created"),
        referred=_by_id(("notifications", "subscription")),
    ),
    Shelf(
        name="notifications",
        noun="notification",
        record=Notification,
        key=("subscription", "cause"),
        time="made",
        indexed=("channel", "subject", "thing", "status", "due", "made"),
    ),
    Shelf(
        name="models",
        noun="model",
        record=Model,
        key=("name",),
        time="created",
        indexed=("created",),
        referred=_by_model("versions", "aliases", "policies", "reviews", "deployments", "reports"),
    ),
    Shelf(
        name="versions",
        noun="model version",
        record=ModelVersion,
        key=("model", "version"),
        time="created",
        indexed=("digest", "run", "created"),
        referred=_by_version("aliases", "reviews", "deployments", "reports"),
    ),
    Shelf(
        name="aliases",
        noun="alias",
        record=Alias,
        key=("model", "name"),
        time="moved",
        indexed=("version", "moved"),
    ),
    Shelf(name="policies", noun="policy", record=Policy, key=("model",)),
    Shelf(
        name="reviews",
        noun="review",
        record=Review,
        key=("id",),
        time="opened",
        indexed=("model", "version", "alias", "status", "opened"),
    ),
    Shelf(
        name="deployments",
        noun="deployment",
        record=Deployment,
        key=("id",),
        time="started",
        indexed=("model", "alias", "version", "status", "started"),
        referred=_by_id(("reports", "deployment")),
    ),
    Shelf(
        name="reports",
        noun="drift report",
        record=DriftReport,
        key=("id",),
        time="started",
        indexed=("deployment", "model", "version", "started"),
    ),
)  # fmt: skip
SHELVES: Mapping[str, Shelf] = {shelf.name: shelf for shelf in _ALL}
