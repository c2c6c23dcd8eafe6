"""The run's card under a tracked cell: shown as the cell begins, updated in place as it ends."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.magics.outputs import Shown
from jupyter_mlops.records.run import Run
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text

__all__ = ["Card", "bundle_of"]


def bundle_of(record: object) -> dict[str, str]:
    """Return *record* as HTML without scripts and as text."""
    return {"text/html": as_html(record), "text/plain": as_text(record)}


class Card:
    """One display that changes its content. A terminal cannot: there only the end is shown."""

    def __init__(self, shell: Any, shown: Shown) -> None:
        self._shell, self._shown = shell, shown
        self._lively = hasattr(shell, "kernel")

    def _publish(self, record: Run, *, update: bool) -> None:
        name = {"display_id": f"mlops-{record.id}"}
        with self._shown.aside():
            self._shell.display_pub.publish(
                data=bundle_of(record), metadata={}, transient=name, update=update
            )

    def begin(self, run: Run) -> None:
        """Show that the run goes on."""
        if self._lively:
            self._publish(run, update=False)

    def end(self, run: Run) -> None:
        """Show what it came to."""
        self._publish(run, update=self._lively)
