"""MLflow's folder store (``mlruns``): a file for each name and value."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.transfer.foreign import ForeignModel, ForeignPoint, ForeignRun

__all__ = ["MlflowFolder"]

_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_LONGEST = 1 << 20  # bytes of a parameter or tag that are read


class MlflowFolder:
    """One ``mlruns`` folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[str, Path] = {}
        if not any(folder.glob("*/meta.yaml")):
            raise Invalid(
                f"{folder} is no folder that MLflow wrote: no experiment in it has a meta.yaml",
                remedy="Name the mlruns folder itself.",
            )

    def close(self) -> None:
        """Nothing is held open."""

    def runs(self) -> Iterator[ForeignRun]:
        """Return every run, the earliest first."""
        found = [run for place in sorted(self._folder.glob("*/meta.yaml")) for run in self._experiment(place)]
        yield from sorted(found, key=lambda run: (run.started, run.uuid))

    def _experiment(self, meta: Path) -> Iterator[ForeignRun]:
        about = _yaml(meta)
        if "experiment_id" not in about:
            return
        for place in sorted(meta.parent.glob("*/meta.yaml")):
            run = _yaml(place)
            if "run_uuid" not in run and "run_id" not in run:
                continue
            uuid = str(run.get("run_uuid") or run["run_id"])
            self._runs[uuid] = place.parent
            tags = dict(_texts(place.parent / "tags"))
            yield ForeignRun(
                uuid=uuid,
                experiment=str(about.get("name", "")),
                experiment_id=str(about["experiment_id"]),
                name=str(run.get("run_name") or tags.get("mlflow.runName", "")),
                status=_status(run.get("status")),
                started=int(run.get("start_time") or 0),
                ended=None if run.get("end_time") is None else int(run["end_time"]),
                user=str(run.get("user_id") or tags.get("mlflow.user", "")),
                deleted="deleted" in {run.get("lifecycle_stage"), about.get("lifecycle_stage")},
                artifacts=str(run.get("artifact_uri") or ""),
                params=dict(_texts(place.parent / "params")),
                tags=tags,
            )

    def points(self, run: ForeignRun) -> Iterator[ForeignPoint]:
        """Return the points of a run in the order of their times."""
        folder = self._runs[run.uuid] / "metrics"
        points = [
            point for file in _files(folder) for point in _series(file, file.relative_to(folder).as_posix())
        ]
        yield from sorted(points, key=lambda point: (point.milliseconds, point.step, point.key))

    def models(self) -> Iterator[ForeignModel]:
        """Return every model version, by name and number."""
        for model in sorted((self._folder / "models").glob("*/meta.yaml")):
            aliases = dict(_texts(model.parent / "aliases"))
            told = [_yaml(place) for place in model.parent.glob("version-*/meta.yaml")]
            # By number: read as text, version 10 would come before version 2.
            for version, about in sorted(
                ((_whole(one.get("version")), one) for one in told), key=itemgetter(0)
            ):
                yield ForeignModel(
                    name=str(about.get("name", model.parent.name)),
                    version=version,
                    run=about.get("run_id"),
                    location=str(about.get("storage_location") or about.get("source") or ""),
                    aliases=tuple(sorted(a for a, number in aliases.items() if number == str(version))),
                )


def _whole(said: object) -> int:
    return int(said) if isinstance(said, int) or (isinstance(said, str) and said.isdecimal()) else 0


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _status(said: object) -> str:
    return _STATUS.get(said, "") if isinstance(said, int) else str(said or "")


def _files(folder: Path) -> Iterator[Path]:
    # A link could name any file of this machine.
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for file in _files(folder):
        with file.open(encoding="utf-8", errors="replace") as content:
            yield file.relative_to(folder).as_posix(), content.read(_LONGEST).rstrip("\n")


def _series(file: Path, key: str) -> Iterator[ForeignPoint]:
    # A point is written again, the same, for each model it is said of.
    for line in dict.fromkeys(file.read_text(encoding="utf-8", errors="replace").splitlines()):
        parts = line.split()
        if len(parts) in {2, 3}:  # the step came later
            yield ForeignPoint(
                key,
                float(parts[1]),
                int(parts[0]),
                int(parts[2]) if len(parts) == 3 else 0,  # noqa: PLR2004
            )
