"""Records in a notebook output: live while a kernel stands behind them, readable for ever after."""

from jupyter_mlops.widgets.base import RecordWidget
from jupyter_mlops.widgets.compare import CompareWidget
from jupyter_mlops.widgets.review import ReviewWidget, review_widget
from jupyter_mlops.widgets.run import RunWidget
from jupyter_mlops.widgets.runs import RunsWidget
from jupyter_mlops.widgets.showing import show, widget_for

__all__ = [
    "CompareWidget",
    "RecordWidget",
    "ReviewWidget",
    "RunWidget",
    "RunsWidget",
    "review_widget",
    "show",
    "widget_for",
]
