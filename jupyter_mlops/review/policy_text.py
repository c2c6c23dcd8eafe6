"""A policy in YAML, read strictly: no unknown name, no second meaning, no anchor, and the line of a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.policy import Direction, Kpi, Policy, direction_of
from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.records.run import Grade

__all__ = ["model_named", "parse_policy"]

E = TypeVar("E", bound=StrEnum)
_MAXIMUM = 100_000
_MOST_ITEMS = 1_000
_DEEPEST = 10


def model_named(text: str) -> str:
    """Return the model that the text itself names, else nothing; mistakes in it are told where it is read whole."""
    found = re.search(r"^model:\s*['\"]?([\w.-]+)['\"]?\s*(?:#.*)?$", text, re.MULTILINE)
    return found[1] if found else ""


def parse_policy(text: str, *, model: str) -> Policy:
    """Return the policy that *text* describes, for *model*.

    Raises
    ------
    Invalid
        ``data`` holds the line (from 1) and the field.
    """
    root = _compose(text)
    fields = _mapping(root, "the policy", {**_FIELDS, "model": _text})
    named = fields.pop("model", model)
    if named != model:
        raise _wrong(root, "model", f"the text is for {named!r}, not for {model!r}")
    return Policy(model=model, **fields)


def _compose(text: str) -> Any:
    import yaml

    if len(text) > _MAXIMUM:
        raise Invalid(
            f"the policy has {len(text)} characters; at most {_MAXIMUM} are read",
            remedy="Shorten it: a policy is a page of YAML.",
        )
    try:
        _refuse_tricks(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as failure:
        line = failure.problem_mark.line + 1 if failure.problem_mark else 1
        raise _at(line, "", f"this is not YAML: {failure.problem}") from failure
    except (yaml.YAMLError, RecursionError) as failure:
        raise _at(1, "", f"this is not YAML: {failure}") from failure
    if root is None:
        raise _at(1, "", "the text is empty")
    return root


def _refuse_tricks(text: str) -> None:
    """Anchors would let ten lines stand for a million, and depth costs a parser time and stack: neither is needed."""
    import yaml

    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        line = token.start_mark.line + 1
        if isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)):
            raise _at(line, "", "anchors, aliases and tags are not read here")
        kind = type(token).__name__
        depth += kind.endswith(("SequenceStartToken", "MappingStartToken"))
        depth -= kind.endswith(("SequenceEndToken", "MappingEndToken", "BlockEndToken"))
        if depth > _DEEPEST:
            raise _at(line, "", f"more than {_DEEPEST} levels inside each other")


def _at(line: int, field: str, problem: str) -> Invalid:
    where = f"line {line}" + (f", {field}" if field else "")
    return Invalid(
        f"the policy is wrong at {where}: {problem}",
        remedy="For example: quorum: 2, minimum_grade: clean, kpis: [{metric: mae, direction: lower, margin: 0.5}].",
        data={"line": line, "field": field},
    )


def _wrong(node: Any, field: str, problem: str) -> Invalid:
    return _at(node.start_mark.line + 1, field, problem)


Reader = Callable[[Any, str], Any]


def _mapping(node: Any, field: str, readers: dict[str, Reader]) -> dict[str, Any]:
    if node.id != "mapping":
        raise _wrong(node, field, f"expected names with values, found {_shown(node)}")
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value) if key.id == "scalar" else _shown(key)
        if name not in readers:
            near = get_close_matches(name, readers, n=1)
            known = f"did you mean {near[0]}?" if near else f"known are {', '.join(readers)}"
            raise _wrong(key, name, f"unknown {name!r}; {known}")
        if name in found:
            raise _wrong(key, name, f"{name} is given twice")
        found[name] = readers[name](value, name)
    return found


def _shown(node: Any) -> str:
    return repr(node.value)[:40] if node.id == "scalar" else f"a {node.id}"


def _scalar(node: Any, field: str, tag: str, expected: str) -> str:
    if node.id != "scalar" or node.tag not in {f"tag:yaml.org,2002:{name}" for name in tag.split()}:
        raise _wrong(node, field, f"{field} must be {expected}, found {_shown(node)}")
    return str(node.value)


def _text(node: Any, field: str) -> str:
    return _scalar(node, field, "str", "a text").strip()


def _flag(node: Any, field: str) -> bool:
    return _scalar(node, field, "bool", "true or false").lower() in {"true", "yes", "on"}


def _whole(node: Any, field: str) -> int:
    value = _scalar(node, field, "int", "a whole number")
    if not re.fullmatch(r"[-+]?\d{1,9}", value):
        raise _wrong(node, field, f"{field} must be a whole number in plain digits, found {value!r:.40}")
    return int(value)


def _number(node: Any, field: str) -> float:
    value = _scalar(node, field, "int float str", "a number")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise _wrong(node, field, f"{field} must be a number, found {value!r:.40}")
    return number


def _items(node: Any, field: str, read: Reader) -> tuple[Any, ...]:
    if node.id != "sequence" or len(node.value) > _MOST_ITEMS:
        raise _wrong(node, field, f"{field} must be a list, found {_shown(node)}")
    return tuple(read(item, field) for item in node.value)


def _names(node: Any, field: str) -> tuple[str, ...]:
    found = _items(node, field, _text)
    if len(set(found)) != len(found) or not all(found):
        raise _wrong(node, field, f"{field} holds a name twice, or an empty one")
    return found


def _one_of(kind: type[E]) -> Callable[[Any, str], E]:
    def read(node: Any, field: str) -> E:
        value = _text(node, field)
        try:
            return kind(value)
        except ValueError:
            raise _wrong(
                node, field, f"{field} must be one of {', '.join(kind)}, found {value!r:.40}"
            ) from None

    return read


def _kpi(node: Any, field: str) -> Kpi:
    readers = {
        "metric": _text,
        "direction": _one_of(Direction),
        "margin": _number,
        "bar": _number,
        "unit": _text,
    }
    values = _mapping(node, field, readers)
    if not values.get("metric"):
        raise _wrong(node, field, "a KPI needs a metric")
    direction = values.pop("direction", None) or direction_of(values["metric"])
    if direction is None:
        raise _wrong(
            node, field, f"the name {values['metric']!r} does not say which way is better: give its direction"
        )
    return Kpi(direction=direction, **values)


def _kpis(node: Any, field: str) -> tuple[Kpi, ...]:
    return _items(node, field, _kpi)


def _doors(node: Any, field: str) -> tuple[str, ...]:
    return tuple(door.value for door in _items(node, field, _one_of(Door)))


def _checks(node: Any, field: str) -> dict[str, bool]:
    if node.id != "mapping":
        raise _wrong(node, field, f"{field} must name checks with true or false, found {_shown(node)}")
    return _mapping(node, field, {str(key.value): _flag for key, _ in node.value})


_FIELDS: dict[str, Reader] = {
    "quorum": _whole,
    "author_may_approve": _flag,
    "protected": _names,
    "doors": _doors,
    "reviewers": _names,
    "minimum_grade": _one_of(Grade),
    "reproduction": _one_of(ReproductionVerdict),
    "kpis": _kpis,
    "checks": _checks,
}
