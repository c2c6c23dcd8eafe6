"""Autolog: watch the estimators people already use, and tell a sink what was fitted and measured.

Nothing is imported here that the user has not imported: a library is looked at when it is loaded, or at once
where it already is. ``autolog_off`` puts every replaced object back.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from importlib import import_module
from types import ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.imports import ImportWatch
from jupyter_mlops.capture.estimators.patches import Patches
from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen, Sink

__all__ = ["LIBRARIES", "FitSeen", "MetricSeen", "Sink", "autolog", "autolog_off", "is_on"]

# The module whose import means that a library is there, and the observer that knows it:
# a module with ``observe(module, sink, patches, namespace)``.
LIBRARIES: Mapping[str, str] = {
    "sklearn.base": "jupyter_mlops.capture.estimators.scikit_learn",
    "sklearn.metrics": "jupyter_mlops.capture.estimators.scikit_learn_metrics",
}


class _Watching:
    """The one set of patches a process can have: patches on shared classes cannot be had twice."""

    def __init__(self) -> None:
        self.patches = Patches()
        self.watch: ImportWatch | None = None


_state = _Watching()


def autolog(sink: Sink, namespace: MutableMapping[str, Any] | None = None) -> None:
    """Begin to observe. A second call replaces the sink and doubles nothing.

    Parameters
    ----------
    sink
        Who is told.
    namespace
        The user's names: functions imported into it before now are observed, too.
    """
    autolog_off()

    def imported(module: ModuleType) -> None:
        observer = import_module(LIBRARIES[module.__name__])
        observer.observe(module, sink, _state.patches, namespace)

    _state.watch = ImportWatch(tuple(LIBRARIES), imported)
    _state.watch.start()


def autolog_off() -> tuple[str, ...]:
    """Stop, and put back every replaced object; return the names of what others had replaced meanwhile."""
    if _state.watch is None:
        return ()
    _state.watch.stop()
    _state.watch = None
    return _state.patches.undo()


def is_on() -> bool:
    """Tell whether estimators are being observed."""
    return _state.watch is not None
