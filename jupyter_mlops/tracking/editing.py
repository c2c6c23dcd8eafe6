"""What people do to a run afterwards: name it, tag it, put it away."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.run import DocumentState, Run
from jupyter_mlops.tracking.deleting import restore_run
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.tracking.log import checked_key
from jupyter_mlops.tracking.runs import checked_name
from jupyter_mlops.workspace import Workspace

__all__ = ["archive_run", "note_run", "rename_run", "settle_document", "tag_run"]

_LONGEST_TAG = 5000
_LONGEST_NOTE = 5000


def tag_run(
    ws: Workspace, *, run: str, tags: dict[str, str] | None = None, remove: list[str] | None = None
) -> Run:
    """Set tags of a run, and take others away.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    tags
        Names and values.
    remove
        Names of tags to take away; one that is not there is passed over.
    """
    found = get_run(ws, run)
    given = {checked_key("tag", key): str(value) for key, value in (tags or {}).items()}
    long = [key for key, value in given.items() if len(value) > _LONGEST_TAG]
    if long:
        raise Invalid(
            f"the tag {long[0]} is longer than {_LONGEST_TAG} characters", remedy="Log it as a file."
        )
    gone = set(remove or ())
    with ws.store.write() as tx:
        kept = tx.runs.get(found.id)
        after = {k: v for k, v in {**kept.tags, **given}.items() if k not in gone}
        tx.runs.replace(replace(kept, tags=after))
        tx.events.append([ws.event("run.tagged", kept.id, tags=given, removed=sorted(gone & set(kept.tags)))])
        return tx.runs.get(kept.id)


def rename_run(ws: Workspace, *, run: str, name: str) -> Run:
    """Give a run another name.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    name
        1 to 200 printable characters.
    """
    found = get_run(ws, run)
    name = checked_name("name", name)
    with ws.store.write() as tx:
        kept = tx.runs.get(found.id)
        tx.runs.replace(replace(kept, name=name))
        tx.events.append([ws.event("run.renamed", kept.id, name=name, was=kept.name)])
        return tx.runs.get(kept.id)


def note_run(ws: Workspace, *, run: str, text: str) -> Run:
    """Leave a sentence with a run for whoever reads it, also after its end. What it was decided on stays as it is.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    text
        1 to 5,000 characters.

    Raises
    ------
    Invalid
        It is empty or too long.
    """
    found = get_run(ws, run)
    said = text.strip()
    if not said or len(said) > _LONGEST_NOTE:
        raise Invalid(
            f"a note has 1 to {_LONGEST_NOTE:,} characters, and this one has {len(said):,}",
            remedy="Log a longer text as a file: jupyter mlops artifacts lists those of a run.",
        )
    with ws.store.write() as tx:
        kept = tx.runs.get(found.id)
        tx.runs.replace(replace(kept, notes=(*kept.notes, said)))
        tx.events.append([ws.event("run.noted", kept.id, text=said)])
        return tx.runs.get(kept.id)


def archive_run(ws: Workspace, *, run: str, archived: bool = True) -> Run:
    """Put a run away, or bring it back. Nothing of it is deleted; lists leave it out.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    archived
        False brings it back, out of the bin too.
    """
    found = get_run(ws, run)
    if found.deleted is not None and not archived:
        return restore_run(ws, run=found.id)
    with ws.store.write() as tx:
        kept = tx.runs.get(found.id)
        if kept.archived != archived:
            tx.runs.replace(replace(kept, archived=archived))
            tx.events.append([ws.event("run.archived" if archived else "run.restored", kept.id)])
        return tx.runs.get(kept.id)


def settle_document(ws: Workspace, run: str, state: DocumentState) -> Run:
    """Write down, once, whether the saved notebook says what ran; the event dates it."""
    found = get_run(ws, run)
    with ws.store.write() as tx:
        kept = tx.runs.get(found.id)
        if kept.document is DocumentState.UNKNOWN and state is not DocumentState.UNKNOWN:
            tx.runs.replace(replace(kept, document=state))
            tx.events.append([ws.event("run.document_settled", kept.id, document=state.value)])
        return tx.runs.get(kept.id)
