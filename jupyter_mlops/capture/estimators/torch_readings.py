"""Which loaders a loop reads: each is noted when it begins to be read, and known for what it is when an optimizer steps.

A loader that is being read while an optimizer steps is trained on. One that was read to its end between two steps,
or without gradients, was measured on.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.capture.estimators.imports import ImportWatch
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.torch_data import LoopData, length_of, weakly
from jupyter_mlops.capture.estimators.torch_sight import outside

__all__ = ["Readings", "dataset_name", "samplers_of"]

_MOST = 8  # that go on at one time, in one thread


@dataclass(slots=True, eq=False)
class _Reading:
    """A loader that began to be read; all but the name are ways back."""

    name: str
    iterator: Callable[[], Any]
    dataset: Callable[[], Any]
    loader: Callable[[], Any]
    samplers: tuple[Callable[[], Any], ...]
    trained: bool = False  # an optimizer has stepped while it was read

    def goes_on(self) -> bool:
        iterator, loader = self.iterator(), self.loader()
        if iterator is None:
            return False
        if self.trained or loader is None or not getattr(loader, "persistent_workers", False):
            return True
        whole = length_of(loader)  # such an iterator is kept by its loader, and read again
        return whole in {None, 1} or getattr(iterator, "_num_yielded", 0) < whole

    def into(self, data: LoopData, role: str, caller: FrameType | None) -> None:
        dataset = self.dataset()
        if dataset is None:  # a list cannot be referred to weakly
            dataset = getattr(self.loader(), "dataset", getattr(self.iterator(), "_dataset", None))
        if dataset is not None:
            data.read(dataset, self.name, tuple(way() for way in self.samplers), role, caller)


class _Thread(threading.local):
    def __init__(self) -> None:
        self.readings: list[_Reading] = []
        self.begun = 0  # how many, ever
        self.last: Callable[[], Any] = lambda: None  # the data of the loop that stepped last


class Readings:
    """The loaders that are read, by thread."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._thread = _Thread()
        watch = ImportWatch(
            ("torch.utils.data",), self._imported
        )  # later than torch.optim, which tells us of torch
        watch.start()
        observer.patches.undone(watch.stop)

    def _imported(self, module: ModuleType) -> None:
        def watch() -> None:
            self._observer.patches.attribute(module.DataLoader, "__iter__", self._wrap)

        self._observer.safely("torch.utils.data", watch)  # the user's import has succeeded, and stays so

    def _wrap(self, original: FunctionType) -> Callable[..., Any]:
        observer = self._observer

        @functools.wraps(original)
        def __iter__(loader: Any) -> Any:  # noqa: N807
            __tracebackhide__ = True
            iterator = original(loader)
            if observer.sink.wanted() and not observer.inside:
                observer.safely("a loader", self._begun, loader, iterator)
            return iterator

        return __iter__

    def _begun(self, loader: Any, iterator: Any) -> None:
        import torch

        here = self._thread
        caller = outside(sys._getframe(1))  # noqa: SLF001
        reading = _Reading(
            dataset_name(loader, caller),
            weakly(iterator),
            weakly(loader.dataset),
            weakly(loader),
            tuple(map(weakly, samplers_of(loader))),
        )
        if not torch.is_grad_enabled():
            data = here.last()
            if data is not None:
                reading.into(data, "test", caller)
            return
        here.begun += 1
        others = [one for one in here.readings if one.loader() is not loader]
        here.readings = [*others[1 - _MOST :], reading]

    @property
    def begun(self) -> int:
        """How many have begun in this thread: while that is the same, there is nothing new to take."""
        return self._thread.begun

    @property
    def go_on(self) -> bool:
        """True while a loader is being read in this thread."""
        return any(one.goes_on() for one in self._thread.readings)

    def take(self, data: LoopData, caller: FrameType | None, *, first: bool) -> None:
        """Have what was begun since the last step noted as a loop's data; *first* where it has not stepped before.

        Who looks at one batch before the loop begins has not measured anything.
        """
        here = self._thread
        here.last = weakly(data)
        on = [one for one in here.readings if one.goes_on()]
        for one in on:
            one.trained = True
            one.into(data, "train", caller)
        if not first:
            self._measured(data, caller)
        here.readings = on

    def end(self, data: LoopData) -> None:
        """Have what was read since the last step of all noted, too."""
        if self._thread.last() is data:
            self._measured(data, None)

    def _measured(self, data: LoopData, caller: FrameType | None) -> None:
        for one in self._thread.readings:
            if not one.trained and not one.goes_on():
                one.into(data, "test", caller)


def dataset_name(loader: Any, caller: FrameType | None) -> str:
    """Return what the dataset that *loader* reads is called where it is read."""
    known = name_of(loader.dataset, caller)
    if known:
        return known
    known = name_of(loader, caller)
    return f"{known}.dataset" if known else type(loader.dataset).__name__


def samplers_of(loader: Any) -> tuple[Any, ...]:
    """Return what decides which items *loader* reads."""
    batches = getattr(loader, "batch_sampler", None)
    found = (getattr(loader, "sampler", None), getattr(batches, "sampler", None), batches)
    return tuple({id(one): one for one in found if one is not None}.values())
