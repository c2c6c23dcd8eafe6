"""Named data, versioned by content: register, find, load again with digest and contract checked."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

from jupyter_mlops.datasets.contract import check_contract
from jupyter_mlops.datasets.files import checked_path, media_type_of, read_table, write_table
from jupyter_mlops.errors import Conflict, Invalid, NotFound, Untrusted
from jupyter_mlops.records.dataset import Contract, Dataset
from jupyter_mlops.records.query import Page, equal
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["find_datasets", "get_dataset", "load_data", "register_dataset", "register_frame"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?")
_REFERENCE = re.compile(r"(?P<name>[^:@]+)(?:(?::|@v)(?P<version>[1-9][0-9]{0,9}))?")


def register_dataset(
    ws: Workspace,
    name: str,
    path: str,
    *,
    source: str = "",
    licence: str = "",
    contract: Contract | None = None,
) -> Dataset:
    """Keep a CSV or Parquet file as the next version of a named dataset; the same content is kept once.

    Parameters
    ----------
    name
        The dataset's name: letters, digits, ``- _ .``, at most 100.
    path
        The file, relative to the project's folder or absolute.
    source
        Where the data come from; without it, the file's name.
    licence
        How they may be used, such as CC BY 4.0.
    contract
        What consumers may rely on; by default that of the version before, if there is one.

    Raises
    ------
    Invalid
        The name is not allowed, there is no such table, or it breaks its contract.
    Forbidden
        The file lies outside the folder this workspace is confined to.
    """
    checked = _checked_name(name)
    found = checked_path(ws, path)
    content = found.read_bytes()
    media_type = media_type_of(found, content)
    frame = read_table(content, media_type)
    return _keep(
        ws,
        checked,
        frame,
        content,
        media_type,
        contract,
        source=source or found.name,
        licence=licence or None,
    )


def register_frame(
    ws: Workspace,
    name: str,
    frame: Any,
    *,
    source: str = "",
    licence: str = "",
    contract: Contract | None = None,
) -> Dataset:
    """Keep a DataFrame as the next version of a named dataset; as ``register_dataset`` otherwise."""
    content, media_type = write_table(frame)
    checked = _checked_name(name)
    return _keep(
        ws, checked, frame, content, media_type, contract, source=source or None, licence=licence or None
    )


def get_dataset(ws: Workspace, dataset: str) -> Dataset:
    """Show a version of a dataset: its columns, its rows, where it came from and what may be relied on.

    Parameters
    ----------
    dataset
        A version, ``air:3`` or ``air@v3``, or ``air`` for the newest.
    """
    with ws.store.read() as tx:
        return _found(tx, dataset)


def find_datasets(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[Dataset]:
    """Find versions of datasets, the newest first."""
    with ws.store.read() as tx:
        return tx.datasets.find(
            asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=Dataset)
        )


def load_data(ws: Workspace, reference: str) -> Any:
    """Return the data behind *reference* as a DataFrame, its bytes, its digest and its contract checked.

    Raises
    ------
    NotFound
        There is no such dataset, or its bytes are gone.
    Untrusted
        The bytes, or what is read from them, are not what was registered.
    Invalid
        The data break their contract.
    """
    from jupyter_mlops.capture.fingerprint import fingerprint

    dataset = get_dataset(ws, reference)
    what = f"{dataset.name}:{dataset.version}"
    if dataset.file is None:
        raise NotFound(f"the bytes of {what} were not kept", remedy="Register the file again.")
    with ws.blobs.open(dataset.file) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != dataset.file:
        raise _changed(what, "its bytes were changed")
    frame = read_table(content, dataset.media_type, _types(dataset))
    told = fingerprint(frame)
    if told is None or told.digest != dataset.digest:
        raise _changed(what, "it reads differently than when it was registered (another pandas, perhaps)")
    check_contract(dataset.contract, frame, what)
    return frame


def _types(dataset: Dataset) -> dict[str, str]:
    return {column.name: column.dtype for column in dataset.profile.columns} if dataset.profile else {}


def _changed(what: str, why: str) -> Untrusted:
    return Untrusted(
        f"{what} is not loaded: {why}",
        remedy="Restore the blob folder from a copy, or register the file again.",
    )


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.casefold() == "latest":
        raise Invalid(
            f"a dataset cannot be called {name!r}",
            remedy="Use 1 to 100 of the letters A to Z, digits, and - _ . inside, such as air or air-2024.",
        )
    return name


def _found(tx: Transaction, reference: str) -> Dataset:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise Invalid(f"{reference!r} names no dataset", remedy="Write air:3, air@v3, or air for the newest.")
    name, number = _checked_name(match["name"]), match["version"]
    newest = tx.datasets.find(asked(order="version desc", limit=5, also=equal(name=name)))
    if not newest.total:
        names = sorted({d.name for d in tx.datasets.find(asked(limit=1000))})
        known = (
            f"There is {', '.join(names[:10])}; jupyter mlops datasets lists them."
            if names
            else "None is registered yet; jupyter mlops dataset register NAME FILE does it."
        )
        raise NotFound(f"there is no dataset {name!r}", remedy=known, data={"datasets": names[:10]})
    if number is None:
        return newest[0]
    try:
        return tx.datasets.get(name, int(number))
    except NotFound:
        have = ", ".join(f"{name}:{d.version}" for d in newest)
        raise NotFound(f"there is no dataset {name}:{number}", remedy=f"There is {have}.") from None


def _keep(
    ws: Workspace,
    name: str,
    frame: Any,
    content: bytes,
    media_type: str,
    contract: Contract | None,
    **told: str | None,
) -> Dataset:
    from jupyter_mlops.capture.dataset import profile
    from jupyter_mlops.capture.fingerprint import fingerprint

    digest = fingerprint(frame)
    if digest is None:
        raise Invalid(
            f"the table {name!r} has no exact digest", remedy="Give numbers, text, times or categories."
        )
    with ws.store.read() as tx:
        before = tx.datasets.find(asked(order="version desc", limit=1, also=equal(name=name)))
    agreed = contract or (before[0].contract if before.total else None)
    check_contract(agreed, frame, name)
    portrait = profile(frame)
    file = ws.blobs.put(io.BytesIO(content))
    with ws.store.write() as tx:
        known = tx.datasets.find(asked(limit=1, also=equal(name=name, digest=digest.digest)))
        if known.total and (contract is None or known[0].contract == contract):
            return known[0]
        _check_twin(tx, name)
        newest = tx.datasets.find(asked(order="version desc", limit=1, also=equal(name=name)))
        dataset = Dataset(
            name=name,
            version=newest[0].version + 1 if newest.total else 1,
            digest=digest.digest,
            columns=digest.columns,
            rows=len(frame),
            file=file,
            media_type=media_type,
            profile=portrait,
            contract=agreed,
            created=ws.now(),
            actor=ws.actor,
            **told,
        )
        tx.datasets.add(dataset)
        reference = f"{name}:{dataset.version}"
        event = ws.event("dataset.registered", reference, digest=dataset.digest, file=file, rows=dataset.rows)
        tx.events.append([event])
    return dataset


def _check_twin(tx: Transaction, name: str) -> None:
    for other in tx.datasets.find(asked(limit=10_000)):
        if other.name != name and other.name.casefold() == name.casefold():
            raise Conflict(
                f"{name!r} differs from the dataset {other.name!r} in capitals only",
                remedy=f"Write {other.name}.",
            )
