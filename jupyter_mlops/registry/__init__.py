"""The book of models: names, immutable versions, and the aliases that move between them.

Each name is imported when it is first used: a kernel that fits models registers few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.lazy import hand_on

if TYPE_CHECKING:
    from jupyter_mlops.registry.aliases import (
        alias_history,
        find_aliases,
        move_alias,
        move_alias_within,
        resolve,
    )
    from jupyter_mlops.registry.ancestry import lineage
    from jupyter_mlops.registry.finding import policy_of, version_of
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

__getattr__, __dir__ = hand_on(
    __name__,
    {
        "LapsedWarning": "standing",
        "alias_history": "aliases",
        "changed_parts": "parts",
        "check_standing": "standing",
        "evidence_digest": "parts",
        "evidence_parts": "parts",
        "find_aliases": "aliases",
        "find_models": "versions",
        "find_versions": "versions",
        "get_manifest": "loading",
        "get_model": "versions",
        "get_version": "versions",
        "lapse_sentence": "standing",
        "lapse_within": "standing",
        "lineage": "ancestry",
        "load_model": "loading",
        "manifest_bytes": "manifests",
        "move_alias": "aliases",
        "move_alias_within": "aliases",
        "policy_of": "finding",
        "register_version": "versions",
        "resolve": "aliases",
        "version_of": "finding",
    },
)
