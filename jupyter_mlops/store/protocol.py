"""The ports: what the house asks of a place where records and bytes rest.

Two adapters pass one contract suite (``tests/contracts``): SQL and memory for records; a folder, memory and an
object store for bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from jupyter_mlops.records.event import Event
from jupyter_mlops.records.run import MetricPoint, MetricSummary, Run
from jupyter_mlops.records.source import CellExecution

if TYPE_CHECKING:
    from jupyter_mlops.records.artifact import Artifact
    from jupyter_mlops.records.dataset import Dataset
    from jupyter_mlops.records.deployment import Deployment, Prediction
    from jupyter_mlops.records.drift import DriftReport
    from jupyter_mlops.records.experiment import ValueCount
    from jupyter_mlops.records.job import Job
    from jupyter_mlops.records.model import Alias, Model, ModelVersion
    from jupyter_mlops.records.notification import Notification, Subscription
    from jupyter_mlops.records.policy import Policy
    from jupyter_mlops.records.query import Page, Query
    from jupyter_mlops.records.review import Review
    from jupyter_mlops.records.schedule import Fire, JobDefinition
    from jupyter_mlops.store.curves import Curve


__all__ = [
    "Blobs",
    "CellSeries",
    "Collection",
    "Digest",
    "EventSeries",
    "MetricSeries",
    "Series",
    "Store",
    "Transaction",
]

Digest = str  # SHA-256, 64 lower-case hex digits
T = TypeVar("T")


class Collection(Protocol[T]):
    """Records with a key. The key of each collection is given at its name in ``Transaction``."""

    def add(self, record: T) -> None:
        """Keep a new record; ``Conflict`` where its key is taken."""

    def get(self, *key: object) -> T:
        """Return the record under *key*; ``NotFound`` where there is none."""

    def replace(self, record: T) -> None:
        """Keep *record* in place of the one under its key, or as a new one."""

    def find(self, query: Query) -> Page[T]:
        """Return a page of what *query* describes; ``Invalid`` for a field the record has not.

        Without an order: newest first where the record has a time, else by key. Ties are broken by key, so
        that a cursor never skips or repeats a record.
        """

    def count_by(self, attribute: str, query: Query) -> Sequence[ValueCount]:
        """Return how many of the records that *query* lets through have each text in *attribute*, by the text.

        The attribute is one that the shelf keeps a column of. An order, a cursor and a limit do not count.
        """

    def remove(self, *key: object) -> None:
        """Forget what nothing refers to; ``NotFound`` where there is none."""


class Series(Protocol[T]):
    """Append-only items of an owner, idempotent by (owner, sequence): a journal replayed twice adds once."""

    def append(self, items: Sequence[T]) -> None:
        """Keep *items*; one whose owner and sequence are already there is passed over."""

    def read(self, owner: str, *, after: int = 0, limit: int = 1000) -> Sequence[T]:
        """Return items of *owner* with a sequence greater than *after*, in order."""


class MetricSeries(Series[MetricPoint], Protocol):
    """Metric points, and what a run's points come to per name."""

    def extend(self, curves: Sequence[Curve]) -> None:
        """Keep the points of *curves*: as ``append``, without an object for each.

        Of points that say the same sequence of one owner, the first is kept.
        """

    def history(
        self, owner: str, key: str, *, after: int = 0, limit: int = 10_000, most: int | None = None
    ) -> Sequence[MetricPoint]:
        """Return the points of one metric, in order of their sequence.

        Parameters
        ----------
        limit
            The first so many; not looked at where *most* is given.
        most
            Thin the whole curve out to so many, 4 at least: both ends, and the extremes of each stretch.
        """

    def curve(self, owner: str, key: str, *, after: int = 0) -> Curve:
        """Return one metric as columns, in order of the sequence; one that is not there has no points."""

    def summaries(self, owner: str) -> dict[str, MetricSummary]:
        """Return one summary a metric."""


class CellSeries(Protocol):
    """The executed cells a run rests on, under the run's id."""

    def append(self, owner: str, items: Sequence[CellExecution]) -> None:
        """Keep the cells of a run's slice; one already there is passed over."""

    def read(self, owner: str) -> Sequence[CellExecution]:
        """Return the slice in the order of execution."""


class EventSeries(Protocol):
    """The ledger. ``append`` numbers and chains inside the transaction (see ``records.event``)."""

    def append(self, items: Sequence[Event]) -> Sequence[Event]:
        """Number, link, digest and keep *items*; return them as kept."""

    def read(
        self, *, after: int = 0, limit: int = 1000, subject: str = "", kind: str = ""
    ) -> Sequence[Event]:
        """Return events with a sequence greater than *after*, in order; *kind* may end in ``.`` for a prefix."""

    def head(self) -> Event | None:
        """Return the last event."""


class Transaction(Protocol):
    """One consistent view; inside ``Store.write`` all that is done here happens, or nothing does."""

    @property
    def runs(self) -> Collection[Run]:
        """Under ``id``."""

    @property
    def artifacts(self) -> Collection[Artifact]:
        """Under ``run`` and ``name``."""

    @property
    def datasets(self) -> Collection[Dataset]:
        """Under ``name`` and ``version``."""

    @property
    def jobs(self) -> Collection[Job]:
        """Under ``id``."""

    @property
    def definitions(self) -> Collection[JobDefinition]:
        """Under ``id``."""

    @property
    def fires(self) -> Collection[Fire]:
        """Under ``definition`` and ``cause``."""

    @property
    def subscriptions(self) -> Collection[Subscription]:
        """Under ``id``."""

    @property
    def notifications(self) -> Collection[Notification]:
        """Under ``subscription`` and ``cause``."""

    @property
    def models(self) -> Collection[Model]:
        """Under ``name``."""

    @property
    def versions(self) -> Collection[ModelVersion]:
        """Under ``model`` and ``version``."""

    @property
    def aliases(self) -> Collection[Alias]:
        """Under ``model`` and ``name``."""

    @property
    def policies(self) -> Collection[Policy]:
        """Under ``model``."""

    @property
    def reviews(self) -> Collection[Review]:
        """Under ``id``."""

    @property
    def deployments(self) -> Collection[Deployment]:
        """Under ``id``."""

    @property
    def reports(self) -> Collection[DriftReport]:
        """Under ``id``."""

    @property
    def metrics(self) -> MetricSeries:
        """Points of runs, by run and sequence."""

    @property
    def cells(self) -> CellSeries:
        """Executed cells, under the id of the run that rests on them."""

    @property
    def predictions(self) -> Series[Prediction]:
        """Answers, by deployment and sequence."""

    @property
    def events(self) -> EventSeries:
        """The ledger."""


class Store(Protocol):
    """Where records rest."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Open a view that sees one moment."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Open a serialised transaction: it begins as a write, and is all or nothing."""

    def waited(self) -> float:
        """Return for how many seconds a writer of this process has been waiting for its turn; 0 where none is."""

    def close(self) -> None:
        """Give back connections and files; a closed store is opened anew."""


class Blobs(Protocol):
    """Where bytes rest, under the digest of their content."""

    def put(self, content: BinaryIO) -> Digest:
        """Keep the bytes of *content* from where it stands; the same bytes are kept once."""

    def open(self, digest: Digest) -> BinaryIO:
        """Return the bytes as a readable file; ``NotFound`` where there are none."""

    def has(self, digest: Digest) -> bool:
        """Tell whether the bytes are here."""

    def size(self, digest: Digest) -> int:
        """Return their length in bytes; ``NotFound`` where there are none."""

    def remove(self, digest: Digest, *, unless_since: datetime | None = None) -> None:
        """Forget the bytes; not those that were put since *unless_since*: a collection that races a put must lose."""
