"""What an event of the ledger says, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jupyter_mlops.records.event import Event
from jupyter_mlops.render.words import value

__all__ = ["happened"]

_IDS = frozenset({"job", "review", "run"})
_TOLD = ("name", "alias", "reference", "notebook", "experiment", "run", "job", "review", "rows", "attempt", "verdict", "error", "message", "reason", "why", "comment")  # fmt: skip
_SENTENCES = frozenset({"message", "why", "comment"})
_AFTER = ("version", "status", "to", "now", "name")


def happened(event: Event, longest: int = 100) -> str:
    """Return what *event* changed, from what to what, and why; empty where its kind says it all."""
    return value(_TELLERS.get(event.kind, _anything)(event.data), longest)


def _moved(data: Mapping[str, object]) -> str:
    label = f" ({data['label']})" if data.get("label") else ""
    return f"{data.get('was') or 'nothing'} → {data.get('version')}{label}: {data.get('reason') or 'no reason given'}"


def _decided(data: Mapping[str, object]) -> str:
    return " ".join(str(data[name]) for name in ("verdict", "note", "comment") if data.get(name))


def _lapsed(data: Mapping[str, object]) -> str:
    parts = data.get("parts")
    return f"changed: {', '.join(map(str, parts))}" if isinstance(parts, (list, tuple)) else ""


def _policy(data: Mapping[str, object]) -> str:
    rules = data.get("policy")
    quorum = f"quorum {rules.get('quorum')}" if isinstance(rules, Mapping) else ""
    return f"{'first' if data.get('first') else 'changed'} {quorum}".strip()


def _tagged(data: Mapping[str, object]) -> str:
    tags, removed = data.get("tags"), data.get("removed")
    said = [f"{name} {item}" for name, item in tags.items()] if isinstance(tags, Mapping) else []
    said += [f"without {name}" for name in removed] if isinstance(removed, (list, tuple)) else []
    return " · ".join(said)


def _anything(data: Mapping[str, object]) -> str:
    after = next((data[name] for name in _AFTER if data.get(name)), None)
    said = [f"{data['was']} → {after}"] if data.get("was") and after else []
    for name in _TOLD:
        item = data.get(name)
        if item in (None, "") or (said and item == after):
            continue
        said.append(str(item) if name in _SENTENCES else f"{name} {_short(name, item)}")
    if not said and after:
        said.append(str(after))
    return " · ".join(said)


def _short(name: str, item: object) -> str:
    return str(item)[-6:] if name in _IDS else value(item)


_TELLERS: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "alias.moved": _moved,
    "review.decided": _decided,
    "review.lapsed": _lapsed,
    "policy.set": _policy,
    "run.tagged": _tagged,
    "run.noted": lambda data: str(data.get("text", "")),
}
