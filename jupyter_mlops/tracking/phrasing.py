"""In what runs differ, in half a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jupyter_mlops.records.comparison import CodeDifference, ValueRow
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking.differing import FACTS, MACHINE

__all__ = ["Differences", "difference_phrase"]

_NAMED = 3  # of one kind that the sentence names before it counts
_FACTS = {**FACTS, "environment": "what is known of the environment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What is not the same in all runs, by its kind."""

    params: tuple[ValueRow, ...] = ()
    data: tuple[ValueRow, ...] = ()
    code: tuple[CodeDifference, ...] = ()
    seeds: tuple[ValueRow, ...] = ()
    variables: tuple[ValueRow, ...] = ()
    facts: tuple[ValueRow, ...] = ()  # of the interpreter and the machine
    packages: tuple[ValueRow, ...] = ()
    commit: tuple[ValueRow, ...] = ()  # and the files that are not as it has them

    @property
    def environment(self) -> tuple[ValueRow, ...]:
        """What surrounds the cells, the shorter lists first."""
        return (*self.commit, *self.facts, *self.variables, *self.seeds, *self.packages)


def difference_phrase(runs: Sequence[Run], found: Differences) -> str:
    """Return ``in alpha, 2 cells, module helpers and 1 package``: what is likeliest to matter first."""
    said = list(_named([row.name for row in found.params], "parameter"))
    said += _counted(len(found.data), "input")
    said += _counted(max((len(difference.changes) for difference in found.code), default=0), "cell")
    paths = {change.path: None for difference in found.code for change in difference.modules}
    said += _named([f"module {_module(path)}" for path in paths], "module")
    said += _named([row.name for row in found.seeds], "seed")
    said += _named([row.name for row in found.variables], "variable")
    said += _facts([row.name for row in found.facts])
    said += _counted(len(found.packages), "package")
    said += ["the commit" if row.name == "git commit" else row.name for row in found.commit]
    if said:
        return "in " + (said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}")
    unknown = dict.fromkeys(item.name for run in runs for item in run.inputs if not item.digest)
    if unknown:
        return f"in nothing that is known: {_were(list(unknown))} not digested"
    shown = {(output.cell, output.label) for difference in found.code for output in difference.outputs}
    return " and ".join(
        ["in nothing but time", *(f"what {cells} showed" for cells in _counted(len(shown), "cell"))]
    )


def _named(names: Sequence[str], what: str) -> Iterator[str]:
    """Name a few, count many."""
    return iter(names) if len(names) <= _NAMED else _counted(len(names), what)


def _were(names: Sequence[str]) -> str:
    return f"{', '.join(_named(names, 'input'))} {'was' if len(names) == 1 else 'were'}"


def _counted(number: int, what: str) -> Iterator[str]:
    if number:
        yield f"1 {what}" if number == 1 else f"{number} {what}s"


def _facts(names: Sequence[str]) -> Iterator[str]:
    machine = [name for name in names if name in MACHINE]
    yield from (_FACTS[name] for name in names if name not in machine)
    yield from ["the machine"] if len(machine) > 1 else [_FACTS[name] for name in machine]


def _module(path: str) -> str:
    """Call a file as it is imported: ``helpers``, ``air/columns``, ``air`` for its ``__init__.py``."""
    return path.removesuffix(".py").removesuffix("/__init__")
