"""What keeps turning: starts what is due, follows up what has ended."""

from __future__ import annotations

from jupyter_mlops.automation.checking import check_notebooks
from jupyter_mlops.automation.collecting import collect_deleted
from jupyter_mlops.automation.elyra import import_elyra
from jupyter_mlops.automation.followup import follow_up
from jupyter_mlops.automation.pipelines import run_pipeline
from jupyter_mlops.automation.planning import plan_pipeline
from jupyter_mlops.automation.run import run_notebook
from jupyter_mlops.automation.schedules import (
    add_schedule,
    change_schedule,
    find_schedules,
    keep_schedules,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    show_schedule,
)
from jupyter_mlops.automation.showing import show_pipeline
from jupyter_mlops.automation.sweeps.asking import (
    resume_sweep,
    submit_sweep,
    sweep_notebook,
    sweep_trials,
)
from jupyter_mlops.automation.tick import scheduler, tick

__all__ = [
    "add_schedule",
    "change_schedule",
    "check_notebooks",
    "collect_deleted",
    "find_schedules",
    "follow_up",
    "import_elyra",
    "keep_schedules",
    "pause_schedule",
    "plan_pipeline",
    "remove_schedule",
    "resume_schedule",
    "resume_sweep",
    "run_notebook",
    "run_pipeline",
    "scheduler",
    "show_pipeline",
    "show_schedule",
    "submit_sweep",
    "sweep_notebook",
    "sweep_trials",
    "tick",
]
