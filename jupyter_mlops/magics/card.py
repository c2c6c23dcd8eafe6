"""The run's card under a tracked cell: shown as the cell begins, updated in place as it ends."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.magics.outputs import Shown
from jupyter_mlops.records.run import Run
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from jupyter_mlops.tracking.handle import ActiveRun

__all__ = ["Card", "bundle_of"]


def bundle_of(record: object) -> dict[str, str]:
    """Return *record* as HTML without scripts and as text."""
    return {"text/html": as_html(record), "text/plain": as_text(record)}


class Card:
    """One display that changes its content. A terminal cannot: there only the end is shown."""

    def __init__(self, shell: Any, shown: Shown) -> None:
        self._shown = shown
        self._lively = hasattr(shell, "kernel")
        self._handle: Any = None

    def begin(self, run: ActiveRun) -> None:
        """Show that the run goes on."""
        if self._lively:
            from IPython.display import display

            with self._shown.aside():
                self._handle = display(bundle_of(run.begun), raw=True, display_id=f"mlops-{run.id}")  # type: ignore[no-untyped-call]

    def end(self, run: Run) -> None:
        """Show what it came to."""
        from IPython.display import display

        with self._shown.aside():
            if self._handle is not None:
                self._handle.update(bundle_of(run), raw=True)
            else:
                display(bundle_of(run), raw=True)  # type: ignore[no-untyped-call]
