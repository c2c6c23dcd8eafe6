"""Where workers run. Our own store is the queue; an engine only dispatches."""

from __future__ import annotations

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.engines.protocol import Engine, Handle

__all__ = ["Engine", "Handle", "check_engine", "open_engine"]


def open_engine(name: str, workers: int, python: str | None = None) -> Engine:
    """Open an engine by name.

    Parameters
    ----------
    name
        ``local``: processes of this machine. ``dask``: a Dask cluster of this machine's own;
        ``dask:ADDRESS``: one that runs already, such as ``dask:tls://scheduler:8786``.
    workers
        How many jobs at once.
    python
        The interpreter of local workers; without one, this.

    Raises
    ------
    Invalid
        There is no such engine.
    Unavailable
        Its library is not installed, or the cluster does not answer.
    """
    check_engine(name, workers)
    kind, _, address = name.partition(":")
    if kind == "local":
        from jupyter_mlops.jobs.engines.local import LocalEngine

        return LocalEngine(python)
    from jupyter_mlops.jobs.engines.dask import open_dask

    return open_dask(address, workers)


def check_engine(name: str, workers: int) -> None:
    """Refuse, as ``Invalid``, an engine that there is not, or one without workers."""
    if workers < 1:
        raise Invalid(f"workers is {workers}; at least one must work", remedy="Say --workers 1 or more.")
    kind, _, address = name.partition(":")
    if kind not in {"local", "dask"} or (kind == "local" and address):
        raise Invalid(f"there is no engine {name!r}", remedy="Known: local, dask, dask:ADDRESS.")
