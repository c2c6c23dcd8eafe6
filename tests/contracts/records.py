"""What every record must be. A module's own tests subclass this and name the module and what its records require."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.store import same
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import decode, encode

_DEEPEST = 2  # records in themselves
_TEXT = st.text(max_size=12)
_FINITE = st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _FINITE | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(),
    float: st.floats(),
    bool: st.booleans(),
    type(None): st.none(),
    object: _JSON,
    datetime: st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    Path: st.sampled_from([Path("a"), Path("a/b.ipynb"), Path("/data/ü")]),
}


def values(hint: Any, within: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Whatever a field of the type *hint* may hold, *within* these records: one that holds itself does so twice at most."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        # Beside text, what is not a number has no form of its own on the wire.
        numbers = _FINITE if str in arguments else st.floats()
        kinds = [one for one in arguments if within.count(one) < _DEEPEST]
        return st.one_of(*(numbers if one is float else values(one, within) for one in kinds))
    if origin is tuple and arguments[-1] is not Ellipsis:
        return st.tuples(*(values(one, within) for one in arguments))
    if origin is tuple:
        most = 2 if within.count(arguments[0]) < _DEEPEST else 0
        items = values(arguments[0], within) if most else st.nothing()
        return st.lists(items, max_size=most).map(tuple)
    if origin is not None:
        return st.dictionaries(_TEXT, values(arguments[1], within), max_size=2)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return whole(hint, within) if dataclasses.is_dataclass(hint) else _PLAIN[hint]


def whole(kind: Any, within: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Records of a *kind* with all their fields filled in."""
    hints, inside = typing.get_type_hints(kind), (*within, kind)
    return st.builds(kind, **{one.name: values(hints[one.name], inside) for one in dataclasses.fields(kind)})


def _example(kind: Any, within: tuple[Any, ...] = ()) -> Any:
    """The plainest record of a *kind*; no chance in it."""
    hints, inside = typing.get_type_hints(kind), (*within, kind)
    given = {one.name: _plainest(hints[one.name], inside) for one in dataclasses.fields(kind)}
    return kind(**given)


def _plainest(hint: Any, within: tuple[Any, ...] = ()) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if arguments[0] in within else _plainest(arguments[0], within)
    if origin is tuple:
        return () if arguments[0] in within else (_plainest(arguments[0], within),)
    if origin is not None:
        return {"key": _plainest(arguments[1], within)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    if dataclasses.is_dataclass(hint):
        return _example(hint, within)
    known: dict[object, Any] = {
        str: "x", int: 7, float: 1.5, bool: True, object: "thing", type(None): None,
        datetime: datetime(2026, 1, 5, tzinfo=UTC), Path: Path("a"),
    }  # fmt: skip
    return known[hint]


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _optional(kind: Any) -> list[dataclasses.Field[Any]]:
    return [one for one in dataclasses.fields(kind) if _default(one) is not dataclasses.MISSING]


class RecordContract:
    """Subclass with ``module`` and ``required``: each record of the module, and its fields without a default.

    ``required`` is written out by hand: what stands in a store was written when a record had fewer fields, so a
    field that is added must have a default, and one that is taken away must be read all the same.
    """

    module: ModuleType
    required: Mapping[str, str]

    @classmethod
    def kinds(cls) -> dict[str, Any]:
        return {
            name: kind
            for name, kind in vars(cls.module).items()
            if dataclasses.is_dataclass(kind) and kind.__module__ == cls.module.__name__
        }

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "kind" in metafunc.fixturenames:
            kinds = self.kinds()
            metafunc.parametrize("kind", kinds.values(), ids=list(kinds))

    def test_a_document_of_today_may_not_need_more_than_one_of_yesterday(self) -> None:
        asked = {
            name: " ".join(one.name for one in dataclasses.fields(kind) if one not in _optional(kind))
            for name, kind in self.kinds().items()
        }
        assert asked == dict(self.required)

    def test_what_it_says_cannot_be_changed(self, kind: Any) -> None:
        record = _example(kind)
        for field in dataclasses.fields(kind):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(record, field.name, None)
            held = getattr(record, field.name)
            assert not isinstance(held, (list, set, dict)), f"{field.name} could be changed in place"
            if isinstance(held, Mapping):
                with pytest.raises(TypeError):
                    held["new"] = 1  # type: ignore[index]
        assert not hasattr(record, "__dict__")

    def test_what_its_maker_does_to_a_mapping_later_does_not_show(self, kind: Any) -> None:
        for field in dataclasses.fields(kind):
            held = getattr(_example(kind), field.name)
            if isinstance(held, Mapping):
                mine = dict(held)
                record = dataclasses.replace(_example(kind), **{field.name: mine})
                mine.clear()
                assert dict(getattr(record, field.name)) == dict(held)

    def test_whatever_it_holds_comes_back_from_json(self, kind: Any) -> None:
        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(whole(kind))
        def comes_back(record: Any) -> None:
            again = decode(kind, json.loads(json.dumps(encode(record), allow_nan=False)))
            assert type(again) is kind
            assert same(again, record)

        comes_back()

    def test_a_field_that_nobody_knows_is_refused_by_name(self, kind: Any) -> None:
        with pytest.raises(Invalid, match="unknown 'colour'") as refusal:
            decode(kind, {**encode(_example(kind)), "colour": "red"})
        assert all(one.name in refusal.value.remedy for one in dataclasses.fields(kind))

    def test_a_document_from_before_a_field_was_added_is_read(self, kind: Any) -> None:
        record = _example(kind)
        for field in _optional(kind):
            document = encode(record)
            del document[field.name]
            assert same(decode(kind, document), dataclasses.replace(record, **{field.name: _default(field)}))

    def test_a_field_it_cannot_do_without_is_named(self, kind: Any) -> None:
        optional = {one.name for one in _optional(kind)}
        for field in dataclasses.fields(kind):
            if field.name not in optional:
                document = encode(_example(kind))
                del document[field.name]
                with pytest.raises(Invalid, match=f"missing '{field.name}'"):
                    decode(kind, document)
