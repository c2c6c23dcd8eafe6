"""The handle of a run that goes on: what user code calls. It writes to the journal and waits for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from pathlib import Path
from time import monotonic, time_ns
from typing import Any

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import End
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.records.run import Grade, Param, Run, RunStatus
from jupyter_mlops.store.curves import micros
from jupyter_mlops.store.journal import JournalClosed
from jupyter_mlops.tracking.curves import Curves
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.tracking.folding import as_ended
from jupyter_mlops.tracking.harvest import Harvest
from jupyter_mlops.tracking.live import Live
from jupyter_mlops.tracking.log import (
    as_metric,
    as_param,
    checked_key,
    checked_step,
    keep_note,
    log_artifact,
    log_metrics,
    read_file,
)
from jupyter_mlops.tracking.masking import MASKED, masked_end, masked_note
from jupyter_mlops.tracking.models import log_model
from jupyter_mlops.tracking.outputs import output_files
from jupyter_mlops.tracking.parcels import file_note, may_travel
from jupyter_mlops.workspace import Workspace, utc_now

__all__ = ["ActiveRun", "MutedRun"]


_AWAY = 30.0  # seconds for which a store that was away for one file is not asked for another


class ActiveRun:
    """A run that user code can talk to. It may be handed to threads; after the end it still takes points."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._now = live.now
        self._wall = live.now is utc_now  # which costs three times as much as what the system says
        self._point = live.journal.point
        self._steps: dict[str, int] = {}
        self._last: dict[str, float] = {}
        self._notes: list[Mapping[str, object]] = []
        self._asked_again = 0.0  # when a store that was away for a file is asked for the next one
        self.logged: set[str] = set()  # parameters that user code has logged outright
        self.harvest: Harvest | None = None  # what autolog sees, where it watches
        self.curves: Curves | None = None  # what a card draws, where there is one

    @property
    def begun(self) -> Run:
        """The run as it began."""
        return self._live.run

    @property
    def id(self) -> str:
        """The run's id."""
        return self._live.run.id

    @property
    def name(self) -> str:
        """The run's name."""
        return self._live.run.name

    @property
    def experiment(self) -> str:
        """The name it is filed under."""
        return self._live.run.experiment

    @property
    def workspace(self) -> Workspace:
        """Where it is kept; opened now if it was not."""
        return self._live.workspace

    @property
    def record(self) -> Run:
        """The run as the store has it now, all that was said until now included."""
        if not self._live.ended:
            self._live.fold()
        return get_run(self.workspace, self.id)

    @property
    def status(self) -> RunStatus:
        """Where the run stands."""
        return self.record.status

    @property
    def grade(self) -> Grade:
        """How far the cells it rests on can be trusted; known at its end."""
        return self.record.grade

    @property
    def metrics(self) -> Mapping[str, float]:
        """The last value of each metric."""
        return self.record.metrics

    @property
    def params(self) -> Mapping[str, Param]:
        """Its parameters."""
        return self.record.params

    @property
    def latest(self) -> Mapping[str, float]:
        """The last value of each metric this process has logged, without a look into the store."""
        return dict(self._last)

    def log_metric(self, key: str, value: float, step: int | None = None) -> None:
        """Record one value of a metric; without a *step* the one after its last. Returns in microseconds."""
        steps = self._steps
        # The usual call, and the shortest way: a metric known by now, a plain number.
        if type(value) is not float or key not in steps or not (step is None or type(step) is int):
            self._points({key: value}, step)
            return
        at = steps[key] = steps[key] + 1 if step is None else step
        self._last[key] = value
        if self.curves is not None:
            self.curves.add({key: value}, at)
        try:
            self._point(key, value, at, time_ns() // 1000 if self._wall else micros(self._now()))
        except JournalClosed:
            log_metrics(self.workspace, run=self.id, metrics={key: value}, step=at)

    def log_metrics(
        self, metrics: Mapping[str, float] | None = None, *, step: int | None = None, **more: float
    ) -> None:
        """Record some metrics at one step, as a mapping, by keyword, or both."""
        self._points({**(metrics or {}), **more}, step)

    def _points(self, values: Mapping[str, float], step: int | None) -> None:
        steps = self._steps
        clean = {}
        for key, value in values.items():
            if key not in steps:
                steps[checked_key("metric", key)] = -1
            clean[key] = value if type(value) is float else as_metric(key, value)
        if not clean:
            return
        at = max(steps[key] for key in clean) + 1 if step is None else checked_step(step)
        for key in clean:
            steps[key] = at
        self._last.update(clean)
        if self.curves is not None:
            self.curves.add(clean, at)
        try:
            self._live.journal.points(clean, at, self._now().timestamp())
        except JournalClosed:
            log_metrics(self.workspace, run=self.id, metrics=clean, step=at)

    @property
    def measured(self) -> Set[str]:
        """The metrics that have a point since this handle was made."""
        return self._last.keys()

    def log_param(self, key: str, value: object) -> None:
        """Record one parameter."""
        self.log_params({key: value})

    def log_params(self, params: Mapping[str, object] | None = None, **more: object) -> None:
        """Record parameters, as a mapping, by keyword, or both. Numbers keep their type, other things become text.

        A password, token or key, by its name or by its look, is kept as three asterisks.
        """
        given = {**(params or {}), **more}
        self.logged.update(given)
        if given:
            self._note({"params": {checked_key("parameter", k): as_param(v) for k, v in given.items()}})

    def tag(self, tags: Mapping[str, str] | None = None, **more: str) -> None:
        """Set tags."""
        given = {**(tags or {}), **more}
        self._note({"tags": {checked_key("tag", k): str(v) for k, v in given.items()}})

    def note(self, text: str) -> None:
        """Leave a sentence for whoever reads the run."""
        self._note({"note": text})

    def note_masked(self) -> None:
        """Say that something was masked in what is kept of this run; however often it is said, it stands there once."""
        self._note({"note": MASKED})

    def say(self, note: Mapping[str, object]) -> None:
        """Write a note of the kinds that ``tracking.folding`` knows."""
        self._note(note)

    def end_soon(self, end: End) -> Run:
        """Say the end; return the run as it will be kept. The store is told in the background."""
        end = masked_end(end)
        ended = replace(as_ended(self.begun, self._notes, end, self._last), lease=None)
        self._live.end_soon(end)
        return ended

    @property
    def listens(self) -> bool:
        """True while its journal is open: what is said now costs microseconds, and survives the process."""
        return not self._live.journal.closed

    @property
    def trouble(self) -> str:
        """Why the store could not be told until now; empty where it could."""
        return self._live.trouble

    @property
    def settled(self) -> bool:
        """True once the store knows all, or could not be reached."""
        return self._live.settled.is_set()

    def wait_settled(self, seconds: float) -> bool:
        """Wait until the store knows all, or could not be reached, but no longer than *seconds*."""
        return self._live.settled.wait(seconds)

    def _note(self, note: Mapping[str, object]) -> None:
        note = masked_note(note)
        if "file" not in note:  # its bytes are the journal's, and would stay as long as this handle
            self._notes.append(note)
        try:
            self._live.journal.note(note, self._now().timestamp())
        except JournalClosed:
            keep_note(self.workspace, self.id, note)

    def log_artifact(
        self, content: str | Path | bytes, name: str | None = None, *, media_type: str | None = None
    ) -> Artifact:
        """Keep a file, or bytes under a *name*; see ``tracking.log_artifact``. It waits in the journal for a store that is away."""
        # What is known to be away is not asked again for each file: every try takes seconds of the user's cell.
        away = bool(self.trouble) or monotonic() < self._asked_again
        if not (away and self._carries(content)):
            try:
                return log_artifact(
                    self.workspace, run=self.id, content=content, name=name, media_type=media_type
                )
            except Unavailable:
                if not self._carries(content):
                    raise
                self._asked_again, away = monotonic() + _AWAY, True
        artifact, read = read_file(self.id, content, name, media_type)
        self.say(file_note(self.workspace, artifact, read, carry=away))
        return artifact

    def _carries(self, content: str | Path | bytes) -> bool:
        return self.listens and may_travel(content)

    def log_model(
        self, model: Any, name: str = "model", *, data: Any = None, register: bool = False, **more: Any
    ) -> ModelVersion | Artifact:
        """Keep a fitted model, and with *register* give it its next version; see ``tracking.log_model``.

        What it takes and gives, the profile of its training data and the rows that prove it come from *data*; without
        them from its fit, where autolog saw that in this run.
        """
        if data is None and self.harvest is not None and self.listens:  # an ended run hears of no later fit
            more.setdefault("seen", self.harvest.seen_of(model))
        return log_model(
            self.workspace, run=self.id, model=model, name=name, data=data, register=register, **more
        )

    def output(self, name: str, value: object) -> None:
        """Leave a named result: anything that JSON can say, a DataFrame, or the path of a file; see ``tracking.output``."""
        for file in output_files(name, value, experiment=self.experiment, workspace=lambda: self.workspace):
            self.log_artifact(file.content, file.name, media_type=file.media_type)

    def __repr__(self) -> str:
        return f"<run {self.name} {self.id[-6:]} in {self.experiment}>"


class MutedRun(ActiveRun):
    """What ``track`` gives while nothing can or shall be recorded: it takes everything and keeps nothing."""

    def __init__(self, name: str = "", experiment: str = "", why: str = "") -> None:
        self._name, self._experiment = name, experiment
        self.why = why or "recording is switched off"
        self._off = not why
        self._steps, self._last = {}, {}
        self.logged = set()
        self.harvest = None

    @property
    def id(self) -> str:
        """There is none."""
        return ""

    @property
    def name(self) -> str:
        """The name it was given."""
        return self._name

    @property
    def experiment(self) -> str:
        """The experiment it was given."""
        return self._experiment

    @property
    def record(self) -> Run:
        """There is none: Unavailable says why."""
        raise self._unkept()

    @property
    def begun(self) -> Run:
        """There is none: Unavailable says why."""
        raise self._unkept()

    @property
    def workspace(self) -> Workspace:
        """There is none: Unavailable says why."""
        raise self._unkept()

    def _unkept(self) -> Unavailable:
        helps = (
            "Unset JUPYTER_MLOPS_DISABLED and run again."
            if self._off
            else "Run it again when there is room for it."
        )
        return Unavailable(f"nothing is recorded: {self.why}", remedy=helps)

    def _points(self, values: Mapping[str, float], step: int | None) -> None:
        pass

    def _note(self, note: Mapping[str, object]) -> None:
        pass

    def log_artifact(self, content: str | Path | bytes, name: str | None = None, **_more: Any) -> Artifact:
        """Keep nothing."""
        return Artifact(run="", name=name or Path(str(content)).name, digest="", size=0)

    def log_model(self, model: Any, name: str = "model", **_more: Any) -> ModelVersion | Artifact:  # noqa: ARG002 - kept nowhere
        """Keep nothing."""
        return Artifact(run="", name=f"models/{name}/manifest.json", digest="", size=0)

    def output(self, name: str, value: object) -> None:
        """Keep nothing."""
