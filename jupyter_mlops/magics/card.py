"""The run's card under a tracked cell: shown as the cell begins, drawn anew while it runs, settled as it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jupyter_mlops.magics.executors import is_executed
from jupyter_mlops.magics.outputs import Shown
from jupyter_mlops.records.run import SYSTEM, Grade, Run, RunInput
from jupyter_mlops.render.beside import Beside, Curve, name_before
from jupyter_mlops.render.card import run_blocks
from jupyter_mlops.render.html import html_of
from jupyter_mlops.render.text import text_of
from jupyter_mlops.tracking.curves import Curves
from jupyter_mlops.tracking.folding import with_digest, with_surroundings
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.pulse import in_background, this_pulse
from jupyter_mlops.tracking.reruns import run_before, usual_seconds
from jupyter_mlops.workspace import Workspace

__all__ = ["Card"]

_PAUSES = ((60.0, 0.9), (600.0, 2.0), (float("inf"), 5.0))  # up to an age: seconds between two drawings
_SHARE = 0.02  # of the time that drawing may take


class Card:
    """One display that changes its content. A terminal cannot: there only the end is shown.

    It goes out under the display's id and under the request of its own cell, whoever sends it and whenever, so that no
    update can come to stand under a later cell. Where that is possible it is sent past the shell's publisher: what user
    code has put in that one's place (``%%capture``, a widget's context) must not swallow it, and the publisher first
    waits for another thread, twice, until what was printed has gone out.

    Parameters
    ----------
    shell
        The shell the cell runs in.
    shown
        What looks at the cell's displays; the card is none of them.
    ws
        Where the run before is looked up.
    run
        The run that has begun.
    known
        The last run of each name and experiment in this session.
    """

    def __init__(
        self, shell: Any, shown: Shown, ws: Workspace, run: ActiveRun, known: dict[tuple[str, str], Run]
    ) -> None:
        self._shell, self._shown, self._ws, self._run, self._known = shell, shown, ws, run, known
        self._lively = hasattr(shell, "kernel")
        self._publisher = shell.display_pub
        self._request = self._running()
        self.executed = self._lively and is_executed(shell)
        self._unheard = False  # it has changed since such a program has listened
        self._sending = threading.Lock()
        self._final: tuple[Run, Beside] | None = None
        self._around: dict[str, Any] = {}  # what surrounds the run, where it is known before the end is shown
        self._begun = self._drawn = time.monotonic()
        self._pause, self._beat = _PAUSES[0][1], 0
        self._key = (run.experiment, run.name)
        last = known.get(self._key)
        self._before: Run | None = last if last is None or last.id != run.id else None  # it goes on itself

    def begin(self) -> None:
        """Show that the run goes on, and draw it from now on."""
        self._run.curves = Curves()
        if self._lively:
            self._show("display_data", self._run.begun, Beside())
            this_pulse().watch(self._watch)
        if self._before is None:
            in_background(self._look_back)

    def end(self, run: Run, beside: Beside) -> None:
        """Show what it came to."""
        this_pulse().unwatch(self._watch)
        curves, steps = self._curves(run.metrics)
        final = self._compared(replace(beside, curves=curves, steps=steps))
        with self._sending:
            run = with_surroundings(run, self._around)
            self._final = (run, final)
            self._show("update_display_data" if self._lively else "display_data", run, final)
        self._known[self._key] = run

    def again(self) -> None:
        """Show what has changed since the card's cell has ended under the request of the cell that runs now."""
        with self._sending:
            final = self._final
            if final is None or not self._unheard:
                return
        bundle = _bundle(*final)
        with self._sending:
            if final is self._final:  # else the newer one is said with the next cell
                self._unheard = False
                self._send("update_display_data", bundle, under=self._running())

    def _running(self) -> dict[str, Any]:
        return dict(getattr(self._publisher, "parent_header", None) or {})

    def digested(self, seen: RunInput) -> None:
        """A digest has come late: complete the card that was shown without it."""
        self._amend(lambda run: with_digest(run, seen))

    def surrounded(self, seen: Mapping[str, Any]) -> None:
        """The commit and the environment have come late: complete the card that was shown without them."""
        with self._sending:
            self._around |= seen
        self._amend(lambda run: with_surroundings(run, seen))

    def graded(self, grade: Grade, reason: str) -> None:
        """How far the run can be trusted has changed after its end: say so on its card."""
        self._amend(lambda run: replace(run, grade=grade, grade_reason=reason))

    def _amend(self, amended: Callable[[Run], Run]) -> None:
        with self._sending:
            final = self._final
            if final is None:
                return
            self._final = (amended(final[0]), final[1])
        self._complete()

    def _complete(self) -> None:
        """Draw the end anew; whoever else changes it meanwhile, what is sent last is what it came to."""
        drawn = None
        while drawn is not self._final:
            drawn = self._final
            assert drawn is not None
            bundle = _bundle(*drawn)  # before the lock, which the end of a cell would wait for
            with self._sending:
                if drawn is self._final:
                    self._send("update_display_data", bundle)
                    self._unheard = self.executed

    def _show(self, kind: str, run: Run, beside: Beside) -> None:
        """Show the card on the user's thread."""
        bundle = _bundle(run, beside)
        if self._send(kind, bundle):
            return
        update = kind == "update_display_data"
        with self._shown.aside():
            self._publisher.publish(data=bundle, metadata={}, transient=self._name, update=update)

    @property
    def _name(self) -> dict[str, str]:
        return {"display_id": f"mlops-{self._run.id}"}

    def _watch(self) -> None:
        """Draw, if it is time; called in the background."""
        begun = time.monotonic()
        if begun - self._drawn < self._pause:
            return
        self._beat += 1
        age = begun - self._begun
        latest = {**self._run.begun.metrics, **self._run.latest}
        curves, steps = self._curves(latest)
        took = usual_seconds(self._before)
        beside = Beside(elapsed=age, usual=took, beat=self._beat, curves=curves, steps=steps)
        self._update(replace(self._run.begun, metrics=latest), beside)
        self._drawn = time.monotonic()
        usual = next(pause for limit, pause in _PAUSES if age < limit)
        self._pause = max(usual, (self._drawn - begun) / _SHARE)

    def _update(self, run: Run, beside: Beside) -> None:
        """Draw the card of a running cell anew from the background."""
        bundle = _bundle(run, beside)  # before the lock, which the end of the cell would wait for
        with self._sending:
            if self._final is None:
                self._send("update_display_data", bundle)

    def _send(self, kind: str, bundle: Mapping[str, str], under: Mapping[str, Any] | None = None) -> bool:
        """Send the card past the shell, *under* its cell's request or another; False where its publisher is of a kind that we do not know."""
        session, socket = (getattr(self._publisher, part, None) for part in ("session", "pub_socket"))
        if not self._lively or session is None or socket is None or not self._request:
            return False
        content = {"data": bundle, "metadata": {}, "transient": self._name}
        message = session.msg(kind, content, parent=under or self._request)
        session.send(socket, message, ident=getattr(self._publisher, "topic", None))
        return True

    def _curves(self, last: Mapping[str, float]) -> tuple[tuple[Curve, ...], int]:
        seen = self._run.curves
        if seen is None:
            return (), 0
        drawn = {name: points for name, points in seen.drawn().items() if not name.startswith(SYSTEM)}
        return tuple(
            Curve(name=name, points=tuple(points), last=last.get(name, points[-1][1]))
            for name, points in drawn.items()
        ), seen.steps

    def _compared(self, beside: Beside) -> Beside:
        before = self._before
        if before is None or not before.metrics:
            return beside
        return replace(beside, previous=before.metrics, previous_name=name_before(before.id))

    def _look_back(self) -> None:
        """Find the run before; where the cell has ended meanwhile, its card is completed."""
        before = run_before(self._ws, self._run.begun)
        if before is None:
            return
        with self._sending:
            self._before, final = before, self._final
            if final is not None:
                self._final = final = (final[0], self._compared(final[1]))
        if final is not None:
            self._complete()


def _bundle(run: Run, beside: Beside) -> dict[str, str]:
    """Return the card as HTML without scripts and as text."""
    blocks = tuple(run_blocks(run, beside))
    return {"text/html": html_of(blocks), "text/plain": text_of(blocks)}
