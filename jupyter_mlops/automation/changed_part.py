"""What is not as it was when a step last succeeded, in one sentence: the first difference, exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import chain

from jupyter_mlops.automation.basis import Basis, Success

__all__ = ["changed_part"]

_LONGEST = 60  # characters of a value


def changed_part(last: Success | None, now: Basis) -> str | None:
    """Return the sentence that names the first difference to the last success; None: there is none."""
    if last is None:
        return "it has not succeeded before"
    if last.basis is None:
        return "what it depended on when it last succeeded cannot be read"
    return next(_differences(last.basis, now), None)


def _differences(before: Basis, now: Basis) -> Iterator[str]:
    # First the interpreter: another one may read the very same code otherwise.
    if before.python != now.python:
        yield f"Python went from {before.python} to {now.python}"
    yield from chain(
        _cells(before.cells, now.cells),
        _values(before.values, now.values),
        _entries(before.inputs, now.inputs, "input {0} has changed", "input {0} is new", "input {0} is gone"),
        _entries(
            before.packages,
            now.packages,
            "package {0} went from {1} to {2}",
            "package {0} {2} was installed",
            "package {0} {1} was removed",
        ),
        _kernel(before.kernel, now.kernel),
        _entries(
            before.needs,
            now.needs,
            "step {0}, which it needs, has changed",
            "it needs step {0} now",
            "it does not need step {0} any more",
        ),
    )


def _cells(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Cells are counted as a job's progress counts them: code cells with anything in them, from 1."""
    for kind, old, _, new, _ in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind == "replace":
            yield f"code cell {new + 1} has changed"
        elif kind == "insert":
            there = now[new] in before
            yield f"code cell {new + 1} stood elsewhere" if there else f"code cell {new + 1} is new"
        elif kind == "delete":
            there = before[old] in now
            yield f"code cell {old + 1} has moved" if there else f"code cell {old + 1} is gone"


def _values(before: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    for name in sorted({*before, *now}):
        old, new = (_shown(side[name]) if name in side else "" for side in (before, now))
        if name not in before:
            yield f"parameter {name} is {new} and was not given before"
        elif name not in now:
            yield f"parameter {name} was {old} and is not given any more"
        elif before[name] != now[name] or type(before[name]) is not type(now[name]):
            yield (
                f"parameter {name} went from {old} to {new}"
                if old != new
                else f"parameter {name} has changed"
            )


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _entries(
    before: Mapping[str, str], now: Mapping[str, str], changed: str, new: str, gone: str
) -> Iterator[str]:
    for name in sorted({*before, *now}):
        old, is_now = before.get(name), now.get(name)
        if old != is_now:
            said = new if old is None else gone if is_now is None else changed
            yield said.format(name, old, is_now)


def _kernel(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    if before[:1] != now[:1]:
        yield f"the kernel went from {''.join(before[:1])} to {''.join(now[:1])}"
    elif before != now:
        yield f"the kernel {now[0]} is started in another way"
