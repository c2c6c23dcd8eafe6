"""A pipeline as its file tells it, before anything has run."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ImportedPipeline", "PipelineView", "StepView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step: what it runs, and the steps that must have succeeded before."""

    name: str
    notebook: str  # from the pipeline's folder; of a step without a notebook the file it runs
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineView:
    """A pipeline's steps in the order of its file."""

    name: str
    steps: tuple[StepView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPipeline:
    """A pipeline that was made from another tool's file."""

    source: str
    file: str  # the YAML file that was written
    name: str
    steps: tuple[StepView, ...] = ()
    notes: tuple[str, ...] = ()  # what that file could not take over, one by one
