"""What is set, and by whom."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.settings import Setting, explain_settings
from jupyter_mlops.store import masked

__all__ = ["show_settings", "shown"]


def show_settings(console: Console) -> Answer:
    """Show every setting, its value, and where that came from: argument, environment, file (docs/files.md) or default."""
    found = tuple(map(_open_to_all, explain_settings(console.workspace, start=console.start)))
    wide = max(len(each.name) for each in found)
    lines = [f"{each.name:{wide}}  {shown(each.value)}   ({each.origin})" for each in found]
    return Answer(value=found, text="\n".join(lines))


def _open_to_all(setting: Setting) -> Setting:
    """What is shown here is pasted into reports: of an address, without its password."""
    return replace(setting, value=masked(setting.value)) if isinstance(setting.value, str) else setting


def shown(value: object) -> str:
    """Return a setting's value in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no", None: "none"}[value] if isinstance(value, bool | None) else str(value)
