"""A shell of this process, with no history on disk, and what its cells put on the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config


@contextmanager
def a_shell(home: Path) -> Iterator[InteractiveShell]:
    """The shell that ``get_ipython`` answers with meanwhile; *home* takes what it writes down."""
    InteractiveShell.clear_instance()
    config = Config({"HistoryManager": {"hist_file": ":memory:"}})
    try:
        yield InteractiveShell.instance(config=config, ipython_dir=str(home))
    finally:
        InteractiveShell.clear_instance()


@contextmanager
def page() -> Iterator[list[dict[str, Any]]]:
    """What is displayed meanwhile, each with ``data``, ``transient`` and ``update``, in order."""
    shown: list[dict[str, Any]] = []
    with capture_output() as captured:
        yield shown
    shown += [
        {"data": one.data, "transient": one.transient, "update": one.update} for one in captured.outputs
    ]
