"""Where the files of an MLflow run lie now, and which of them may be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlparse

from jupyter_mlops.transfer.foreign import ForeignRun

__all__ = ["Files"]


class Files:
    """The files beside an MLflow store. Nothing outside *roots* is read: a store may name any path."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self._roots = tuple(root.resolve() for root in roots)

    def of_run(self, run: ForeignRun) -> Path | None:
        """Return the folder of a run's artifacts; None where it is not here."""
        tails = (
            f"{run.uuid}/artifacts",
            f"{run.experiment_id}/{run.uuid}/artifacts",
            f"mlruns/{run.experiment_id}/{run.uuid}/artifacts",
            f"mlartifacts/{run.experiment_id}/{run.uuid}/artifacts",
        )
        return self.at(run.artifacts) or self._first(tails)

    def at(self, uri: str) -> Path | None:
        """Return the folder a URI names; None where it is elsewhere, or outside."""
        parts = urlparse(uri)
        if parts.scheme == "mlflow-artifacts":
            tail = str(PurePosixPath(unquote(parts.path)).relative_to("/"))
            return self._first((tail, f"mlartifacts/{tail}"))
        if parts.scheme not in {"", "file"} or not uri:
            return None
        path = Path(unquote(parts.path))
        if path.is_absolute():
            return self._inside(path) or self._moved(path)
        return self._first((str(path),))

    def _moved(self, path: Path) -> Path | None:
        """A store that was copied names its old place: its last folders are the same."""
        tails = ["/".join(path.parts[-count:]) for count in range(len(path.parts) - 1, 1, -1)]
        return self._first(tuple(tails))

    def _first(self, tails: tuple[str, ...]) -> Path | None:
        candidates = (self._inside(root / tail) for tail in tails for root in self._roots)
        return next((found for found in candidates if found is not None), None)

    def _inside(self, path: Path) -> Path | None:
        real = path.resolve()
        return real if real.is_dir() and any(real.is_relative_to(root) for root in self._roots) else None

    def walk(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """Return the files under *folder*, each with its name there; links out of it are passed over."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.resolve().is_relative_to(folder):
                yield path.relative_to(folder).as_posix(), path
