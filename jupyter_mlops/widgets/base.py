"""A record in, messages out, and a still twin that outlives the kernel.

What a cell shows is plain HTML and text under a display id, never the widget itself: a saved notebook then needs no
widget state, no trust and no script to be read, and there is nothing to be seen twice. The widget's model lives in
the page without a view of its own; its module finds the element marked ``data-jmlops-twin`` and comes alive inside
it. A front end whose outputs are kept apart from the page that holds the models (VS Code, Colab) gets the widget
itself instead, until there is nothing left to decide.
"""

from __future__ import annotations

import html
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import anywidget
import traitlets

from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.records.codec import encode
from jupyter_mlops.render.blocks import Block
from jupyter_mlops.render.html import html_of
from jupyter_mlops.render.text import text_of
from jupyter_mlops.render.views import blocks_of
from jupyter_mlops.widgets.front import VIEW, mounts_itself, put, static
from jupyter_mlops.workspace import Workspace

__all__ = ["RecordWidget"]

_LOG = logging.getLogger(__name__)


class RecordWidget(anywidget.AnyWidget):
    """The ground of every widget here.

    Parameters
    ----------
    record
        What is shown; any record that ``records.codec`` writes.
    ws
        Where messages act, in the name of its actor.

    Notes
    -----
    ``record`` is JSON as on the wire. ``error`` holds what went wrong with the last message, and the next step;
    ``busy`` is true while a message is worked on, ``frozen`` once there is nothing left to do.
    """

    _esm = static("record.js")
    _css = static("widgets.css")

    record = traitlets.Dict().tag(sync=True)
    twin = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    frozen = traitlets.Bool(default_value=False).tag(sync=True)
    actor = traitlets.Unicode().tag(sync=True)

    actions: ClassVar[Mapping[str, str]] = {"refresh": "on_refresh"}

    def __init__(self, record: object, ws: Workspace, **traits: object) -> None:
        self._ws = ws
        self._shown = record
        self._handle: Any = None
        super().__init__(
            record=encode(record),
            twin=f"jmlops-{secrets.token_hex(8)}",
            actor=ws.actor.name,
            frozen=self.settled(record),
            **traits,
        )
        self.on_msg(self._receive)

    @property
    def shown(self) -> Any:
        """The record itself, as it was last seen."""
        return self._shown

    def settled(self, record: object) -> bool:  # noqa: ARG002 - for subclasses
        """Tell whether nothing is left to do about *record*."""
        return False

    def note(self, record: object) -> str:  # noqa: ARG002 - for subclasses
        """Return what the still twin adds for a reader who has no kernel; empty for nothing."""
        return ""

    def blocks(self, record: object) -> Iterable[Block]:
        """Return what the still twin draws for *record*."""
        return blocks_of(record)

    def show_record(self, record: object) -> None:
        """Show *record* from now on, in the live view and in the still twin."""
        before = self._bundle()
        self._shown = record
        with self.hold_sync():
            self.record = encode(record)
            self.frozen = self.settled(record)
        # Replacing an output that says the same would only cost a reader the comment being typed.
        if self._handle is not None and self._bundle() != before:
            self._handle.update(self._bundle(), raw=True)

    def still(self) -> dict[str, str]:
        """Return what a saved notebook keeps: HTML without scripts, and plain text."""
        said = self.note(self._shown)
        foot = f'<p class="jmlops-note">{html.escape(said)}</p>' if said else ""
        blocks = tuple(self.blocks(self._shown))
        text = text_of(blocks)
        return {
            "text/html": f'<div class="jmlops-twin" data-jmlops-twin="{self.twin}">{html_of(blocks)}{foot}</div>',
            "text/plain": f"{text}\n{said}" if said else text,
        }

    def _bundle(self) -> dict[str, object]:
        if self.frozen or mounts_itself(self._esm):
            return dict(self.still())
        return {**self.still(), VIEW: {"version_major": 2, "version_minor": 1, "model_id": self.model_id}}

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        """Return the widget with both its twins, for whoever asks for the bundle outright."""
        view = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {VIEW: view, **self.still()}, {}

    def _ipython_display_(self, **_: object) -> None:
        self.put()

    def put(self) -> None:
        """Show this widget in the cell that runs now."""
        self._handle = put(self._bundle(), display_id=self.twin)

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        with self._working():
            asked = content if isinstance(content, Mapping) else {}
            name = self.actions.get(str(asked.get("action")))
            if name is None:
                raise Invalid(
                    f"this widget does not know the message {asked.get('action')!r:.60}",
                    remedy="Reload the page: its front end and this kernel are of different versions.",
                )
            act: Callable[[Mapping[str, object]], None] = getattr(self, name)
            act(asked)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Busy until done; whatever goes wrong is shown, because nobody reads a callback's traceback."""
        self.busy, self.error = True, ""
        try:
            yield
        except MlopsError as failure:
            self.error = str(failure)
        except Exception as failure:  # noqa: BLE001 - shown in the widget, and logged whole
            _LOG.exception("a widget's message failed")
            self.error = f"{type(failure).__name__}: {failure}"
        finally:
            self.busy = False

    def on_refresh(self, asked: Mapping[str, object]) -> None:
        """Show the record as it stands now."""
