"""PyTorch in a plain loop: what is certain when an optimizer steps, and no more.

That is the optimizer with its parameters, how often it stepped, the module whose parameters it moves, device and
seed, and the data: what was read by way of loaders, and the tensors in sight that the losses were computed from. A
loss is whatever the loop makes of it: log it with ``run.log_metric``.
"""

from __future__ import annotations

import functools
import sys
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.fits import kind_of
from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Progress
from jupyter_mlops.capture.estimators.torch_data import LoopData
from jupyter_mlops.capture.estimators.torch_losses import Losses
from jupyter_mlops.capture.estimators.torch_readings import Readings
from jupyter_mlops.capture.estimators.torch_sight import cell_of, modules_in_sight, outside
from jupyter_mlops.capture.estimators.training import plain

__all__ = ["module_facts", "observe", "optimizer_facts"]

_LONGEST_SUMMARY = 50_000  # characters


@dataclass(slots=True)
class _Loop:
    seen: FitSeen
    module: Any  # a way back
    moved: frozenset[int]  # the parameters, by identity
    rate: float | None
    steps: int = 0
    first: float = 0.0
    last: float = 0.0
    data: LoopData = field(default_factory=LoopData)
    cell: CodeType | None = None
    begun: int = -1  # how many loaders had begun to be read when it stepped last

    def progress(self, before: Callable[[LoopData], None]) -> Progress:
        metrics = {"steps": float(self.steps), "fit_seconds": self.last - self.first}
        if self.rate is not None:
            metrics["learning_rate"] = self.rate
        before(self.data)
        return Progress(metrics=metrics, inputs=self.data.inputs())


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``torch.optim``."""
    from torch import Tensor
    from torch.optim.optimizer import register_optimizer_step_post_hook

    del module
    loops = _Loops(observer)

    def stepped(optimizer: Any, _args: Any, _kwargs: Any) -> None:
        if observer.sink.wanted() and not observer.inside:
            caller = outside(sys._getframe(1))  # noqa: SLF001
            observer.safely("a step of an optimizer", loops.stepped, optimizer, caller)

    observer.patches.undone(register_optimizer_step_post_hook(stepped).remove)
    # Hooks on modules would see the data, too, at the price of a longer way through every layer.
    backward: Any = Tensor.backward
    observer.patches.body(backward, functools.partial(_backward, observer, loops))


def _backward(observer: Observer, loops: _Loops, original: FunctionType) -> Callable[..., Any]:
    def backward(loss: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if observer.sink.wanted() and not observer.inside:
            caller = outside(sys._getframe(1))  # noqa: SLF001
            observer.safely("a loss", loops.losses.look, loss, caller, loops.readings)
        return original(loss, *args, **kwargs)

    return backward


class _Loops:
    """The optimizers that have stepped, and what they were seen to step on."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._loops: weakref.WeakKeyDictionary[Any, _Loop] = weakref.WeakKeyDictionary()
        self.readings = Readings(observer)
        self.losses = Losses()

    def stepped(self, optimizer: Any, caller: FrameType | None) -> None:
        """Take note of a step, and tell the sink."""
        now, loop = time.perf_counter(), self._loops.get(optimizer)
        if loop is None:
            loop = self._loops[optimizer] = _begun(optimizer, caller)
            loop.first = now
            progress = functools.partial(loop.progress, self._ended)
            loop.seen = replace(loop.seen, progress=progress)
            self.losses.begin(loop.moved)
        loop.steps, loop.last = loop.steps + 1, now
        rate = optimizer.param_groups[0].get("lr")
        loop.rate = None if rate is None else float(rate)
        self._observer.safely("the data of a loop", self._took, loop, caller)
        module = loop.module()
        self._observer.sink.fit(replace(loop.seen, estimator=optimizer if module is None else module))

    def _took(self, loop: _Loop, caller: FrameType | None) -> None:
        cell = cell_of(caller)
        if loop.cell is not cell:  # the same optimizer goes on, on other data perhaps, in another run
            loop.cell, loop.data, loop.begun = cell, LoopData(), -1
        if loop.begun != self.readings.begun:
            self.readings.take(loop.data, caller, first=loop.begun < 0)
            loop.begun = self.readings.begun
        self.losses.take(loop.data, loop.moved, caller)

    def _ended(self, data: LoopData) -> None:
        self._observer.safely("the data of a loop", self.readings.end, data)


def _begun(optimizer: Any, caller: FrameType | None) -> _Loop:
    module = _module_of(optimizer, caller)
    params = optimizer_facts(optimizer)
    files: dict[str, bytes] = {}
    if module is not None:
        facts, files = module_facts(module)
        params |= facts
    seen = FitSeen(
        estimator=None,  # added with each step: what is kept by optimizer must not keep its module alive
        features=None,
        kind=kind_of(optimizer if module is None else module),
        name=name_of(module, caller) if module is not None else "",
        params=params,
        artifacts=files,
        kept=False,
    )
    way = weakref.ref(module) if module is not None else lambda: None
    return _Loop(seen, way, frozenset(map(id, _moved_by(optimizer))), None)


def optimizer_facts(optimizer: Any) -> dict[str, Any]:
    """Return an optimizer's parameters, and where and from which seed it works."""
    import torch

    group = optimizer.param_groups[0]
    facts = {f"optimizer_{name}": plain(value) for name, value in group.items() if name != "params"}
    tensors = _moved_by(optimizer)
    return {
        "optimizer": type(optimizer).__name__,
        **facts,
        "optimized_numbers": sum(tensor.numel() for tensor in tensors),
        "device": str(tensors[0].device) if tensors else "",
        "dtype": str(tensors[0].dtype) if tensors else "",
        "torch_seed": torch.initial_seed(),
    }


def _moved_by(optimizer: Any) -> list[Any]:
    return [tensor for group in optimizer.param_groups for tensor in group["params"]]


def module_facts(module: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return how large a module is, and its layers as a small text file."""
    numbers = [(tensor.numel(), tensor.requires_grad) for tensor in module.parameters()]
    facts = {
        "module": type(module).__name__,
        "module_numbers": sum(count for count, _ in numbers),
        "module_trainable_numbers": sum(count for count, trained in numbers if trained),
    }
    return facts, {"module.txt": str(module)[:_LONGEST_SUMMARY].encode()}


def _module_of(optimizer: Any, caller: FrameType | None) -> Any:
    """Return the smallest module in sight that holds all that *optimizer* moves; None where there is none."""
    moved = set(map(id, _moved_by(optimizer)))
    found: list[tuple[int, Any]] = []
    for module in modules_in_sight(caller):
        held = {id(tensor) for tensor in module.parameters()}
        if moved <= held:
            found.append((len(held), module))
    return min(found, key=lambda pair: pair[0])[1] if found else None
