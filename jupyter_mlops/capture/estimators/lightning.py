"""Lightning: ``Trainer.fit`` with the metrics it logs, by epoch, and the data behind its loaders."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType, FunctionType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.attempts import Attempt
from jupyter_mlops.capture.estimators.fits import kind_of
from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen
from jupyter_mlops.capture.estimators.torch import module_facts, optimizer_facts
from jupyter_mlops.capture.estimators.torch_data import LoopData
from jupyter_mlops.capture.estimators.torch_readings import dataset_name, samplers_of
from jupyter_mlops.capture.estimators.training import plain
from jupyter_mlops.records.run import RunInput

__all__ = ["observe"]

_LOADERS = (
    ("train_dataloader", "train"),
    ("val_dataloaders", "test"),
)  # of a trainer, and what they are to a run
_SETTINGS = ("max_epochs", "max_steps", "precision", "accumulate_grad_batches", "gradient_clip_val")


def observe(module: ModuleType, observer: Observer) -> None:
    """Begin to observe; *module* is ``lightning.pytorch``, or ``pytorch_lightning``."""
    wrap = functools.partial(_fit, observer, _callback_class(module.Callback))
    observer.patches.attribute(module.Trainer, "fit", wrap)


def _callback_class(base: Any) -> Any:
    class Epochs(base):  # type: ignore[misc]  # the library is not there when types are checked
        """Collects what a trainer has logged at the end of each epoch."""

        def __init__(self) -> None:
            self.series: dict[str, dict[int, float]] = {}

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            """Take the metrics of this epoch."""
            del pl_module
            self.collect(trainer)

        def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
            """Take those of the last epoch's validation, which comes after its end."""
            del pl_module
            self.collect(trainer, epoch=max(0, trainer.current_epoch - 1))

        def collect(self, trainer: Any, epoch: int | None = None) -> None:
            """Take the metrics logged until now for *epoch*, by default the current one."""
            at = trainer.current_epoch if epoch is None else epoch
            for name, value in trainer.callback_metrics.items():
                number = float(value)
                if math.isfinite(number):
                    self.series.setdefault(str(name), {})[at] = number

    return Epochs


def _fit(observer: Observer, epochs: Callable[[], Any], original: FunctionType) -> Callable[..., Any]:
    @functools.wraps(original)
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        caller = sys._getframe(1)  # noqa: SLF001
        if not observer.watches(caller, self):
            return original(self, *args, **kwargs)
        seen = epochs()
        self.callbacks.append(seen)
        module = args[0] if args else kwargs.get("model")
        attempt = Attempt(
            observer, "Trainer.fit", lambda _attempt, data: _seen(self, module, seen, caller, data=data)
        )
        try:
            with attempt:
                result = observer.quietly(original, self, *args, **kwargs)
        finally:
            self.callbacks.remove(seen)
        observer.safely("Trainer.fit", _tell, observer, self, module, seen, attempt.seconds, caller)
        return result

    return fit


def _tell(
    observer: Observer, trainer: Any, module: Any, seen: Any, seconds: float, caller: FrameType
) -> None:
    observer.sink.fit(replace(_seen(trainer, module, seen, caller, data=True), seconds=seconds))


def _seen(trainer: Any, module: Any, seen: Any, caller: FrameType, *, data: bool) -> FitSeen:
    """Return what is known of a training; without the digests of its *data* where they are not wanted."""
    facts, files = module_facts(module)
    params = {name: plain(getattr(trainer, name, None)) for name in _SETTINGS}
    params |= {str(name): plain(value) for name, value in dict(getattr(module, "hparams", {})).items()}
    for optimizer in trainer.optimizers[:1]:
        params |= optimizer_facts(optimizer)
    return FitSeen(
        estimator=module,
        features=None,
        kind=kind_of(module),
        name=name_of(module, caller),
        params={**params, **facts},
        inputs=_inputs(trainer, caller) if data else (),
        metrics={"epochs": float(trainer.current_epoch), "steps": float(trainer.global_step)},
        series={name: tuple(sorted(values.items())) for name, values in seen.series.items()},
        artifacts=files,
        kept=False,
    )


def _inputs(trainer: Any, caller: FrameType) -> tuple[RunInput, ...]:
    """Return the records of what the trainer read, wherever it had its loaders from."""
    data = LoopData()
    for name, role in _LOADERS:
        for loader in _loaders_in(getattr(trainer, name, None)):
            data.read(loader.dataset, dataset_name(loader, caller), samplers_of(loader), role, caller)
    return data.inputs()


def _loaders_in(thing: Any) -> Iterator[Any]:
    """Return the loaders of what a trainer calls its loaders: one, several, several by name, or combined."""
    if hasattr(thing, "dataset"):
        yield thing
    elif isinstance(thing, (list, tuple)):
        for one in thing:
            yield from _loaders_in(one)
    elif isinstance(thing, dict):
        yield from _loaders_in([*thing.values()])
    elif thing is not None:
        yield from _loaders_in(getattr(thing, "iterables", getattr(thing, "loaders", None)))
