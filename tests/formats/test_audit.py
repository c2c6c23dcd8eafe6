"""What a skops schema asks to be constructed, held against our list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sklearn import linear_model

from jupyter_mlops import formats
from jupyter_mlops.errors import Untrusted
from tests.contracts.format import manifest_of
from tests.formats.malicious import calling, node, text
from tests.formats.tampering import X, Y, load, with_schema


class HomeMade(linear_model.Ridge):
    pass


@pytest.mark.parametrize(
    "module", ["os", "posix", "subprocess", "builtins", "importlib", "operator", "pickle", "shutil"]
)
@pytest.mark.parametrize(
    "loader", ["ConstructorFromReduceNode", "FunctionNode", "TypeNode", "ObjectNode", "PartialNode"]
)
def test_a_dangerous_name_is_refused_wherever_it_stands_and_whoever_trusts_it(
    forest: formats.Saved, module: str, loader: str
) -> None:
    def change(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["planted"] = node(loader, module, "system", content=text("true"))

    planted = with_schema(forest, change)
    with pytest.raises(Untrusted, match=f"{module}.system"):
        load(planted, trust=[f"{module}.system"])


def test_a_call_hidden_in_a_model_never_happens(forest: formats.Saved, tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    def change(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["planted"] = calling("os", "mkdir", text(str(canary)))

    with pytest.raises(Untrusted, match=r"os\.mkdir"):
        load(with_schema(forest, change))
    assert not canary.exists()


def test_a_trusted_function_may_be_kept_but_not_called_while_loading(forest: formats.Saved) -> None:
    def change(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["planted"] = calling("numpy", "mean", text("1"))

    with pytest.raises(Untrusted, match=r"numpy\.mean"):
        load(with_schema(forest, change), trust=["numpy.mean"])


@pytest.mark.parametrize(
    "loader", ["MethodNode", "OperatorFuncNode", "CachedNode", "DefaultDictNode", "NoSuchNode"]
)
def test_kinds_of_node_that_no_model_needs_are_refused(forest: formats.Saved, loader: str) -> None:
    def change(schema: dict[str, Any]) -> None:
        inner = node("ObjectNode", "sklearn.linear_model._ridge", "Ridge")
        schema["content"]["content"]["planted"] = node(
            loader, "sklearn.linear_model._ridge", "Ridge", content={"func": "fit", "obj": inner}
        )

    with pytest.raises(Untrusted, match=f"as a {loader}"):
        load(with_schema(forest, change))


def test_a_partial_may_wrap_nothing_but_the_check_scikit_learn_puts_there(forest: formats.Saved) -> None:
    def change(schema: dict[str, Any]) -> None:
        empty = node("TupleNode", "builtins", "tuple", content=[])
        function = node("FunctionNode", "numpy", "mean")
        parts = {"func": function, "args": empty, "kwds": empty, "namespace": empty}
        schema["content"]["content"]["planted"] = node("PartialNode", "functools", "partial", content=parts)

    with pytest.raises(Untrusted, match=r"functools\.partial"):
        load(with_schema(forest, change), trust=["functools.partial"])


def test_a_list_of_trusted_types_inside_the_file_changes_nothing(forest: formats.Saved) -> None:
    def change(schema: dict[str, Any]) -> None:
        schema["trusted"] = ["os.system"]
        schema["content"]["content"]["planted"] = node("FunctionNode", "os", "system")

    planted = with_schema(forest, change)
    manifest = replace(manifest_of(planted), types=("os.system",))
    with pytest.raises(Untrusted, match=r"os\.system"):
        formats.load(manifest, planted.files.__getitem__)


def test_a_name_somebody_vouches_for_is_loaded() -> None:
    saved = formats.save(linear_model.Ridge().fit(X, Y))
    name = f"{HomeMade.__module__}.HomeMade"

    def change(schema: dict[str, Any]) -> None:
        schema["__module__"], schema["__class__"] = HomeMade.__module__, "HomeMade"

    planted = with_schema(saved, change)
    with pytest.raises(Untrusted):
        load(planted)
    assert type(load(planted, trust=[name])) is HomeMade


@pytest.mark.parametrize("protocol", [0, 1, 99, -1, True, "2", None, 2.5])
def test_another_protocol_is_refused(forest: formats.Saved, protocol: Any) -> None:
    with pytest.raises(Untrusted, match="protocol"):
        load(with_schema(forest, lambda schema: schema.update(protocol=protocol)))
