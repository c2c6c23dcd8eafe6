"""PyTorch in a plain loop: what is certain when an optimizer steps, and no more.

That is the optimizer with its parameters, how often it stepped, the module whose parameters it moves, device and
seed. A loss is whatever the loop makes of it: log it with ``run.log_metric``.
"""

from __future__ import annotations

import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import FrameType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.fits import kind_of
from jupyter_mlops.capture.estimators.frames import local_names, name_of
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Progress
from jupyter_mlops.capture.estimators.training import plain

__all__ = ["module_facts", "observe", "optimizer_facts"]

_MOST_FRAMES = 12  # outward, where the module is looked for
_LONGEST_SUMMARY = 50_000  # characters


@dataclass(slots=True)
class _Loop:
    seen: FitSeen
    module: Any  # a way back
    rate: float | None
    steps: int = 0
    first: float = 0.0
    last: float = 0.0

    def progress(self) -> Progress:
        metrics = {"steps": float(self.steps), "fit_seconds": self.last - self.first}
        if self.rate is not None:
            metrics["learning_rate"] = self.rate
        return Progress(metrics=metrics)


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``torch.optim``."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    del module
    loops: weakref.WeakKeyDictionary[Any, _Loop] = weakref.WeakKeyDictionary()

    def stepped(optimizer: Any, _args: Any, _kwargs: Any) -> None:
        if observer.sink.wanted() and not observer.inside:
            caller = _outside(sys._getframe(1))  # noqa: SLF001
            observer.safely("a step of an optimizer", _stepped, observer, loops, optimizer, caller)

    observer.patches.undone(register_optimizer_step_post_hook(stepped).remove)


def _outside(frame: FrameType | None) -> FrameType | None:
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "torch":
        frame = frame.f_back
    return frame


def _stepped(
    observer: Observer,
    loops: weakref.WeakKeyDictionary[Any, _Loop],
    optimizer: Any,
    caller: FrameType | None,
) -> None:
    now, loop = time.perf_counter(), loops.get(optimizer)
    if loop is None:
        loop = loops[optimizer] = _begun(optimizer, caller)
        loop.first = now
        loop.seen = replace(loop.seen, progress=loop.progress)
    loop.steps, loop.last = loop.steps + 1, now
    rate = optimizer.param_groups[0].get("lr")
    loop.rate = None if rate is None else float(rate)
    module = loop.module()
    observer.sink.fit(replace(loop.seen, estimator=optimizer if module is None else module))


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
    return _Loop(seen, weakref.ref(module) if module is not None else lambda: None, None)


def optimizer_facts(optimizer: Any) -> dict[str, Any]:
    """Return an optimizer's parameters, and where and from which seed it works."""
    import torch

    group = optimizer.param_groups[0]
    facts = {f"optimizer_{name}": plain(value) for name, value in group.items() if name != "params"}
    tensors = [tensor for one in optimizer.param_groups for tensor in one["params"]]
    return {
        "optimizer": type(optimizer).__name__,
        **facts,
        "optimized_numbers": sum(tensor.numel() for tensor in tensors),
        "device": str(tensors[0].device) if tensors else "",
        "dtype": str(tensors[0].dtype) if tensors else "",
        "torch_seed": torch.initial_seed(),
    }


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
    moved = {id(tensor) for group in optimizer.param_groups for tensor in group["params"]}
    found: list[tuple[int, Any]] = []
    for module in _modules_in_sight(caller):
        held = {id(tensor) for tensor in module.parameters()}
        if moved <= held:
            found.append((len(held), module))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _modules_in_sight(frame: FrameType | None) -> Iterator[Any]:
    from torch.nn import Module

    for _ in range(_MOST_FRAMES):
        if frame is None:
            return
        names = local_names(frame)
        things = [*names.values()]
        owner = names.get("self")
        things.extend(vars(owner).values() if hasattr(owner, "__dict__") else ())
        yield from (thing for thing in things if isinstance(thing, Module))
        frame = frame.f_back
