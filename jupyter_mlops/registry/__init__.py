"""The book of models: names, immutable versions, and the aliases that move between them."""

from jupyter_mlops.registry.aliases import alias_history, find_aliases, move_alias, move_alias_within, resolve
from jupyter_mlops.registry.finding import policy_of, version_of
from jupyter_mlops.registry.lineage import lineage
from jupyter_mlops.registry.loading import get_manifest, load_model
from jupyter_mlops.registry.manifests import manifest_bytes
from jupyter_mlops.registry.parts import changed_parts, evidence_digest, evidence_parts
from jupyter_mlops.registry.standing import LapsedWarning, check_standing, lapse_sentence, lapse_within
from jupyter_mlops.registry.versions import (
    find_models,
    find_versions,
    get_model,
    get_version,
    register_version,
)

__all__ = [
    "LapsedWarning",
    "alias_history",
    "changed_parts",
    "check_standing",
    "evidence_digest",
    "evidence_parts",
    "find_aliases",
    "find_models",
    "find_versions",
    "get_manifest",
    "get_model",
    "get_version",
    "lapse_sentence",
    "lapse_within",
    "lineage",
    "load_model",
    "manifest_bytes",
    "move_alias",
    "move_alias_within",
    "policy_of",
    "register_version",
    "resolve",
    "version_of",
]
