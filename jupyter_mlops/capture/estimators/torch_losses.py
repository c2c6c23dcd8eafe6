"""The losses that go backward: seldom looked at, and handed to the loop whose optimizer moves their parameters.

To read the graph of a loss costs as much as a step of a small network. So it is read at the first, second, fourth,
eighth time and so on, for each parameter that losses end with, and anew in each cell.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from jupyter_mlops.capture.estimators.torch_data import LoopData
from jupyter_mlops.capture.estimators.torch_graph import data_behind, parameter_behind
from jupyter_mlops.capture.estimators.torch_readings import Readings
from jupyter_mlops.capture.estimators.torch_sight import Sight, cell_of
from jupyter_mlops.records.run import RunInput

__all__ = ["Losses"]

_MOST_WAITING = 8
_UNFOUND = (
    "its batches were made in the loop: what they were taken from was not found among the names in sight"
)


@dataclass(slots=True)
class _Watched:
    """The losses that end with one parameter."""

    parameter: weakref.ref[Any]
    cell: CodeType | None
    times: int = 0
    sight: Sight = field(default_factory=Sight)


class _Thread(threading.local):
    def __init__(self) -> None:
        self.waiting: list[_Watched] = []  # looked at since the last step


class Losses:
    """The losses of all loops."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watched] = {}
        self._thread = _Thread()

    def look(self, loss: Any, caller: FrameType | None, readings: Readings) -> None:
        """Take note that *loss* goes backward; *readings* tell whether its batch comes from a loader."""
        parameter = parameter_behind(loss)
        if parameter is None:
            return
        watched, cell = self._watched.get(id(parameter)), cell_of(caller)
        if watched is None or watched.parameter() is not parameter or watched.cell is not cell:
            watched = self._watched[id(parameter)] = _Watched(self._way_to(parameter), cell)
        watched.times += 1
        if watched.times.bit_count() == 1:
            watched.sight.look(data_behind(loss), caller, loaded=readings.go_on)
            waiting = [one for one in self._thread.waiting if one is not watched]
            self._thread.waiting = [*waiting, watched][-_MOST_WAITING:]

    def _way_to(self, parameter: Any) -> weakref.ref[Any]:
        key, watched = id(parameter), self._watched

        def forget(gone: object) -> None:
            known = watched.get(key)
            if known is not None and known.parameter is gone:
                del watched[key]

        return weakref.ref(parameter, forget)

    def begin(self, moved: frozenset[int]) -> None:
        """Take note that a further loop began on parameters: what was known of an earlier one is not about it."""
        for key in moved & self._watched.keys():
            if self._watched[key].times > 1:
                self._watched[key] = _Watched(self._watched[key].parameter, self._watched[key].cell)

    def take(self, data: LoopData, moved: frozenset[int], caller: FrameType | None) -> None:
        """Have the losses that were looked at since the last step noted, if they end with what the loop moved."""
        for watched in self._thread.waiting:
            if id(watched.parameter()) not in moved:
                continue
            records: list[RunInput | None] = []
            for found in watched.sight.found():
                if found.thing is not None:
                    records.append(data.record(found.thing, "train", found.name, caller))
                elif not data.loaded:
                    records.append(
                        RunInput(name=found.name, role="train", digest="", kind="object", note=_UNFOUND)
                    )
            data.saw(id(watched.parameter()), [one for one in records if one is not None])
        self._thread.waiting = [one for one in self._thread.waiting if id(one.parameter()) not in moved]
