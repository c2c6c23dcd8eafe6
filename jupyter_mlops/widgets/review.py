"""The evidence and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.records.review import Review, ReviewStatus, Verdict
from jupyter_mlops.review import decide, get_review, show_review
from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.front import static
from jupyter_mlops.workspace import Workspace

__all__ = ["ReviewWidget", "review_widget"]


class ReviewWidget(RecordWidget):
    """A review: what was measured, and approve, reject, abstain while it is open."""

    _esm = static("review.js")

    actions: ClassVar[Mapping[str, str]] = {**RecordWidget.actions, "decide": "on_decide"}

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
                f"a decision is approve, reject or abstain, with a comment in text; got {verdict!r:.40}"
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
