"""Secrets in what a run is told: masked on the way to its journal, and said once in a note of the run.

Parameters are told by their names and by the look of their values, errors and sentences by the look alone. User code
and the cell go on with the real values; only what is kept is masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jupyter_mlops.capture.secrets import MASK, is_secret, mask_secrets
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.run import Param, RunError
from jupyter_mlops.records.source import Source

__all__ = ["MASKED", "masked_end", "masked_note", "masked_params"]

MASKED = "what looked like a secret was masked in what is kept of this run"


def masked_params(params: Mapping[str, Param]) -> dict[str, Param]:
    """Return *params* with the values of secrets replaced; numbers and truth values keep their type."""
    return {
        name: MASK
        if is_secret(name, value)
        else mask_secrets(value).text
        if isinstance(value, str)
        else value
        for name, value in params.items()
    }


def masked_note(note: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a note of the kinds that ``tracking.folding`` knows, its parameters, sentences and child runs masked.

    Where that has changed anything, it says so as well.
    """
    done = dict(note)
    if "params" in note:
        done["params"] = masked_params(note["params"])
    if "note" in note:
        done["note"] = mask_secrets(note["note"]).text
    if "child" in note:
        done["child"] = _masked_child(note["child"])
    if done == note and not _were_masked(note.get("params", {})):
        return note
    # A sentence of the note's own has the place: it shows the mask itself.
    return {"note": MASKED, **done}


def _were_masked(params: Mapping[str, Param]) -> bool:
    """Tell whether a long value is among *params* that was masked before it was cut."""
    return any(isinstance(value, str) and value.endswith("…") and MASK in value for value in params.values())


def _masked_child(child: Mapping[str, Any]) -> Mapping[str, Any]:
    run = child["run"]
    params = masked_params(run.get("params", {}))
    if params == run.get("params", {}) and not _were_masked(params):
        return child
    return {**child, "run": {**run, "params": params, "notes": [*run.get("notes", ()), MASKED]}}


def masked_end(end: End) -> End:
    """Return *end* with its parameters, sentences and error masked, and a sentence more where that was needed."""
    captured, error = _masked_captured(end.captured), _masked_error(end.error)
    masked = captured is not end.captured or error is not end.error
    # What stands masked in a cell's source has become a parameter that is masked already.
    masked = masked or MASK in captured.params.values() or _were_masked(captured.params)
    if masked and MASKED not in captured.notes:
        captured = replace(captured, notes=(*captured.notes, MASKED))
    return replace(end, captured=captured, error=error)


def _masked_captured(captured: Captured) -> Captured:
    params = masked_params(captured.params)
    notes = tuple(mask_secrets(note).text for note in captured.notes)
    source = _masked_source(captured.source)
    if params == dict(captured.params) and notes == captured.notes and source is captured.source:
        return captured
    return replace(captured, params=params, notes=notes, source=source)


def _masked_source(source: Source | None) -> Source | None:
    """Return *source* without secrets in the sentences that were read off the cells as they really are."""
    if source is None:
        return None
    outside = tuple(mask_secrets(said).text for said in source.outside)
    seeds = tuple(mask_secrets(said).text for said in source.seeds)
    if (outside, seeds) == (source.outside, source.seeds):
        return source
    return replace(source, outside=outside, seeds=seeds)


def _masked_error(error: RunError | None) -> RunError | None:
    if error is None:
        return None
    masked = replace(
        error,
        message=mask_secrets(error.message).text,
        traceback=mask_secrets(error.traceback).text,
        code=mask_secrets(error.code).text,
    )
    return error if masked == error else masked
