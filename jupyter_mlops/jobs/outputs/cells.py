"""All that a cell showed, beside all that it showed another time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeVar

from jupyter_mlops.jobs.outputs.bundles import Bundle, compare_bundles, says_nothing
from jupyter_mlops.jobs.outputs.masks import masked
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, Rules, differs, incomparable, was
from jupyter_mlops.jobs.outputs.texts import compare_texts

__all__ = ["compare_outputs"]

_STREAMS = ("stdout", "stderr")
_LONGEST = 60
Output = Mapping[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A cell's outputs, sorted: how a stream was cut into pieces, and what came between them, is a matter of time."""

    streams: Mapping[str, str]
    displays: tuple[Bundle, ...]
    error: tuple[str, str] | None


def compare_outputs(
    before: Sequence[Output], after: Sequence[Output], rules: Rules
) -> Iterator[tuple[str, Compared]]:
    """Return the name of each part of a cell's outputs with what its comparison comes to, those that are the same left out.

    Parameters
    ----------
    before, after
        Outputs as notebooks hold them: ``stream``, ``display_data``, ``execute_result`` and ``error``.
    rules
        How near is near enough.
    """
    try:
        one, two = _sorted(before), _sorted(after)
    except Exception as failure:  # noqa: BLE001
        yield "outputs", incomparable(failure)
        return
    for name in _STREAMS:
        compared = _tried(compare_texts, one.streams[name], two.streams[name], rules)
        if compared is not SAME:
            yield name, compared
    several = max(len(one.displays), len(two.displays)) > 1
    for number, (first, second) in enumerate(zip_longest(one.displays, two.displays), 1):
        compared = _tried(_compare_displays, first, second, rules)
        if compared is not SAME:
            yield f"display {number}" if several else "display", compared
    compared = _tried(_compare_errors, one.error, two.error, rules)
    if compared is not SAME:
        yield "error", compared


def _tried(compare: Callable[[_T, _T, Rules], Compared], before: _T, after: _T, rules: Rules) -> Compared:
    """Compare; where that fails, what it is compared with counts as different, so that a verdict is always written."""
    try:
        return compare(before, after, rules)
    except Exception as failure:  # noqa: BLE001
        return incomparable(failure)


def _sorted(outputs: Sequence[Output]) -> _Shown:
    streams = dict.fromkeys(_STREAMS, "")
    displays: list[Bundle] = []
    error = None
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream" and output.get("name") in streams:
            streams[output["name"]] += _joined(output.get("text", ""))
        elif kind in {"display_data", "execute_result"} and not says_nothing(output.get("data", {})):
            displays.append(output.get("data", {}))
        elif kind == "error":
            error = (str(output.get("ename", "")), _joined(output.get("evalue", "")))
    return _Shown(streams=streams, displays=tuple(displays), error=error)


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _compare_displays(before: Bundle | None, after: Bundle | None, rules: Rules) -> Compared:
    if before is None or after is None:
        return differs("is new" if before is None else "is gone")
    return compare_bundles(before, after, rules)


def _compare_errors(before: tuple[str, str] | None, after: tuple[str, str] | None, rules: Rules) -> Compared:
    """Compare the kinds of two exceptions and what they say; the traceback only tells where files lie."""
    if before is None or after is None:
        if before == after:
            return SAME
        one, two = ("none" if error is None else ": ".join(error)[:_LONGEST] for error in (before, after))
        return differs(was(one, two))
    if before[0] != after[0]:
        return differs(was(before[0], after[0]))
    one, two = (masked(error[1], rules.masks) for error in (before, after))
    return compare_texts(one, two, rules)
