"""The evidence and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import traitlets

from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.review import Review, ReviewStatus, Verdict
from jupyter_mlops.review import decide, get_review, show_review
from jupyter_mlops.review.prospect import weighed
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.front import static
from jupyter_mlops.workspace import Workspace

__all__ = ["ReviewWidget", "review_widget"]


class ReviewWidget(RecordWidget):
    """A review: what was measured, and approve, reject, abstain while it is open.

    ``door`` is ``server`` where the policy counts no decision that comes from a kernel: the page then asks the Jupyter
    server, in the name its reader is signed in with, and this widget only reads what came of it.
    """

    _esm = static("review.js")

    door = traitlets.Unicode().tag(sync=True)

    actions: ClassVar[Mapping[str, str]] = {**RecordWidget.actions, "decide": "on_decide"}

    def __init__(self, record: Review, ws: Workspace) -> None:
        with ws.store.read() as tx:
            asked = weighed(tx, ws, record)
        elsewhere = asked.prospect is not None and asked.prospect.server
        super().__init__(asked, ws, door=Door.SERVER.value if elsewhere else "")

    def settled(self, record: object) -> bool:
        """Tell whether the review takes no more decisions."""
        return isinstance(record, Review) and record.status is not ReviewStatus.OPEN

    def note(self, record: object) -> str:
        """Say how to decide where this output is only paper."""
        if not isinstance(record, Review) or self.settled(record):
            return ""
        return f"To decide: run this cell again, or `jupyter mlops review decide {record.id} approve --comment TEXT`."

    def on_decide(self, asked: Mapping[str, object]) -> None:
        """Enter a decision in the name of the workspace's actor."""
        verdict, comment = asked.get("verdict"), asked.get("comment", "")
        if verdict not in set(Verdict) or not isinstance(comment, str):
            raise Invalid(
                f"a decision is approve, reject or abstain, with a comment in text; got {verdict!r:.40}",
                remedy="Press one of the three buttons, or say %mlops review decide REVIEW approve.",
            )
        try:
            self.show_record(decide(self._ws, self.shown.id, Verdict(str(verdict)), comment))
        except MlopsError:
            # A lapse was recorded, or somebody was faster: show what there is now, under the error.
            self.show_record(get_review(self._ws, self.shown.id))
            raise

    def on_refresh(self, asked: Mapping[str, object]) -> None:  # noqa: ARG002
        """Look again, the evidence compared with the books."""
        self.show_record(show_review(self._ws, self.shown.id))


def review_widget(ws: Workspace, review: Review) -> ReviewWidget:
    """Return the widget of *review*; deciding in it acts as *ws*'s actor."""
    return ReviewWidget(review, ws)
