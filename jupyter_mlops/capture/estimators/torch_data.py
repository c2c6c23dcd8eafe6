"""The data behind a dataset of PyTorch: its arrays as inputs with exact digests, or the reason why there is none.

Nothing is read by way of the dataset's items: what it holds in its attributes is looked up, so that neither its code
runs nor its random numbers move. Tensors are digested where they lie; one on an accelerator is copied for it.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.digested import mark_of
from jupyter_mlops.capture.estimators.training import input_of
from jupyter_mlops.records.run import RunInput

__all__ = ["LoopData", "length_of", "weakly"]

_MOST_INPUTS = 40  # of one training
_MOST_MEMBERS = 16  # of a dataset, and of a container in it
_DEEPEST = 5  # datasets made of datasets
_ARRAYS = frozenset(
    {
        ("numpy", "ndarray"), ("torch", "Tensor"), ("pandas", "DataFrame"), ("pandas", "Series"),
        ("polars", "DataFrame"), ("polars", "Series"), ("pyarrow", "Table"),
    }
)  # fmt: skip
_CHOICES = ("indices", "weights")  # what says which rows of others are taken
_WHOLE = frozenset({"SequentialSampler", "RandomSampler", "DistributedSampler", "BatchSampler"})


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that a dataset holds. Where *reason* says something, it is no exact data."""

    name: str
    thing: Any
    owner: Any
    reason: str = ""
    aside: bool = False  # not worth a word where it has no exact digest


class LoopData:
    """The data of one training, each digested once, and again only where it was changed in place."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], RunInput] = {}
        # By identity: which data, by whom held, were digested, in what state, and as what.
        self._known: dict[tuple[int, int], tuple[Callable[[], Any], object, RunInput | None]] = {}
        self._seen: dict[int, list[RunInput]] = {}
        self.loaded = False  # something was read by way of a loader

    def inputs(self) -> tuple[RunInput, ...]:
        """Return the records, in the order they were first seen."""
        digests = {one.digest for one in self._kept.values()}
        seen = (one for records in self._seen.values() for one in records)
        return (*self._kept.values(), *(one for one in seen if not one.digest or one.digest not in digests))

    def read(
        self, dataset: Any, name: str, samplers: tuple[Any, ...], role: str, caller: FrameType | None
    ) -> None:
        """Take note of a dataset, called *name*, that was read for *role* by way of *samplers*."""
        parts = [*_parts_of(dataset, name, 0)]
        for sampler in samplers:
            parts.extend(_choices_of(sampler, f"{name}.sampler"))
        for part in parts:
            one = self.record(part.thing, role, part.name, caller, owner=part.owner, reason=part.reason)
            if one is None or (part.aside and not one.digest):
                continue
            if len(self._kept) < _MOST_INPUTS:
                self._kept.setdefault((one.name, one.role, one.digest), one)
        self.loaded = self.loaded or role == "train"

    def saw(self, key: int, records: list[RunInput]) -> None:
        """Take note of what one kind of loss was computed from, instead of what was known of that before."""
        self._seen[key] = records[:_MOST_INPUTS]

    def record(
        self,
        thing: Any,
        role: str,
        name: str,
        caller: FrameType | None,
        *,
        owner: Any = None,
        reason: str = "",
    ) -> RunInput | None:
        """Return the record of *thing* under the user's name for it, else under *name*."""
        held = thing if owner is None else owner
        key, version = (id(held), id(thing)), _version_of(thing)
        known = self._known.get(key)
        if known is None or known[0]() is not held or version is None or known[1] != version:
            taken = _unread(thing, role, name, reason) if reason else input_of(thing, role, caller, name)
            known = self._known[key] = (weakly(held), version, taken)
        found = known[2]
        if found is None or found.role == role:
            return found
        return replace(found, role=role)


def weakly(thing: Any) -> Callable[[], Any]:
    """Return a way back to *thing* that does not keep it; one that leads nowhere where there can be none."""
    try:
        return weakref.ref(thing)
    except TypeError:
        return lambda: None


def _version_of(thing: Any) -> object:
    """Return how often a tensor was changed in place; of a large array a mark; None of what must be digested to be known."""
    try:
        version: int = thing._version  # noqa: SLF001
    except Exception:  # noqa: BLE001 - not a tensor, or one made for inference
        return mark_of(thing)
    return version


def _unread(dataset: Any, role: str, name: str, reason: str) -> RunInput:
    return RunInput(name=name, role=role, digest="", rows=length_of(dataset), kind="object", note=reason)


def length_of(thing: Any) -> int | None:
    """Return how long *thing* is; None where it has no length."""
    try:
        return len(thing)
    except Exception:  # noqa: BLE001 - a stream, or what a user's own class makes of it
        return None


def _is_array(thing: Any) -> bool:
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(thing).__mro__}
    return bool(kinds & _ARRAYS) or type(thing).__module__.startswith("scipy.sparse")


def _is_dataset(thing: Any) -> bool:
    data = sys.modules.get("torch.utils.data")
    known = () if data is None else (data.Dataset,)
    return isinstance(thing, known) or type(thing).__module__.startswith("datasets.arrow_dataset")


def _parts_of(dataset: Any, name: str, depth: int) -> Iterator[_Part]:
    """Return the arrays that *dataset* holds, those of the datasets it is made of, and which rows of them it takes."""
    if _is_array(dataset) or type(dataset) in {list, tuple}:
        yield _Part(name, dataset, None)
        return
    longest, length = 0, length_of(dataset)
    for key, value in _members(dataset):
        own = f"{name}.{key}"
        if _is_array(value) or key in _CHOICES:
            longest = max(longest, length_of(value) or 0)
            yield _Part(own, value, dataset)
        elif (
            type(value) is list and value and len(value) == length
        ):  # of labels; of paths: then what is there is not known
            yield _Part(own, value, dataset, aside=True)
        elif _is_dataset(value) and depth < _DEEPEST:
            longest = sys.maxsize  # it answers for itself
            yield from _parts_of(value, own, depth + 1)
    if not longest or length is None or longest < length:
        kind = type(dataset).__name__
        reason = f"a {kind} makes its items when they are asked for: they have no exact digest"
        yield _Part(name, dataset, None, reason)


def _members(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Return what a dataset holds in its attributes, and in containers there that hold nothing but data."""
    for key, value in [*getattr(dataset, "__dict__", {}).items()]:
        inside = [] if key in _CHOICES else _inside(value)
        if inside and all(_is_array(one) or _is_dataset(one) for _, one in inside):
            yield from ((f"{key}[{place!r}]", one) for place, one in inside)
        elif type(value).__module__ == "datasets.table":  # of Hugging Face: a table of Arrow in a wrapper
            yield _CHOICES[0] if key == "_indices" else key, value.table
        else:
            yield key, value


def _inside(value: Any) -> list[tuple[Any, Any]]:
    if type(value) not in {list, tuple, dict} or len(value) > _MOST_MEMBERS:
        return []
    return [*(value.items() if type(value) is dict else enumerate(value))]


def _choices_of(sampler: Any, name: str) -> Iterator[_Part]:
    """Return what says which rows *sampler* draws; nothing where it draws all of them."""
    if sampler is None or type(sampler).__name__ in _WHOLE:
        return
    for key, value in [*getattr(sampler, "__dict__", {}).items()]:
        if key in _CHOICES or _is_array(value):
            yield _Part(f"{name}.{key}", value, sampler)
