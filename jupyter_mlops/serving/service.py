"""A deployment at work: the predictor that answers now, the alias it follows, the traffic it writes down."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.deployment import Deployment, DeploymentStatus, Prediction
from jupyter_mlops.serving.deploy import deploy, get_deployment, renew, settle, swap
from jupyter_mlops.serving.predictor import Predictor, load_predictor
from jupyter_mlops.serving.tensors import plain
from jupyter_mlops.serving.traffic import append_predictions
from jupyter_mlops.workspace import Workspace

__all__ = ["Answer", "Service"]

_log = logging.getLogger(__name__)
_RENEWALS = 3  # in the time of one lease
_KEPT = 100_000  # rows that wait to be written; beyond this traffic is dropped before the memory is full


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to one request, and by which version."""

    request: str
    version: int
    values: Any


@dataclass(slots=True)
class Service:
    """One process that answers for a reference. ``start`` loads the model, ``close`` gives everything back."""

    ws: Workspace
    reference: str
    interval: float = 0.5  # seconds between two looks at the ledger
    predictor: Predictor | None = None
    deployment: Deployment | None = None
    problem: str = ""  # why the last swap did not happen
    dropped: int = 0  # rows of traffic that could not be kept
    _cursor: int = 0
    _renewal: float = 0.0  # when the lease is prolonged next, by the monotonic clock
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _waiting: list[Prediction] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, url: str = "", *, ended: Callable[[], None] | None = None) -> Deployment:
        """Load the model, record the deployment as live, and follow the alias from here on.

        *ended* is called when somebody stops the deployment from elsewhere.
        """
        with self.ws.store.read() as tx:
            head = tx.events.head()
        # Taken before the model is loaded: a move in between is then seen as one.
        self._cursor = head.sequence if head is not None else 0
        self.deployment = deploy(self.ws, self.reference)
        try:
            self.predictor = load_predictor(self.ws, self.reference)
        except MlopsError as failure:
            settle(self.ws, self.deployment.id, DeploymentStatus.FAILED, reason=failure.message)
            raise
        self.deployment = settle(self.ws, self.deployment.id, DeploymentStatus.LIVE, url=url)
        self._thread = threading.Thread(
            target=self._keep_up, args=(ended,), name="mlops-serving", daemon=True
        )
        self._thread.start()
        return self.deployment

    def answer(
        self,
        request: str,
        *,
        rows: Sequence[Mapping[str, Any]] = (),
        columns: Mapping[str, Sequence[Any]] | None = None,
    ) -> Answer:
        """Answer one request, by one version throughout, and write it down."""
        predictor = self.predictor
        assert predictor is not None  # start() came first
        begun = time.perf_counter()
        if columns is None:
            values, asked = predictor.predict(rows), rows
        else:
            count = len(next(iter(columns.values()), ()))
            values = predictor.answer(columns, count)
            asked = [{name: column[n] for name, column in columns.items()} for n in range(count)]
        self._note(request, predictor.version.version, asked, values, time.perf_counter() - begun)
        return Answer(request, predictor.version.version, values)

    def close(self) -> None:
        """Stop following, write what waits, and record the end."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._flush()
        if self.deployment is None:
            return
        held = get_deployment(self.ws, self.deployment.id)
        if held.status is DeploymentStatus.LIVE:
            self.deployment = settle(self.ws, held.id, DeploymentStatus.STOPPED, reason="its process ended")

    # --- the thread -----------------------------------------------------------------------------------------

    def _keep_up(self, ended: Callable[[], None] | None) -> None:
        while not self._ended.wait(self.interval):
            try:
                self._flush()
                self.follow()
                self._renew()
                if self._is_stopped():
                    self._ended.set()
                    if ended is not None:
                        ended()
            except MlopsError as failure:
                # The store may be away for a while: what is loaded goes on answering.
                _log.warning("serving %s could not reach its store: %s", self.reference, failure)

    def follow(self) -> None:
        """Read the ledger from where it was last read; where the alias moved, load beside and swap.

        A version that cannot be loaded, or whose approval lapsed, is not swapped in: the old one goes on.
        """
        with self.ws.store.read() as tx:
            moves = tx.events.read(after=self._cursor, subject=self.reference, kind="alias.moved")
        if not moves:
            return
        assert self.deployment is not None
        try:
            self.predictor = load_predictor(self.ws, self.reference)
        except MlopsError as failure:
            self.problem = failure.message
            _log.warning("serving %s keeps its version: %s", self.reference, failure)
        else:
            self.problem = ""
            self.deployment = swap(self.ws, self.deployment.id, self.predictor.version.version)
        self._cursor = moves[-1].sequence

    def _renew(self) -> None:
        """Say now and then that this process is here, long before anybody may doubt it."""
        if time.monotonic() >= self._renewal:
            assert self.deployment is not None
            self.deployment = renew(self.ws, self.deployment.id)
            self._renewal = time.monotonic() + self.ws.settings.lease_seconds / _RENEWALS

    def _is_stopped(self) -> bool:
        assert self.deployment is not None
        with self.ws.store.read() as tx:
            return tx.deployments.get(self.deployment.id).status is DeploymentStatus.STOPPED

    def _note(
        self, request: str, version: int, rows: Sequence[Mapping[str, Any]], values: Any, seconds: float
    ) -> None:
        assert self.deployment is not None
        said = plain(values)
        with self._lock:
            if len(self._waiting) + len(rows) > _KEPT:
                self.dropped += len(rows)
                return
            self._waiting.extend(
                Prediction(
                    owner=self.deployment.id,
                    sequence=next(self._numbers),
                    request=request if len(rows) == 1 else f"{request}/{place}",
                    version=version,
                    features=row,
                    prediction=answer,
                    seconds=seconds,
                    at=self.ws.now(),
                )
                for place, (row, answer) in enumerate(zip(rows, said, strict=True))
            )

    def _flush(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            append_predictions(self.ws, waiting)
        except MlopsError:
            with self._lock:
                self._waiting = waiting + self._waiting
            raise
