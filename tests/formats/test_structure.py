"""Trees whose numbers lead out of their arrays."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from sklearn import ensemble, neighbors

from jupyter_mlops import formats
from jupyter_mlops.errors import Untrusted
from tests.formats.malicious import archive, schema_of
from tests.formats.tampering import X, Y, entries_of, load, nodes_of, with_content, with_schema


def _with_tree(saved: formats.Saved, field: str, value: int, kind: str = "TreeNode") -> formats.Saved:
    content = saved.files["model.skops"]
    found = next(n for n in nodes_of(schema_of(content)) if n["__loader__"] == kind or n["__class__"] == kind)
    name = found["content"]["content"]["nodes"]["file"]
    entries = entries_of(saved)
    nodes = np.load(io.BytesIO(entries[name]))
    nodes[field][0] = value
    out = io.BytesIO()
    np.save(out, nodes)
    return with_content(saved, archive({**entries, name: out.getvalue()}, zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_child", 10**9), ("right_child", 0), ("left_child", -7), ("feature", 99), ("feature", -5)],
)
def test_a_tree_that_points_outside_itself_is_refused_before_it_can_crash(
    forest: formats.Saved, field: str, value: int
) -> None:
    with pytest.raises(Untrusted, match="points outside itself"):
        load(_with_tree(forest, field, value))


@pytest.mark.parametrize(
    ("field", "value"),
    [("left", 10**9), ("right", 0), ("feature_idx", 99), ("feature_idx", -1), ("is_leaf", 7)],
)
def test_a_boosted_tree_that_points_outside_itself_is_refused(field: str, value: int) -> None:
    saved = formats.save(ensemble.HistGradientBoostingClassifier(max_iter=1).fit(X, Y))
    damaged = _with_tree(saved, field, value, "TreePredictor")
    if field == "is_leaf":  # a root that claims to be a leaf is a sound, if useless, tree
        load(damaged)
    else:
        with pytest.raises(Untrusted, match="points outside itself"):
            load(damaged)


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize(
    ("array", "field", "value"),
    [(1, None, 10**9), (1, None, -1), (2, "idx_end", 10**9), (2, "idx_start", -5), (2, "is_leaf", 0)],
)
def test_a_search_tree_that_points_outside_itself_is_refused(
    algorithm: str, array: int, field: str | None, value: int
) -> None:
    saved = formats.save(neighbors.KNeighborsClassifier(algorithm=algorithm, leaf_size=10).fit(X, Y))
    content = saved.files["model.skops"]
    name = schema_of(content)["content"]["content"]["_tree"]["content"]["content"][array]["file"]
    entries = entries_of(saved)
    values = np.load(io.BytesIO(entries[name]))
    (values if field is None else values[field])[-1] = value
    out = io.BytesIO()
    np.save(out, values)
    damaged = archive({**entries, name: out.getvalue()}, zipfile.ZIP_DEFLATED)
    with pytest.raises(Untrusted, match="points outside itself"):
        load(with_content(saved, damaged))


def test_a_tree_whose_numbers_are_damaged_is_refused_and_no_crash() -> None:
    """Its checksum fails only once all of it is read: the first look sees its head alone."""
    saved = formats.save(ensemble.ExtraTreesRegressor(1, random_state=0).fit(X, X[:, 0]))
    content = saved.files["model.skops"]
    found = next(n for n in nodes_of(schema_of(content)) if n["__loader__"] == "TreeNode")
    nodes = entries_of(saved)[found["content"]["content"]["nodes"]["file"]]
    stored = bytearray(archive(entries_of(saved)))
    stored[stored.index(nodes) + len(nodes) - 9] ^= 0xFF
    with pytest.raises(Untrusted, match="a decision tree in it cannot be read"):
        load(with_content(saved, bytes(stored)))


@pytest.mark.parametrize(
    "planted", [None, [], "text", 3, {}, {"content": None}, {"content": {"file": "no.npy"}}]
)
def test_a_tree_that_is_no_tree_is_refused(forest: formats.Saved, planted: Any) -> None:
    def change(schema: dict[str, Any]) -> None:
        found = next(n for n in nodes_of(schema) if n["__loader__"] == "TreeNode")
        found["content"] = planted

    with pytest.raises(Untrusted):
        load(with_schema(forest, change))
