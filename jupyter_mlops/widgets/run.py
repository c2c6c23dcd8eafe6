"""A run's card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import traitlets

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.beside import RunBeside
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.render.beside import Beside, Curve
from jupyter_mlops.render.blocks import Block
from jupyter_mlops.render.card import run_blocks
from jupyter_mlops.tracking import find_artifacts, get_artifact, get_run, run_beside
from jupyter_mlops.widgets.curves import CurvesWidget, curves_of
from jupyter_mlops.widgets.front import static
from jupyter_mlops.workspace import Workspace

__all__ = ["RunWidget", "card_of"]

_MOST_ARTIFACTS = 200  # by name; a line says how many more there are


class RunWidget(CurvesWidget):
    """A run: how it went, what it measured, what it rests on.

    ``curves`` holds the metrics that were logged more than once, each with a name and its points (step, value),
    thinned out; ``artifacts`` the files it left behind; ``beside`` what the run is compared with, how its cells are
    called and which models it kept.
    """

    _esm = static("run.js")

    curves: traitlets.List[Any] = traitlets.List().tag(sync=True)
    artifacts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    beside = traitlets.Dict().tag(sync=True)

    def __init__(self, record: Run, ws: Workspace) -> None:
        super().__init__(record, ws, **_beside(ws, record))

    actions: ClassVar[Mapping[str, str]] = {**CurvesWidget.actions, "look": "on_look"}

    def on_look(self, asked: Mapping[str, object]) -> None:
        """Say what a file of the run says to whoever asked, by the number of the question."""
        name = str(asked.get("name", ""))
        self.answer(asked, "content", lambda: encode(get_artifact(self._ws, self.shown.id, name)))

    def settled(self, record: object) -> bool:
        """Tell whether the run has ended."""
        return isinstance(record, Run) and record.status is not RunStatus.RUNNING

    def blocks(self, record: object) -> Iterable[Block]:
        """Return the whole card, as it stands under a tracked cell."""
        return _card(record, self.curves, self.artifacts, self.beside)  # type: ignore[arg-type]

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Read the run again."""
        run = get_run(self._ws, self.shown.id)
        with self.hold_sync():
            for name, value in _beside(self._ws, run).items():
                setattr(self, name, value)
        self.show_record(run)


def card_of(ws: Workspace, run: Run) -> Iterable[Block]:
    """Return the card of a run of *ws* as its widget draws it, without one."""
    return _card(run, **_beside(ws, run))


def _card(
    run: Run,
    curves: Sequence[Mapping[str, Any]] = (),
    artifacts: Sequence[object] = (),
    beside: object = None,
) -> Iterable[Block]:
    told = decode(RunBeside, beside) if beside else RunBeside(run=run.id)
    drawn = [_drawn(curve) for curve in curves if curve["points"]]
    outputs = [decode(Artifact, file) for file in artifacts]
    return run_blocks(run, Beside.of(told, outputs=outputs, curves=drawn))


def _beside(ws: Workspace, run: Run) -> dict[str, Any]:
    """What the card draws beside the record; a card without it is better than none."""
    try:
        files = find_artifacts(ws, run=run.id, limit=_MOST_ARTIFACTS)
        return {
            "curves": curves_of(ws, run),
            "artifacts": [encode(file) for file in files],
            "beside": encode(run_beside(ws, run=run.id)),
        }
    except MlopsError:
        return {}


def _drawn(curve: Mapping[str, Any]) -> Curve:
    points: Sequence[Mapping[str, Any]] = curve["points"]
    # A loop that gave no step logged them all at 0: then their order is what lies below the curve.
    across = "step" if len({point["step"] for point in points}) > 1 else "sequence"
    places = tuple((int(point[across]), float(point["value"])) for point in points)
    return Curve(name=curve["name"], points=places, last=places[-1][1])
