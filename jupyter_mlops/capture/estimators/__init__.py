"""Autolog: watch the estimators people already use, and tell a sink what was fitted and measured.

Nothing is imported here that the user has not imported: a library is looked at when it is loaded, or at once
where it already is. ``autolog_off`` puts every replaced object back.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from types import ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.imports import ImportWatch
from jupyter_mlops.capture.estimators.libraries import find_libraries, observer_of
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.patches import Patches
from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen, Sink

__all__ = ["FitSeen", "MetricSeen", "Observer", "Sink", "autolog", "autolog_off", "forget_data", "is_on"]


class _Watching:
    """The one set of patches a process can have: patches on shared classes cannot be had twice."""

    def __init__(self) -> None:
        self.patches = Patches()
        self.watch: ImportWatch | None = None
        self.observer: Observer | None = None


_state = _Watching()


def autolog(sink: Sink, namespace: MutableMapping[str, Any] | None = None) -> None:
    """Begin to observe. A second call replaces the sink and doubles nothing.

    Parameters
    ----------
    sink
        Who is told.
    namespace
        The user's names, for libraries whose objects are found there.
    """
    autolog_off()
    observer = _state.observer = Observer(sink, _state.patches, namespace)
    libraries = find_libraries()

    def imported(module: ModuleType) -> None:
        try:
            observer_of(libraries[module.__name__])(module, observer)
        except Exception as failure:  # noqa: BLE001 - the user's import has succeeded, and stays so
            sink.note(f"{module.__name__} is not observed: {type(failure).__name__}: {failure}"[:300])

    _state.watch = ImportWatch(tuple(libraries), imported)
    _state.watch.start()


def autolog_off() -> tuple[str, ...]:
    """Stop, and put back every replaced object; return the names of what others had replaced meanwhile."""
    if _state.watch is None:
        return ()
    _state.watch.stop()
    _state.watch = _state.observer = None
    return _state.patches.undo()


def forget_data() -> None:
    """Look at all data anew: a run begins."""
    if _state.observer is not None:
        _state.observer.digested.clear()


def is_on() -> bool:
    """Tell whether estimators are being observed."""
    return _state.watch is not None
