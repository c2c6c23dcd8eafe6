"""Trees whose numbers lead out of their arrays: compiled code follows them without a look, so we look first."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from jupyter_mlops.formats.archive import DAMAGED, refuse

__all__ = ["check_predictor", "check_search_tree", "check_tree"]

Node = Mapping[str, Any]
_UNREADABLE = (KeyError, TypeError, IndexError, AttributeError, *DAMAGED)


def _array(archive: zipfile.ZipFile, node: Node) -> Any:
    import numpy as np

    return np.load(io.BytesIO(archive.read(node["file"])), allow_pickle=False)


def _places(items: Any) -> Any:
    import numpy as np

    return np.arange(len(items))


def check_tree(archive: zipfile.ZipFile, node: Node) -> None:
    """Refuse a decision tree whose numbers lead out of its arrays: scikit-learn follows them without a look."""
    try:
        features = int(node["__reduce__"]["args"]["content"][0]["content"])
        fields = node["content"]["content"]
        rows = _array(archive, fields["nodes"])
        left, right, feature = rows["left_child"], rows["right_child"], rows["feature"]
        sound = int(fields["node_count"]["content"]) == len(rows)
    except _UNREADABLE:
        raise refuse("a decision tree in it cannot be read") from None
    if not sound or not _sound(left, right, feature, left == -1, features):
        raise refuse("a decision tree in it points outside itself")


def check_predictor(archive: zipfile.ZipFile, node: Node, features: int | None) -> None:
    """Refuse a tree of histogram gradient boosting that leads out of itself, its categories or its columns."""
    try:
        fields = node["content"]["content"]
        rows = _array(archive, fields["nodes"])
        bitsets = len(_array(archive, fields["raw_left_cat_bitsets"]))
        leaf, by_category = rows["is_leaf"] != 0, rows["is_categorical"] != 0
        sound = bool((rows["bitset_idx"][by_category & ~leaf] < bitsets).all())
    except _UNREADABLE:
        raise refuse("a boosted tree in it cannot be read") from None
    if (
        not sound
        or features is None
        or not _sound(rows["left"], rows["right"], rows["feature_idx"], leaf, features)
    ):
        raise refuse("a boosted tree in it points outside itself")


def _sound(left: Any, right: Any, feature: Any, leaf: Any, features: int) -> bool:
    """Children come after their parent and inside the tree, so every walk ends; features are columns there are."""
    place, inner, count = _places(left), ~leaf, len(left)
    if count == 0:
        return False
    children = all(
        bool(((c > place) & (c < count))[inner].all()) for c in (left.astype("i8"), right.astype("i8"))
    )
    return children and bool(((feature >= 0) & (feature < features))[inner].all())


def check_search_tree(archive: zipfile.ZipFile, node: Node) -> None:
    """Refuse a k-d or ball tree whose rows, ranges or nodes lie outside of its data."""
    try:
        fields = node["content"]["content"]
        data, order, nodes, bounds = (_array(archive, field) for field in fields[:4])
        rows, width = data.shape
        start, end, leaf = nodes["idx_start"], nodes["idx_end"], nodes["is_leaf"] != 0
        place = _places(nodes)
        sound = (
            int(fields[6]["content"]) == len(nodes)
            and order.shape == (rows,)
            and bounds.shape[1:] == (len(nodes), width)
            and bool(((order >= 0) & (order < rows)).all())
            and bool(((start >= 0) & (start <= end) & (end <= rows)).all())
            # Children stand at twice the place and one or two on.
            and bool((leaf | (2 * place + 2 < len(nodes))).all())
        )
    except _UNREADABLE:
        raise refuse("a search tree in it cannot be read") from None
    if not sound:
        raise refuse("a search tree in it points outside itself")
