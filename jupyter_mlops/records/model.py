"""Models: the named thing, its immutable versions, and the names that move between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.trust import RunTrust

__all__ = [
    "DERIVED",
    "Alias",
    "Manifest",
    "Model",
    "ModelFile",
    "ModelVersion",
    "Signature",
    "SignatureColumn",
]

DERIVED = MappingProxyType({"derived": True})  # marks a field that a verb fills, and no store keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureColumn:
    """One input or output: its type as the frame or array had it, and whether it may be missing."""

    name: str
    dtype: str
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a model takes and gives."""

    inputs: tuple[SignatureColumn, ...] = ()
    outputs: tuple[SignatureColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a stored model."""

    path: str  # relative, forward slashes
    digest: str
    size: int  # bytes


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything a stored model is made of. Its canonical JSON is a blob, and that blob's digest names the model.

    ``types`` are the type names the file asks a loader to construct, read when it was saved and checked
    against the package's own list at each load; the list itself never comes from here.
    """

    format: str  # a key of formats.FORMATS
    kind: str  # the estimator's qualified class name
    files: tuple[ModelFile, ...]
    signature: Signature = field(default_factory=Signature)
    profile: Profile | None = None  # of the training data
    types: tuple[str, ...] = ()
    requirements: Mapping[str, str] = field(default_factory=dict)  # package to version
    params: Mapping[str, str] = field(default_factory=dict)  # hyperparameters, as text
    golden: str | None = None  # blob: rows and the predictions they must give

    def __post_init__(self) -> None:
        freeze_mappings(self, "requirements", "params")


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A named model, the shelf its versions stand on."""

    name: str
    created: datetime
    actor: Actor
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    # Read off the other books when models are asked for; a store keeps none of it, and cannot be asked for it.
    newest: int | None = field(default=None, metadata=DERIVED)  # the highest version
    aliases: Mapping[str, int] = field(
        default_factory=dict, metadata=DERIVED
    )  # alias to the version it points at
    open_reviews: int = field(default=0, metadata=DERIVED)
    # How far the runs can be trusted that those versions came from; none is said of an unknown run.
    newest_trust: RunTrust | None = field(default=None, metadata=DERIVED)
    alias_trust: Mapping[str, RunTrust] = field(default_factory=dict, metadata=DERIVED)

    def __post_init__(self) -> None:
        freeze_mappings(self, "tags", "aliases", "alias_trust")


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One immutable number of a model. ``digest`` is that of the manifest's blob, so it covers every file."""

    model: str
    version: int
    digest: str
    format: str
    kind: str
    size: int  # bytes, all files
    signature: Signature = field(default_factory=Signature)
    profile: Profile | None = None
    run: str | None = None
    created: datetime
    actor: Actor
    # Filled when it is asked for: how far the run can be trusted that it came from. None: there is no such run any more.
    trust: RunTrust | None = field(default=None, compare=False, metadata=DERIVED)

    @property
    def reference(self) -> str:
        """The notation every door takes, ``name:7``."""
        return f"{self.model}:{self.version}"


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A movable name on a version, ``champion`` and ``challenger`` by convention."""

    model: str
    name: str
    version: int
    moved: datetime
    actor: Actor
    reason: str = ""
    review: str | None = None  # the review that moved it; None: moved by hand

    @property
    def reference(self) -> str:
        """The notation every door takes, ``name@champion``."""
        return f"{self.model}@{self.name}"
