"""What a loss was computed from, as its own gradient will need it: the graph that autograd keeps until ``backward``.

Tensors that others have packed away (kept on another device, or to be computed again) are left alone: to look at one
of those is to compute it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

__all__ = ["data_behind", "is_given", "parameter_behind"]

_NEAR = 64  # nodes from the loss, where the first parameter is looked for
_MOST_NODES = 20_000
_MOST_TENSORS = 64
_RAW = "_raw_saved_"

_names: dict[type, tuple[str, ...]] = {}  # of the tensors that a kind of node keeps


def parameter_behind(loss: Any) -> Any:
    """Return the parameter nearest to *loss*; None where none is near."""
    waiting, seen = deque([loss.grad_fn]), set[Any]()
    while waiting and len(seen) < _NEAR:
        node = waiting.popleft()
        if node is None or node in seen:
            continue
        seen.add(node)
        if type(node).__name__ == "AccumulateGrad":
            return node.variable
        waiting.extend(following for following, _ in node.next_functions)
    return None


def data_behind(loss: Any) -> list[Any]:
    """Return the tensors in the graph of *loss* that nothing in it computed and that are no parameters, the target last."""
    found: dict[int, Any] = {}
    waiting, seen = [loss.grad_fn], set[Any]()
    while waiting and len(seen) < _MOST_NODES and len(found) < _MOST_TENSORS:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for tensor in _kept_by(node):
            if is_given(tensor):
                found.setdefault(id(tensor), tensor)
        waiting.extend(following for following, _ in node.next_functions)
    return [*reversed(found.values())]


def is_given(thing: Any) -> bool:
    """Tell whether *thing* is a tensor with elements in memory that no gradient goes through."""
    import torch

    return (
        isinstance(thing, torch.Tensor)
        and thing.layout is torch.strided
        and thing.device.type != "meta"
        and thing.ndim > 0
        and not thing.requires_grad  # as all that was computed from a parameter does
    )


def _kept_by(node: Any) -> list[Any]:
    kind = type(node)
    if hasattr(
        kind, f"{_RAW}tensors"
    ):  # a function of somebody's own, or a compiled one, keeps all in one list
        return _opened(node, f"{_RAW}tensors", "saved_tensors")
    names = _names.get(kind)
    if names is None:
        found = [name.removeprefix(_RAW) for name in dir(kind) if name.startswith(_RAW)]
        names = _names[kind] = tuple(found)
    return [tensor for name in names for tensor in _opened(node, f"{_RAW}{name}", f"_saved_{name}")]


def _opened(node: Any, packed: str, opened: str) -> list[Any]:
    import torch

    try:
        if not all(_is_plain(one) for one in _several(getattr(node, packed))):
            return []
        return [one for one in _several(getattr(node, opened)) if isinstance(one, torch.Tensor)]
    except RuntimeError:  # it was changed in place meanwhile: the user will hear of that
        return []


def _several(thing: Any) -> tuple[Any, ...]:
    return tuple(thing) if isinstance(thing, (tuple, list)) else (thing,)


def _is_plain(packed: Any) -> bool:
    """Tell whether to open what a node keeps runs nobody's code; where that cannot be asked, it is not opened."""
    return getattr(packed, "unpack_hook", packed) is None
