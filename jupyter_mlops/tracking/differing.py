"""What two runs were made with beside their cells and data: imported files, seeds, variables, machine, changed files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jupyter_mlops.records.comparison import ModuleChange
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Environment, ModuleNote, Source

__all__ = [
    "FACTS",
    "MACHINE",
    "changed_files",
    "differing",
    "machine_facts",
    "module_changes",
    "seeds_by_call",
]

# of the interpreter and the machine, in words
FACTS = {
    "python": "Python",
    "implementation": "the interpreter",
    "platform": "the platform",
    "processor": "the processor",
    "cpus": "the number of processors",
    "gpus": "the graphics processor",
}
MACHINE = ("platform", "processor", "cpus", "gpus")  # of the facts, those that are not of the interpreter
_MOST_FILES = 20


def module_changes(old: Source, new: Source) -> tuple[ModuleChange, ...]:
    """Return one change for each imported file of the project that is not known to be the same, by path."""
    found = (_module_change(path, old, new) for path in sorted({*old.modules, *new.modules}))
    return tuple(change for change in found if change is not None)


def _module_change(path: str, old: Source, new: Source) -> ModuleChange | None:
    before, after = old.modules.get(path, ""), new.modules.get(path, "")
    unsure = ModuleNote.UNSURE in {old.module_notes.get(path), new.module_notes.get(path)}
    if path not in old.modules or path not in new.modules:
        kind = "added" if path in new.modules else "removed"
    elif before != after:
        kind = "edited"
    elif unsure and not _one_import(path, old, new):
        kind = "unsure"
    else:
        return None
    note = ModuleNote.UNSURE.value if unsure else ""
    return ModuleChange(path=path, kind=kind, before=before, after=after, note=note)


def _one_import(path: str, old: Source, new: Source) -> bool:
    """Tell whether both runs have what one process has read once, whatever that was."""
    same_note = old.module_notes.get(path) == new.module_notes.get(path)
    return same_note and old.session is not None and old.session == new.session


def seeds_by_call(source: Source) -> dict[str, str]:
    """Return what each call was given that seeded a generator: ``numpy.random.seed`` to ``0``."""
    split = [text.partition("(") for text in source.seeds]
    return {call: given.removesuffix(")") for call, _, given in split}


def machine_facts(taken: Environment) -> dict[str, str | int]:
    """Return the interpreter and the machine by names that people know; what an older record leaves out is missing."""
    facts: dict[str, str | int] = {
        "python": taken.python,
        "implementation": taken.implementation,
        "platform": taken.platform,
    }
    if taken.cpus is not None:
        facts["cpus"] = taken.cpus
    if taken.processor:  # graphics processors are looked for since processors are
        facts["processor"] = taken.processor
        facts["gpus"] = ", ".join(taken.gpus) or "none"
    return facts


def changed_files(run: Run) -> str | None:
    """Return the files that the commit does not have as they were, as text; None where there are none.

    Left out is what is compared by its content: the notebook, imported files, and the files that the run read or wrote. What stood in
    the others is told by the digest of the patch that they are in.
    """
    known = {*run.source.modules, *(item.name for item in (*run.inputs, *run.written))}
    if run.source.notebook:
        known.add(run.source.notebook)
    left = [file for file in run.source.dirty if not _names(file, known)]
    more = [f"{len(left) - _MOST_FILES} more"] if len(left) > _MOST_FILES else []
    patch = f" (patch {run.source.patch[:8]})" if run.source.patch else ""
    return f"{', '.join([*left[:_MOST_FILES], *more])}{patch}" if left else None


def _names(file: str, known: Iterable[str]) -> bool:
    """Tell whether *file*, of a repository, is one of *known*, of a project inside it."""
    return any(file == one or file.endswith(f"/{one}") for one in known)


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[tuple[str, str | None, str | None]]:
    """Return name, old and new value of what is not the same in both, by name."""
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)
