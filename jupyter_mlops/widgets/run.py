"""A run's card."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.tracking import get_run
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.front import static

__all__ = ["RunWidget"]


class RunWidget(RecordWidget):
    """A run: how it went, what it measured, what it rests on."""

    _esm = static("run.js")

    def settled(self, record: object) -> bool:
        """Tell whether the run has ended."""
        return isinstance(record, Run) and record.status is not RunStatus.RUNNING

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Read the run again."""
        self.show_record(get_run(self._ws, self.shown.id))
