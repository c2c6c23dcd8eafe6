"""Schedules that are not kept yet: drawn up from an order, or from one that is to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from jupyter_mlops.automation.orders import REASONS, begun, read_rules, read_when
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.submit import prepare_spec
from jupyter_mlops.records.job import JobOptions, JobSpec
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.schedule import After, CatchUp, Cron, Interval, JobDefinition, Overlap, Rules, When
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = [
    "changed_spec",
    "changed_when",
    "checked_name",
    "drafted",
    "given",
    "given_up",
    "named",
    "ordered",
    "renewed",
    "spec_of",
]


def ordered(
    ws: Workspace,
    among: Mapping[str, str],
    *,
    name: str,
    notebook: str,
    parameters: Mapping[str, object] | None = None,
    register_as: str | None = None,
    experiment: str = "default",
    **order: Any,
) -> JobDefinition:
    """Return the schedule that an order of ``add_schedule`` describes; *among* are the ids of those kept with it, by name."""
    rules = {key: value for key, value in order.items() if key not in REASONS and key != "ending"}
    if "blackout" in rules:
        rules["blackout"] = tuple(rules["blackout"])
    spec = spec_of(ws, notebook, parameters or {}, register_as, experiment)
    return drafted(ws, name, spec, order, Rules(**rules), among)


def drafted(
    ws: Workspace, name: str, spec: JobSpec, order: Mapping[str, Any], rules: Rules, among: Mapping[str, str]
) -> JobDefinition:
    """Return a schedule that is not kept yet, checked as far as it can be alone."""
    when = read_when(ws, order, timezone=rules.timezone, start=rules.start, among=among)
    return JobDefinition(
        id=among.get(name.strip()) or ws.new_id(),
        name=checked_name(name),
        spec=spec,
        when=when,
        rules=read_rules(rules),
        created=ws.now(),
        actor=ws.actor,
    )


def renewed(
    ws: Workspace,
    tx: Transaction,
    before: JobDefinition,
    draft: JobDefinition,
    files: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> JobDefinition:
    """Return *before* with what *draft* says; it goes on from where it was unless its times are others.

    Parameters
    ----------
    files
        What ``files_now`` said before the transaction was begun.
    """
    same = _timing(before) == _timing(draft)
    changed = replace(before, name=draft.name, spec=draft.spec, rules=draft.rules)
    if same:
        return changed
    changed = replace(changed, when=draft.when)
    active = before.active or bool(before.done)
    return replace(begun(ws, tx, changed, files), active=True) if active else changed


def _timing(definition: JobDefinition) -> object:
    """Return what a schedule's times depend on."""
    when, rules = definition.when, definition.rules
    shown = when.seconds if isinstance(when, Interval) and rules.start is None else when
    return shown, replace(rules, catch_up=CatchUp.LAST, overlap=Overlap.ALLOW)


def spec_of(
    ws: Workspace, notebook: str, parameters: Mapping[str, object], register_as: str | None, experiment: str
) -> JobSpec:
    """Return what a schedule runs."""
    spec = prepare_spec(
        ws, notebook=notebook, parameters=parameters, options=JobOptions(), register_as=register_as
    )
    return replace(spec, experiment=experiment)


def changed_spec(
    ws: Workspace,
    spec: JobSpec,
    notebook: str | None,
    parameters: Mapping[str, object] | None,
    register_as: str | None,
    experiment: str | None,
) -> JobSpec:
    """Return *spec* with what is given in place of what it has; the notebook is read anew where that matters."""
    if notebook is None and parameters is None and register_as is None:
        return replace(spec, experiment=experiment or spec.experiment)
    kept = spec.parameters if notebook is None else {}
    return spec_of(
        ws,
        notebook or spec.notebook,
        {**kept, **(parameters or {})},
        register_as or spec.register_as,
        experiment or spec.experiment,
    )


def changed_when(ws: Workspace, found: JobDefinition, asked: Mapping[str, Any], rules: Rules) -> When | None:
    """Return when a schedule is due once it is changed."""
    if any(asked.get(name) for name in REASONS):
        return read_when(ws, asked, timezone=rules.timezone, start=rules.start)
    when = found.when
    if isinstance(when, Cron):
        return replace(when, timezone=rules.timezone)
    if asked.get("ending") is not None and isinstance(when, After):
        return replace(when, ending=asked["ending"])
    return when


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not None."""
    return {name: value for name, value in values.items() if value is not None}


_GIVEN_UP: Mapping[str, Any] = {"blackout": (), "end": None, "jitter": 0.0, "maximum": None, "start": None}


def given_up(names: Sequence[str]) -> dict[str, Any]:
    """Return the rules that are given up, as they are without."""
    for name in names:
        if name not in _GIVEN_UP:
            raise Invalid(
                f"{name!r} is nothing that a schedule can be without",
                remedy=f"Known: {', '.join(_GIVEN_UP)}.",
            )
    return {name: _GIVEN_UP[name] for name in names}


def named(tx: Transaction, name: str) -> JobDefinition | None:
    """Return the schedule with this name; None where there is none."""
    found = tx.definitions.find(Query(where=equal(name=name), limit=1)).items
    return found[0] if found else None


def checked_name(name: str) -> str:
    """Return *name* without the spaces around it, or refuse it."""
    if not name.strip() or len(name) > 100 or not name.isprintable():  # noqa: PLR2004
        raise Invalid(f"{name[:40]!r} cannot name a schedule", remedy="1 to 100 printable characters can.")
    return name.strip()
