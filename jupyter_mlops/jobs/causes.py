"""Why a run and its repetition may differ: what surrounds their cells and is not the same, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from jupyter_mlops.records.comparison import ModuleChange
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking.differing import FACTS, differing, machine_facts, module_changes, seeds_by_call
from jupyter_mlops.tracking.environment import read_environment
from jupyter_mlops.tracking.seeds import seeds_for_all
from jupyter_mlops.workspace import Workspace

__all__ = ["surrounding_causes"]

_MOST = 5  # of one kind
_ABSENT = "absent"
_SHORT = 6  # characters that tell digests apart


def surrounding_causes(ws: Workspace, original: Run, again: Run) -> tuple[str, ...]:
    """Return what differs around the cells, the likeliest to matter first.

    Imported files of the project are code, so they come before seeds and variables; then interpreter, packages and the machine.
    """
    one, two = original.source, again.source
    return (
        *_a_few(list(_modules(one, two)), "modules differ"),
        *_a_few(list(_seeds(one, two)), "seeds differ"),
        *_a_few(
            [_was(f"variable {name}", a, b) for name, a, b in differing(one.variables, two.variables)],
            "variables differ",
        ),
        *_environment(ws, one, two),
    )


def _was(what: str, before: object, after: object) -> str:
    was, now = (_ABSENT if side is None else side for side in (before, after))
    return f"{what} was {was} and is {now}"


def _a_few(causes: Sequence[str], rest: str) -> Iterator[str]:
    yield from islice(causes, _MOST)
    if len(causes) > _MOST:
        yield f"{len(causes) - _MOST} more {rest}"


def _modules(one: Source, two: Source) -> Iterator[str]:
    """Tell of imported files; of those that are not imported any more only where another has changed.

    The repetition runs what the run rests on, and need not import what other cells of the session did.
    """
    changes = module_changes(one, two) if one.modules else ()
    told = [change for change in changes if change.kind != "removed"]
    for change in changes if told else ():
        yield _module(change)


def _module(change: ModuleChange) -> str:
    doubt = f" ({change.note})" if change.note else ""
    if change.kind == "unsure":
        return f"module {change.path} was {change.note}, and what ran may not be what it holds"
    return _was(f"module {change.path}", _short(change.before), _short(change.after)) + doubt


def _short(digest: str) -> str | None:
    return digest[:_SHORT] or None


def _seeds(one: Source, two: Source) -> Iterator[str]:
    """Tell of seeds; of calls that are not made any more only where they had seeded a generator that all use."""
    for call, before, after in differing(seeds_by_call(one), seeds_by_call(two)):
        if after is not None or seeds_for_all(call):
            yield _was(f"seed {call}", before, after)


def _environment(ws: Workspace, one: Source, two: Source) -> Iterator[str]:
    before, after = (read_environment(ws, source.environment) for source in (one, two))
    if before is None or after is None:
        return
    was, now = machine_facts(before), machine_facts(after)
    facts = [name for name in FACTS if name in was and name in now and was[name] != now[name]]
    told = {name: _was(FACTS[name], was[name], now[name]) for name in facts}
    yield from (told.pop(name) for name in ("python", "implementation") if name in told)
    packages = differing(before.packages, after.packages)
    yield from _a_few([_was(*package) for package in packages], "packages differ")
    yield from told.values()
