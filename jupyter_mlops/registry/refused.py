"""Models that autolog saw fitted and could not keep: the run's notes say why, and whoever looks for the model is told."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_mlops.records.run import Run

__all__ = ["not_kept", "refusals_in"]

_REFUSED = " was not kept: "
_MOST = 3  # a loop of fits is refused for the same reason many times


def not_kept(name: str, why: object) -> str:
    """Return the note of a run whose model *name* could not be kept."""
    return f"the {name.replace('_', ' ')}{_REFUSED}{why}"


def refusals_in(runs: Iterable[Run]) -> str:
    """Return what the notes of *runs* say of models that were not kept, as sentences; empty where none was refused."""
    said = dict.fromkeys(note for run in runs for note in run.notes if _is_refusal(note))
    return " ".join(_sentence(note) for note in list(said)[:_MOST])


def _is_refusal(note: str) -> bool:
    return note.startswith("the ") and _REFUSED in note


def _sentence(note: str) -> str:
    stop = "" if note.endswith((".", "!", "?")) else "."
    return f"{note[:1].upper()}{note[1:]}{stop}"
