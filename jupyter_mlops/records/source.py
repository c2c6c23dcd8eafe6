"""What ran, in which order, in which environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["CellExecution", "CellStatus", "Environment", "ModuleNote", "Source"]


class CellStatus(StrEnum):
    """How one execution of a cell ended."""

    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    ABORTED = "aborted"


class ModuleNote(StrEnum):
    """What is to be said of an imported file beside its digest."""

    EDITED = "edited after its import"  # and not imported again: the digest is of what ran, the file is another now
    UNSURE = "edited around its import"  # what was read, and has this digest, may not be what was imported


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class CellExecution:
    """One execution of one cell: a link of the session's chain.

    ``sequence`` counts executions in the session from 1; ``digest`` covers every other field and
    ``previous``, the digest of the link before, so that a changed or missing link shows.
    """

    session: str
    sequence: int
    cell: str | None  # the notebook's cell id; None where the executor sent none
    position: int | None  # place in the document when it ran, from 0; None where that is unknown
    count: int | None  # the number in front of the cell, In[count]
    source: str  # exactly what was executed, secrets masked
    source_digest: str  # of the original text
    started: datetime
    ended: datetime | None
    status: CellStatus
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    opaque: bool = False  # the names above may be incomplete (exec, star-import, ...)
    outputs: tuple[str, ...] = ()  # of each display its media type and a digest: image/png:3f2a…
    error: str | None = None
    previous: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The interpreter and the machine a kernel ran on; taken once per kernel."""

    python: str
    implementation: str
    platform: str
    cpus: int | None
    packages: Mapping[str, str] = field(default_factory=dict)  # distribution name to version
    digest: str = ""
    processor: str = ""
    gpus: tuple[str, ...] = ()  # names, as the driver gives them

    def __post_init__(self) -> None:
        freeze_mappings(self, "packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What produced a run: the notebook, the slice of cells, the commit, the environment.

    The cells themselves are kept as a series under the run's id; ``cells`` is the digest over their digests.
    """

    notebook: str | None = None  # path inside the project, forward slashes
    session: str | None = None  # the kernel session whose chain the slice is cut from
    cells: str | None = None
    rests_on: tuple[int, ...] = ()  # sequences of the slice's cells in the session's chain
    executed: int = 0  # how many executions the session had seen when the run ended
    commit: str | None = None
    branch: str | None = None
    dirty: tuple[str, ...] = ()  # changed files, relative to the repository's root
    environment: str | None = None  # digest of the Environment blob
    python: str | None = None
    outside: tuple[
        str, ...
    ] = ()  # state outside the namespace the slice touches: files, shell, random generators
    seeds: tuple[str, ...] = ()  # calls that seeded random generators, as text: numpy.random.seed(0)
    variables: Mapping[str, str] = field(default_factory=dict)  # of the environment, as far as settings allow
    # imported files of the project to the digests of what stood in them when they were imported
    modules: Mapping[str, str] = field(default_factory=dict)
    module_notes: Mapping[str, str] = field(default_factory=dict)  # by file, where its digest needs a word
    patch: str | None = None  # digest of the patch of what was not committed, kept among the run's files

    def __post_init__(self) -> None:
        freeze_mappings(self, "variables", "modules", "module_notes")
