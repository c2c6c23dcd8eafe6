"""What keeps turning: starts what is due, follows up what has ended."""

from __future__ import annotations

from jupyter_mlops.automation.followup import follow_up
from jupyter_mlops.automation.run import run_notebook
from jupyter_mlops.automation.schedules import (
    add_schedule,
    find_schedules,
    pause_schedule,
    remove_schedule,
    resume_schedule,
)
from jupyter_mlops.automation.tick import scheduler, tick

__all__ = [
    "add_schedule",
    "find_schedules",
    "follow_up",
    "pause_schedule",
    "remove_schedule",
    "resume_schedule",
    "run_notebook",
    "scheduler",
    "tick",
]
