"""What a skops schema asks to be constructed, held against the list in ``trusted``."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.formats.archive import refuse
from jupyter_mlops.formats.importing import skops_module
from jupyter_mlops.formats.structure import check_predictor, check_search_tree, check_tree
from jupyter_mlops.formats.trusted import VERSION, allowed_names, is_denied

__all__ = ["audit", "name_of", "nodes", "versions_in"]

Node = Mapping[str, Any]
_CHECK_ARRAY = "sklearn.utils.validation.check_array"
_PREDICTOR = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
_SEARCH_TREES = ("sklearn.neighbors._kd_tree.", "sklearn.neighbors._ball_tree.")
_OLDEST_PROTOCOL = 2
# Further names can only be vouched for where an object, a class or a function is kept.
_EXTENSIBLE = frozenset({"ObjectNode", "FunctionNode", "TypeNode"})


def nodes(schema: Node) -> Iterator[tuple[Node, int | None]]:
    """Yield every node of *schema* with the number of features of the estimator around it, where that is told.

    A node is whatever skops would take for one: an object whose ``__loader__`` is text.
    """
    waiting: list[tuple[object, int | None]] = [(schema, None)]
    while waiting:
        value, features = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("__loader__"), str):
                features = _features(value) or features
                yield value, features
            waiting.extend((item, features) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, features) for item in value)


def _features(node: Node) -> int | None:
    try:
        fields = node["content"]["content"]
        said = fields.get("_n_features") or fields["n_features_in_"]
        return int(said["content"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def name_of(node: Node) -> str:
    """Return the full name a node carries."""
    return f"{node.get('__module__')}.{node.get('__class__')}"


def audit(archive: zipfile.ZipFile, schema: Node, *, trust: Collection[str] = ()) -> frozenset[str]:
    """Return the names that *schema* constructs, once each has been allowed.

    Raises
    ------
    Untrusted
        A name is not allowed where it stands; ``data['types']`` lists all of them.
    """
    _check_protocol(schema)
    allowed = allowed_names()
    names: set[str] = set()
    strange: set[str] = set()
    for node, features in nodes(schema):
        name = name_of(node)
        names.add(name)
        if not _is_allowed(node, name, allowed, trust):
            strange.add(name if node["__loader__"] in allowed else f"{name} as a {node['__loader__']}")
        else:
            _check_structure(archive, node, name, features)
    if strange:
        raise _untrusted(strange)
    return frozenset(names)


def _check_structure(archive: zipfile.ZipFile, node: Node, name: str, features: int | None) -> None:
    if node["__loader__"] == "TreeNode":
        check_tree(archive, node)
    elif name == _PREDICTOR:
        check_predictor(archive, node, features)
    elif name.startswith(_SEARCH_TREES):
        check_search_tree(archive, node)


def _check_protocol(schema: Node) -> None:
    newest = skops_module("skops.io._protocol").PROTOCOL

    protocol = schema.get("protocol")
    if (
        isinstance(protocol, bool)
        or not isinstance(protocol, int)
        or not _OLDEST_PROTOCOL <= protocol <= newest
    ):
        raise refuse(f"it claims the skops protocol {protocol!r}; {_OLDEST_PROTOCOL} to {newest} are read")


def _is_allowed(
    node: Node, name: str, allowed: Mapping[str, Collection[str]], trust: Collection[str]
) -> bool:
    loader = node["__loader__"]
    if loader == "PartialNode":
        return name in allowed[loader] and _is_check_array(node)
    if name in allowed.get(loader, ()):
        return True
    return loader in _EXTENSIBLE and name in trust and not is_denied(name)


def _is_check_array(node: Node) -> bool:
    # The encoder inside histogram gradient boosting keeps one partial, of this harmless function.
    try:
        function = node["content"]["func"]
        return function["__loader__"] == "FunctionNode" and name_of(function) == _CHECK_ARRAY
    except (KeyError, TypeError):
        return False


def _untrusted(names: Collection[str]) -> Untrusted:
    listed = sorted(names)
    return Untrusted(
        f"the model holds {', '.join(listed)}, and loading that would run code that this package does not vouch for "
        f"(list version {VERSION})",
        remedy=_remedy(listed),
        data={"types": listed, "list_version": VERSION},
    )


def _remedy(names: Collection[str]) -> str:
    if any("lambda" in name or name.startswith("__main__") for name in names):
        return (
            "A lambda or a function or class of a notebook cannot be found again elsewhere: use a NumPy function "
            "(FunctionTransformer(np.log1p)) or a transformer of scikit-learn, or log an ONNX export of the model."
        )
    if any("scipy.stats" in name for name in names):
        return "Log the fitted model itself, search.best_estimator_, instead of the search."
    return "Build the model from scikit-learn's own parts, or log an ONNX export of it."


def versions_in(schema: Node) -> frozenset[str]:
    """Return the scikit-learn versions that the estimators in *schema* were fitted with."""
    found = set()
    for node, _ in nodes(schema):
        content = node.get("content")
        said = content.get("_sklearn_version") if isinstance(content, dict) else None
        if isinstance(said, dict) and isinstance(said.get("content"), str):
            found.add(said["content"].strip('"'))
    return frozenset(found)
