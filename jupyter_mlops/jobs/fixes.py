"""Safe remedies for jobs that failed: each is shown first, and carried out when somebody says so.

Safe means that no code is run which the project does not ask for already: the job is tried again with other limits or in another
folder, or a package is installed that the project's own files name. The name of a missing module alone is never installed: anybody
may have published something under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_mlops.jobs.installing import declared_package, dry_run, install
from jupyter_mlops.jobs.places import for_people
from jupyter_mlops.jobs.steps import requeue
from jupyter_mlops.jobs.submit import get_job
from jupyter_mlops.records.fix import Fix, FixKind
from jupyter_mlops.records.job import Job, JobSpec, JobStatus
from jupyter_mlops.records.retry import FailureClass
from jupyter_mlops.workspace import Workspace

__all__ = ["fix_job"]

_MODULE = re.compile(r"No module named '([\w.]+)'")
_PATH = re.compile(r"No such file or directory: '([^']+)'")
_MORE = 2  # times as much memory or time
_LOOKED_AT = 20_000  # files and folders of a project that are looked through for one that is missing
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages"})


@dataclass(frozen=True, slots=True)
class _Plan:
    kind: FixKind
    spec: JobSpec | None = None  # the job as it is tried again
    steps: tuple[str, ...] = ()
    package: str = ""


def fix_job(ws: Workspace, job: str, *, apply: bool = False) -> Fix:
    """Say what would make a failed job succeed, where a safe remedy is known; do it where that is asked.

    Parameters
    ----------
    job
        The job's id or its tail.
    apply
        Do it, and queue the job again. Without, nothing is changed.

    Raises
    ------
    NotFound
        There is no such job.
    Conflict
        The job is under way, or has succeeded; only where it is to be applied.
    Unavailable
        A package could not be installed.
    """
    found = get_job(ws, job)
    plan = _plan_for(ws, found)
    what = f"{found.error.kind}: {found.error.message}" if found.error else f"the job is {found.status}"
    fix = Fix(job=found.id, kind=plan.kind, what=what, steps=(*_package_steps(plan, apply), *plan.steps))
    if not apply or plan.spec is None:
        return fix
    if plan.package:
        install(plan.package)
    with ws.store.write() as tx:
        requeue(ws, tx, tx.jobs.get(found.id), spec=plan.spec, attended=False)
        tx.events.append([ws.event("job.fixed", found.id, fix=str(plan.kind), steps=list(fix.steps))])
    return replace(fix, applied=True)


def _package_steps(plan: _Plan, apply: bool) -> tuple[str, ...]:
    """Tell what an installation brings along; pip itself says so, and installs nothing meanwhile."""
    return dry_run(plan.package) if plan.package and not apply else ()


def _plan_for(ws: Workspace, job: Job) -> _Plan:
    if job.error is None or not job.status.ended or job.status in {JobStatus.SUCCEEDED, JobStatus.CANCELLED}:
        return _Plan(FixKind.NONE)
    limit = _more_of_a_limit(job)
    if limit is not None:
        return limit
    if job.error.failure is FailureClass.INFRASTRUCTURE:
        return _Plan(FixKind.RETRY, job.spec, ("try the job again as it is",))
    missing = _PATH.search(job.error.message) if job.error.kind == "FileNotFoundError" else None
    if missing is not None:
        return _with_folder(ws, job, missing[1])
    module = _MODULE.search(job.error.message) if job.error.kind == "ModuleNotFoundError" else None
    if module is not None:
        return _with_module(ws, job, module[1].partition(".")[0])
    return _Plan(FixKind.NONE)


def _more_of_a_limit(job: Job) -> _Plan | None:
    spec, failure = job.spec, job.error.failure if job.error else None
    if failure is FailureClass.OUT_OF_MEMORY and spec.memory is not None:
        more = replace(spec, memory=spec.memory * _MORE)
        said = f"try the job again with {more.memory / 1e6:,.0f} MB of memory" if more.memory else ""
        return _Plan(FixKind.MORE_MEMORY, more, (said,))
    if failure is FailureClass.TIMEOUT:
        more = replace(spec, timeout=_twice(spec.timeout), cell_timeout=_twice(spec.cell_timeout))
        limits = [f"{more.timeout:g} s for the job"] if more.timeout else []
        limits += [f"{more.cell_timeout:g} s for a cell"] if more.cell_timeout else []
        return _Plan(FixKind.MORE_TIME, more, (f"try the job again with {' and '.join(limits)}",))
    return None


def _twice(limit: float | None) -> float | None:
    return None if limit is None else limit * _MORE


def _with_folder(ws: Workspace, job: Job, missing: str) -> _Plan:
    """Find the one folder of the project from which the missing relative path leads to a file."""
    path = Path(missing)
    if path.is_absolute() or ".." in path.parts:
        return _Plan(FixKind.NONE)
    folders = {folder for folder in _folders(ws.settings.root) if (folder / path).exists()}
    if len(folders) != 1:
        return _Plan(FixKind.NONE)
    (folder,) = folders
    spec = replace(job.spec, folder=str(folder))
    return _Plan(
        FixKind.FOLDER,
        spec,
        (f"try the job again in the folder {_called(ws, folder)}, where {missing} is",),
    )


def _with_module(ws: Workspace, job: Job, module: str) -> _Plan:
    """A file of the project is found from its folder; a package is installed where the project's files ask for it."""
    own = _with_folder_of_module(ws, job, module)
    if own is not None:
        return own
    package = declared_package(ws.settings.root, module) if job.spec.kernel is None else None
    if package is None:
        return _Plan(FixKind.NONE)
    steps = (f"install {package}, which the project's own files ask for", "try the job again")
    return _Plan(FixKind.INSTALL, job.spec, steps, package)


def _with_folder_of_module(ws: Workspace, job: Job, module: str) -> _Plan | None:
    folders = {
        folder
        for folder in _folders(ws.settings.root)
        if (folder / f"{module}.py").is_file() or (folder / module / "__init__.py").is_file()
    }
    if len(folders) != 1:
        return None
    (folder,) = folders
    spec = replace(job.spec, folder=str(folder))
    return _Plan(
        FixKind.FOLDER, spec, (f"try the job again in the folder {_called(ws, folder)}, where {module} is",)
    )


def _called(ws: Workspace, folder: Path) -> str:
    return for_people(ws.settings, folder.resolve())


def _folders(root: Path) -> Iterator[Path]:
    """Yield the project's folders, itself first; hidden ones and what is installed are passed over."""
    waiting, looked_at = [root], 0
    while waiting:
        folder = waiting.pop(0)
        yield folder
        try:
            inside = sorted(folder.iterdir())
        except OSError:
            continue
        looked_at += len(inside)
        if looked_at > _LOOKED_AT:
            return
        waiting += [
            one
            for one in inside
            if one.is_dir()
            and not one.is_symlink()
            and not one.name.startswith(".")
            and one.name not in _PASSED_OVER
        ]
