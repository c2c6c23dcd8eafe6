"""One line of the ledger, and the digest that chains it to the line before.

The canonical form is JSON with sorted keys, no spaces, UTF-8 and Unicode NFC; the digest is SHA-256 over a
domain tag, the previous digest and those bytes (see docs/architecture.md, "The ledger").
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.frozen import freeze_mappings

__all__ = ["GENESIS", "Event", "canonical", "chain_digest", "chained"]

GENESIS = "0" * 64
_DOMAIN = b"jupyter-mlops ledger 1\n"


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. ``sequence``, ``previous`` and ``digest`` are set by the store on append."""

    at: datetime
    actor: Actor
    kind: str  # noun.verb_in_the_past: run.finished, alias.moved, review.decided
    subject: str  # what it happened to: a run's id, name:7, name@alias
    data: Mapping[str, object] = field(default_factory=dict)  # JSON-ready
    sequence: int = 0
    previous: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        freeze_mappings(self, "data")


def canonical(value: object) -> bytes:
    """Return *value* (JSON-ready) as canonical bytes: equal values give equal bytes, on any machine."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # Half a surrogate pair, as in file names that are no UTF-8, must not keep an event from being told.
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")


def chain_digest(event: Event) -> str:
    """Return the digest that *event*, already numbered and linked, must carry."""
    body = {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "actor": [event.actor.name, event.actor.via.value, event.actor.authenticated],
        "kind": event.kind,
        "subject": event.subject,
        "data": dict(event.data),
    }
    return hashlib.sha256(_DOMAIN + event.previous.encode() + b"\n" + canonical(body)).hexdigest()


def chained(event: Event, last: Event | None) -> Event:
    """Return *event* numbered, linked to *last* and digested: what a ledger keeps.

    Its data take the form they will have when read back (times in UTC, sequences as lists), so that the digest
    can be computed again from what was read.
    """
    plain = decode(Event, encode(event))
    linked = replace(
        plain,
        sequence=1 if last is None else last.sequence + 1,
        previous=GENESIS if last is None else last.digest,
        digest="",
    )
    return replace(linked, digest=chain_digest(linked))
