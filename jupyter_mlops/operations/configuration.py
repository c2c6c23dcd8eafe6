"""What is set, and by whom."""

from __future__ import annotations

from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.settings import explain_settings

__all__ = ["show_settings"]


def show_settings(console: Console) -> Answer:
    """Show every setting, its value, and where that came from: argument, environment, file or default."""
    found = explain_settings(console.workspace, start=console.start)
    wide = max(len(each.name) for each in found)
    lines = [f"{each.name:{wide}}  {_shown(each.value)}   ({each.origin})" for each in found]
    return Answer(value=found, text="\n".join(lines))


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no", None: "none"}[value] if isinstance(value, bool | None) else str(value)
