"""What two executions of a notebook showed, compared: cell by cell, part by part. Pure: nothing here reads a store."""

from __future__ import annotations

from jupyter_mlops.jobs.outputs.notebooks import compare_notebooks, has_outputs, shows_anything
from jupyter_mlops.jobs.outputs.rules import Rules

__all__ = ["Rules", "compare_notebooks", "has_outputs", "shows_anything"]
