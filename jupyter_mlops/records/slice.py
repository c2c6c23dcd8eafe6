"""The cells a run rests on, as a record of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.records.source import CellExecution

__all__ = ["RunSlice", "SliceForm"]


class SliceForm(StrEnum):
    """What a slice is written as."""

    TEXT = "text"
    NOTEBOOK = "notebook"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSlice:
    """What a run rests on: its cells, each as it was executed, and what lies outside of them."""

    run: str
    grade: Grade
    reason: str  # the sentence behind the grade
    cells: tuple[CellExecution, ...]  # in the order of execution
    document: DocumentState = DocumentState.UNKNOWN  # whether the saved notebook says what ran
    outside: tuple[str, ...] = ()  # names it rests on that no recorded cell made
    text: str = ""  # the same to read, or to run again: as ``to`` asked

    def __str__(self) -> str:
        return self.text
