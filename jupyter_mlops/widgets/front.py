"""The front end's side: the modules that labextension/ builds, and what the front end can do with them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython import get_ipython
from IPython.display import display

from jupyter_mlops.tracking.here import in_job

__all__ = ["VIEW", "mounts_itself", "put", "static", "watched"]

VIEW = "application/vnd.jupyter.widget-view+json"
_STATIC = Path(__file__).parent / "static"
# Shown by nobody: without the built modules (a checkout without Node.js) the still twin is what there is.
_EMPTY_MODULE = "export default { initialize() {}, render() {} };\n"


def static(name: str) -> Path | str:
    """Return the built file *name*, or a module that does nothing where it was not built."""
    path = _STATIC / name
    if path.is_file():
        return path
    return "" if path.suffix == ".css" else _EMPTY_MODULE


def put(bundle: Mapping[str, object], display_id: str | None = None) -> Any:
    """Show *bundle* in the cell that runs now; return the handle that updates it where it has a *display_id*."""
    return display(dict(bundle), raw=True, display_id=display_id)  # type: ignore[no-untyped-call]


def mounts_itself(module: object) -> bool:
    """Tell whether the module behind a widget comes alive inside its still twin, in this front end.

    It cannot where outputs are drawn apart from the page that holds the widget models.
    """
    return not _apart() and "initialize" in str(module)


def watched() -> bool:
    """Tell whether anybody may look on: in a job's kernel nobody does, and a widget would only swell the notebook."""
    return not in_job()


def _apart() -> bool:
    # Not read off VSCODE_*: a Lab started from an editor's terminal has these as well.
    if "google.colab" in sys.modules:
        return True
    shell = get_ipython()
    return shell is not None and "__vsc_ipynb_file__" in shell.user_ns
