"""``mlops://`` for papermill: read and write notebooks that are kept with runs and jobs.

::

    papermill mlops://jobs/4f2k9c out.ipynb              the notebook a job executed
    papermill mlops://runs/a3f91c/report.ipynb out.ipynb an artifact of a run
    papermill in.ipynb mlops://runs/a3f91c/again.ipynb   kept as an artifact of that run
"""

from __future__ import annotations

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.jobs import get_job
from jupyter_mlops.tracking import find_artifacts, log_artifact, open_artifact
from jupyter_mlops.workspace import Workspace, open_workspace

__all__ = ["HANDLER", "SCHEME", "WorkspaceHandler"]

SCHEME = "mlops://"
_NOTEBOOK = "application/x-ipynb+json"


class WorkspaceHandler:
    """What papermill calls for paths of our scheme.

    Each call opens the workspace that the environment or the working folder names, and closes it again.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self._given = workspace

    def read(self, path: str) -> str:
        """Return the notebook's text."""
        kind, owner, name = _parts(path)
        ws = self._open()
        try:
            if kind == "runs":
                with open_artifact(ws, run=owner, name=name) as file:
                    return _text(file.read(), path)
            digest = get_job(ws, owner).notebook
            if digest is None:
                raise NotFound(
                    f"the job {owner} has executed no notebook yet", remedy="Wait until it has ended."
                )
            with ws.blobs.open(digest) as file:
                return _text(file.read(), path)
        finally:
            self._close(ws)

    def write(self, buf: str, path: str) -> None:
        """Keep the notebook's text with a run; papermill writes after every cell, the last one counts."""
        kind, owner, name = _parts(path)
        if kind != "runs":
            raise Invalid(
                f"{path!r} cannot be written: a job's notebook is its own",
                remedy=f"Say {SCHEME}runs/RUN/NAME.ipynb.",
            )
        ws = self._open()
        try:
            log_artifact(ws, run=owner, content=buf.encode("utf-8"), name=name, media_type=_NOTEBOOK)
        finally:
            self._close(ws)

    def listdir(self, path: str) -> list[str]:
        """Return the paths of a run's notebooks."""
        if not path.startswith(f"{SCHEME}runs/"):
            raise Invalid(f"{path!r} cannot be listed", remedy=f"Say {SCHEME}runs/RUN.")
        _, owner, _ = _parts(path.rstrip("/") + "/x.ipynb")
        ws = self._open()
        try:
            found = find_artifacts(ws, run=owner)
            return [f"{SCHEME}runs/{owner}/{a.name}" for a in found if a.name.endswith(".ipynb")]
        finally:
            self._close(ws)

    def pretty_path(self, path: str) -> str:
        """Return the path as people read it."""
        return path

    def _open(self) -> Workspace:
        return self._given or open_workspace()

    def _close(self, ws: Workspace) -> None:
        if self._given is None:
            ws.store.close()


def _text(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise Invalid(
            f"{path!r} is not text: {failure}", remedy="Name an artifact that ends in .ipynb."
        ) from failure


def _parts(path: str) -> tuple[str, str, str]:
    """Take a path apart into its kind, the run or job it belongs to, and the artifact's name."""
    kind, _, rest = path.removeprefix(SCHEME).partition("/")
    owner, _, name = rest.partition("/")
    if kind not in {"runs", "jobs"} or not owner or (kind == "runs") != bool(name):
        raise Invalid(
            f"{path!r} names no notebook", remedy=f"Say {SCHEME}runs/RUN/NAME.ipynb or {SCHEME}jobs/JOB."
        )
    return kind, owner, name


# What the entry point names: papermill calls what it loads as it is, and makes nothing of it first.
HANDLER = WorkspaceHandler()
