"""What is in sight of a PyTorch loop: its modules, and the tensors of the user's that its losses were computed from.

The graph of a loss holds the batch, not what the batch was taken from. That is the same tensor each time; or the
smallest one in sight that shares its memory with all batches seen; or, where batches are copies, the smallest one in
which all rows seen are found, features and target at the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType, ModuleType
from typing import Any

from jupyter_mlops.capture.estimators.frames import local_names
from jupyter_mlops.capture.estimators.torch_data import weakly
from jupyter_mlops.capture.estimators.torch_graph import is_given
from jupyter_mlops.capture.estimators.torch_rows import Rows

__all__ = ["Found", "Sight", "cell_of", "modules_in_sight", "outside"]

_MOST_FRAMES = 12  # outward
_MOST_NAMES = 500
_MOST_MEMBERS = 64
_LONGEST = 1 << 28  # rows that are searched


@dataclass(frozen=True, slots=True)
class Found:
    """Something that losses were computed from. Without *thing* it is not known what its batches were taken from."""

    name: str
    thing: Any = None


@dataclass(slots=True)
class _Slot:
    """One of the tensors in the graph of a loss, from one time to the next."""

    whole: Callable[[], Any]  # a way back to the tensor, or to the one it is a view of
    batch: tuple[Any, ...]  # where in that it lies
    low: int
    high: int
    rows: Rows = field(default_factory=Rows)  # of batches that are copies
    times: int = 1
    constant: bool = True
    shared: bool = True  # all batches lie in the memory of one tensor
    name: str = ""
    found: Callable[[], Any] = lambda: None


class Sight:
    """What the losses of one loop were computed from, as far as that is certain."""

    def __init__(self) -> None:
        self._slots: list[_Slot] = []

    def look(self, data: list[Any], caller: FrameType | None, *, loaded: bool) -> None:
        """Take note of the tensors in the graph of a loss; *loaded* where its batches come from a loader."""
        owned = {id(tensor) for module in modules_in_sight(caller) for tensor in _owned(module)}
        data = [one for one in data if owned.isdisjoint((id(one), id(_whole(one))))]
        if len(data) != len(self._slots):
            self._slots = [_slot(one) for one in data]  # another graph
        else:
            self._slots = [_continued(*pair) for pair in zip(self._slots, data, strict=True)]
        named = [(name, one) for name, one in _tensors_in_sight(caller) if id(one) not in owned]
        for slot, one in zip(self._slots, data, strict=True):
            slot.name = next((name for name, thing in named if thing is one), "")
            slot.found = lambda: None
            if slot.shared and not (loaded and (slot.times == 1 or not slot.constant)):
                _choose(slot, one, named)
        if not loaded:
            _find_rows([(s, one) for s, one in zip(self._slots, data, strict=True) if not s.shared], named)

    def found(self) -> Iterator[Found]:
        """Return what is known now."""
        for slot in self._slots:
            thing = slot.found()
            if thing is not None or slot.name:
                yield Found(slot.name, thing)


def _slot(one: Any) -> _Slot:
    low, high = _span(one)
    slot = _Slot(weakly(_whole(one)), _batch(one), low, high)
    slot.rows.add(one)
    return slot


def _whole(one: Any) -> Any:
    return one if one._base is None else one._base  # noqa: SLF001 - the only way there is


def _batch(one: Any) -> tuple[Any, ...]:
    return one.storage_offset(), tuple(one.shape), tuple(one.stride())


def _span(one: Any) -> tuple[int, int]:
    """Return the first and the last byte of *one* in the memory of its tensor."""
    first = one.storage_offset()
    last = first + sum((size - 1) * stride for size, stride in zip(one.shape, one.stride(), strict=True))
    return first * one.element_size(), (last + 1) * one.element_size()


def _continued(slot: _Slot, one: Any) -> _Slot:
    """Return what is known of a slot after it held *one*, too."""
    if slot.batch[1][1:] != tuple(one.shape[1:]):
        return _slot(one)
    low, high = _span(one)
    slot.shared = slot.shared and slot.whole() is _whole(one)
    slot.constant = slot.constant and slot.shared and slot.batch == _batch(one)
    slot.low, slot.high = min(slot.low, low), max(slot.high, high)
    slot.rows.add(one)
    slot.times += 1
    return slot


def _choose(slot: _Slot, one: Any, named: list[tuple[str, Any]]) -> None:
    """Choose the smallest tensor in sight that holds all batches seen, which lie in one memory."""
    if slot.constant and slot.name:
        slot.found = weakly(one)
        return
    memory = one.untyped_storage().data_ptr()
    holding = [
        (name, thing)
        for name, thing in named
        if thing is not one and thing.dtype == one.dtype and thing.untyped_storage().data_ptr() == memory
        if _span(thing)[0] <= slot.low and slot.high <= _span(thing)[1]
    ]
    if holding:
        slot.name, thing = min(holding, key=lambda pair: (pair[1].numel(), len(pair[0])))
        slot.found = weakly(thing)
    elif one._base is not None:  # noqa: SLF001 - a part of something that has no name
        slot.name, slot.found = slot.name or "tensor", weakly(one._base)  # noqa: SLF001


def _find_rows(slots: list[tuple[_Slot, Any]], named: list[tuple[str, Any]]) -> None:
    """Find what copied batches were taken from: the widest by its rows, the others at the same places."""
    places: list[Any] = []
    length, missing = 0, False
    for slot, one in sorted(slots, key=lambda pair: -pair[1][:1].numel()):
        larger = [pair for pair in _alike(one, named) if len(one) < len(pair[1]) < _LONGEST]
        if places:
            fitting = [
                pair for pair in larger if len(pair[1]) == length and slot.rows.are_at(pair[1], places)
            ]
        else:
            fitting = [pair for pair in larger if slot.rows.places_in(pair[1])]
            if not slot.rows.tell_apart and (missing or len(fitting) > 1):
                fitting = []  # such labels are in many a tensor
        if fitting:
            slot.name, slot.found = fitting[0][0], weakly(fitting[0][1])
            places, length = places or slot.rows.places_in(fitting[0][1]), len(fitting[0][1])
        missing = missing or (bool(slot.name) and not fitting)


def _alike(one: Any, named: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return what could hold rows of *one*, each once, the smallest first."""
    kind = (one.dtype, tuple(one.shape[1:]))
    found = {id(thing): (name, thing) for name, thing in reversed(named)}
    alike = [pair for pair in found.values() if (pair[1].dtype, tuple(pair[1].shape[1:])) == kind]
    return sorted(alike, key=lambda pair: pair[1].numel())


def _owned(module: Any) -> Iterator[Any]:
    """Return the tensors that belong to *module*: parameters, buffers, plain attributes."""
    for part in module.modules():
        yield from part.parameters(recurse=False)
        yield from part.buffers(recurse=False)
        yield from vars(part).values()


def _tensors_in_sight(caller: FrameType | None) -> Iterator[tuple[str, Any]]:
    for name, thing in _names_in_sight(caller):
        if is_given(thing):
            yield name, thing


def _names_in_sight(caller: FrameType | None) -> Iterator[tuple[str, Any]]:
    """Return the user's public names, the nearest first, and one step further what they hold."""
    held: list[tuple[str, Any]] = []
    for names in _scopes(caller):
        for name, thing in [*names.items()][:_MOST_NAMES]:
            if not name.startswith("_"):
                yield name, thing
                held.append((name, thing))
    for name, thing in held:
        if type(thing) in {list, tuple} and len(thing) <= _MOST_MEMBERS:
            yield from ((f"{name}[{place}]", one) for place, one in enumerate(thing))
        elif type(thing) is dict:
            yield from ((f"{name}[{key!r:.40}]", one) for key, one in [*thing.items()][:_MOST_MEMBERS])
        elif type(getattr(thing, "__dict__", None)) is dict and not isinstance(thing, (type, ModuleType)):
            yield from ((f"{name}.{key}", one) for key, one in [*vars(thing).items()][:_MOST_MEMBERS])


def _scopes(caller: FrameType | None) -> Iterator[Any]:
    frame = caller
    for _ in range(_MOST_FRAMES):
        if frame is None:
            return
        yield local_names(frame)
        if frame.f_code.co_name == "<module>":
            return
        if frame is caller:
            yield frame.f_globals
        frame = frame.f_back


def modules_in_sight(frame: FrameType | None) -> Iterator[Any]:
    """Return the modules that have a name in *frame* or outward of it, or belong to what ``self`` is there."""
    from torch.nn import Module

    for _ in range(_MOST_FRAMES):
        if frame is None:
            return
        names = local_names(frame)
        things = [*names.values()]
        owner = names.get("self")
        things.extend(vars(owner).values() if hasattr(owner, "__dict__") else ())
        yield from (thing for thing in things if isinstance(thing, Module))
        frame = frame.f_back


def outside(frame: FrameType | None) -> FrameType | None:
    """Return the first frame from *frame* outward that is not PyTorch's own, nor ours."""
    while frame is not None and _package(frame) in {"torch", "jupyter_mlops"}:
        frame = frame.f_back
    return frame


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def cell_of(frame: FrameType | None) -> CodeType | None:
    """Return the code of the cell, or the program, that *frame* runs in: a cell that runs again is another one."""
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_code if frame is not None else None
