from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    ensemble,
    feature_selection,
    impute,
    linear_model,
    model_selection,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

from jupyter_mlops import formats
from jupyter_mlops.errors import Invalid, Unavailable, Untrusted
from jupyter_mlops.formats import archive as archive_module
from jupyter_mlops.formats import skops as skops_module
from tests.contracts.format import FormatContract, manifest_of
from tests.formats.malicious import archive, calling, node, object_array, pickled, rewritten, schema_of, text

RNG = np.random.default_rng(0)
X = np.abs(RNG.normal(size=(120, 4)))
Y = (X[:, 0] > 0.6).astype(int)
FRAME = pd.DataFrame({"age": X[:, 0], "wage": X[:, 1], "city": RNG.choice(["a", "b", "c"], 120)})
FRAME.loc[3, "age"] = np.nan

_prepared = compose.make_column_transformer(
    (pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()), ["age", "wage"]),
    (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city"]),
)
MODELS: dict[str, tuple[Any, Any]] = {
    "ridge": (linear_model.Ridge(), X),
    "logistic": (linear_model.LogisticRegression(), X),
    "sgd": (linear_model.SGDClassifier(random_state=0), X),
    "tree": (tree.DecisionTreeClassifier(random_state=0), X),
    "forest": (ensemble.RandomForestClassifier(5, random_state=0), X),
    "extra trees": (ensemble.ExtraTreesRegressor(5, random_state=0), X),
    "isolation forest": (ensemble.IsolationForest(n_estimators=5, random_state=0), X),
    "gradient boosting": (ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0), X),
    "histogram boosting": (ensemble.HistGradientBoostingClassifier(max_iter=5, random_state=0), X),
    "histogram boosting, categories": (
        ensemble.HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype"),
        FRAME.astype({"city": "category"}),
    ),
    "svm": (svm.SVC(), X),
    "nearest neighbours": (neighbors.KNeighborsRegressor(algorithm="kd_tree"), X),
    "ball tree": (neighbors.KNeighborsClassifier(algorithm="ball_tree"), X),
    "columns and forest": (pipeline.make_pipeline(_prepared, ensemble.RandomForestRegressor(3)), FRAME),
    "columns and boosting": (pipeline.make_pipeline(_prepared, ensemble.HistGradientBoostingRegressor(max_iter=3)), FRAME),
    "k-means": (cluster.KMeans(2, n_init=1, random_state=0), X),
    "grid search": (
        model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [1, 2]}, cv=model_selection.TimeSeriesSplit(3),
                                     scoring="neg_mean_absolute_error"), X,
    ),
    "network": (neural_network.MLPClassifier((4,), max_iter=5), X),
    "naive bayes": (naive_bayes.GaussianNB(), X),
    "calibrated": (calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2), X),
    "isotonic": (calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2, method="isotonic"), X),
    "voting": (ensemble.VotingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor())]), X),
    "stacking": (ensemble.StackingClassifier([("a", linear_model.LogisticRegression())], cv=2), X),
    "adaboost": (ensemble.AdaBoostRegressor(n_estimators=3), X),
    "selected": (
        pipeline.make_pipeline(feature_selection.SelectKBest(k=2), decomposition.PCA(1), linear_model.Ridge()), X,
    ),
    "logarithm": (
        compose.TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1), X,
    ),
    "function transformer": (
        pipeline.make_pipeline(preprocessing.FunctionTransformer(np.log1p), linear_model.Ridge()), X,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def forest() -> formats.Saved:
    return formats.save(ensemble.RandomForestClassifier(2, random_state=0).fit(X, Y))


def load(saved: formats.Saved, **given: Any) -> Any:
    return formats.load(manifest_of(saved), saved.files.__getitem__, **given)


def with_content(saved: formats.Saved, content: bytes) -> formats.Saved:
    return replace(saved, files={"model.skops": content})


def with_schema(saved: formats.Saved, change: Callable[[dict[str, Any]], Any]) -> formats.Saved:
    return with_content(saved, rewritten(saved.files["model.skops"], change))


class TestSkopsKeepsTheContract(FormatContract):
    name = "skops"

    def model(self) -> Any:
        return ensemble.RandomForestClassifier(2, random_state=0).fit(X, Y)


@pytest.mark.parametrize("name", MODELS)
def test_the_common_estimators_come_back_and_answer_the_same(name: str) -> None:
    model, rows = MODELS[name]
    model.fit(rows, Y)
    saved = formats.save(model)
    again = load(saved)
    np.testing.assert_array_equal(model.predict(rows), again.predict(rows))
    assert saved.kind == f"{type(model).__module__}.{type(model).__name__}"
    assert saved.requirements["scikit-learn"]


def test_what_was_written_holds_no_memory_address_and_no_time(forest: formats.Saved) -> None:
    with zipfile.ZipFile(io.BytesIO(forest.files["model.skops"])) as source:
        assert {entry.date_time for entry in source.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        ids = [n["__id__"] for n in _nodes(json.loads(source.read("schema.json")))]
    assert max(ids) <= len(ids)


def _nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [n for item in value for n in _nodes(item)]
    if not isinstance(value, dict):
        return []
    return ([value] if "__loader__" in value else []) + [n for item in value.values() for n in _nodes(item)]


# --- models that would run code are refused when they are saved ---------------------------------------------------


class HomeMade(linear_model.Ridge):
    pass


def doubled(values: Any) -> Any:
    return values * 2


@pytest.mark.parametrize(
    ("function", "named"),
    [(os.system, "system"), (lambda v: v, "lambda"), (doubled, "doubled"), (eval, "eval")],
)
def test_a_function_that_is_not_ours_to_vouch_for_is_refused_at_saving(function: Any, named: str) -> None:
    model = preprocessing.FunctionTransformer(function)
    with pytest.raises(Untrusted, match=named) as refusal:
        formats.save(model)
    assert "ONNX" in refusal.value.remedy
    assert str(refusal.value).startswith("the model holds ")


def test_a_class_from_a_notebook_is_refused_at_saving() -> None:
    with pytest.raises(Untrusted, match="HomeMade"):
        formats.save(HomeMade().fit(X, Y))


def test_a_search_over_scipy_distributions_is_refused_and_told_to_log_its_best_estimator() -> None:
    from scipy.stats import loguniform

    search = model_selection.RandomizedSearchCV(
        linear_model.Ridge(), {"alpha": loguniform(1, 5)}, n_iter=2
    ).fit(X, Y)
    with pytest.raises(Untrusted) as refusal:
        formats.save(search)
    assert "best_estimator_" in refusal.value.remedy


def test_an_estimator_that_skops_cannot_store_is_refused_with_its_name() -> None:
    with pytest.raises(Untrusted, match="Birch cannot be stored without pickle"):
        formats.save(cluster.Birch().fit(X))


def test_an_object_whose_reduction_is_code_is_refused_without_running_it(tmp_path: Path) -> None:
    class Sly(linear_model.Ridge):
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "canary"),)

    with pytest.raises(Untrusted):
        formats.save(Sly())
    assert not (tmp_path / "canary").exists()


def test_what_is_no_model_is_refused_as_such() -> None:
    with pytest.raises(Invalid, match="a dict is not a model"):
        formats.save({"a": 1})


# --- files that were tampered with are refused when they are loaded -----------------------------------------------


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


def _tree_node(schema: dict[str, Any]) -> dict[str, Any]:
    return next(n for n in _nodes(schema) if n["__loader__"] == "TreeNode")


def _with_tree(saved: formats.Saved, field: str, value: int, kind: str = "TreeNode") -> formats.Saved:
    content = saved.files["model.skops"]
    found = next(n for n in _nodes(schema_of(content)) if n["__loader__"] == kind or n["__class__"] == kind)
    name = found["content"]["content"]["nodes"]["file"]
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        entries = {entry: source.read(entry) for entry in source.namelist()}
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
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        entries = {entry: source.read(entry) for entry in source.namelist()}
    values = np.load(io.BytesIO(entries[name]))
    (values if field is None else values[field])[-1] = value
    out = io.BytesIO()
    np.save(out, values)
    damaged = archive({**entries, name: out.getvalue()}, zipfile.ZIP_DEFLATED)
    with pytest.raises(Untrusted, match="points outside itself"):
        load(with_content(saved, damaged))


# --- archives that are not what they should be --------------------------------------------------------------------


def test_a_zip_that_holds_a_pickle_is_refused_by_its_content(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    saved = formats.Saved(
        format="skops",
        kind="x",
        files={"model.skops": archive({"archive/data.pkl": pickled(canary), "schema.json": b"{}"})},
    )
    with pytest.raises(Untrusted, match="torch"):
        load(saved)
    assert not canary.exists()


def test_an_object_array_inside_an_archive_is_refused(forest: formats.Saved, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    content = forest.files["model.skops"]
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        entries = {entry: source.read(entry) for entry in source.namelist()}
    entries["000000.npy"] = object_array(canary)
    with pytest.raises(Untrusted, match="Python objects"):
        load(with_content(forest, archive(entries)))
    assert not canary.exists()


def test_an_array_that_promises_more_than_it_holds_is_refused(forest: formats.Saved) -> None:
    content = forest.files["model.skops"]
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        entries = {entry: source.read(entry) for entry in source.namelist()}
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    entries["000000.npy"] = header.getvalue()
    with pytest.raises(Untrusted, match="promises"):
        load(with_content(forest, archive(entries)))


@pytest.mark.parametrize(
    "name",
    [
        "../x.npy",
        "/x.npy",
        "a/b.npy",
        "a\\b.npy",
        "x.pkl.npy/..",
        "x.so",
        "C:x.npy",
        "x.npy\n",
        "é.npy",
        ".npy",
    ],
)
def test_an_entry_with_another_name_is_refused(forest: formats.Saved, name: str) -> None:
    content = io.BytesIO(forest.files["model.skops"])
    with zipfile.ZipFile(content, "a") as target:
        target.writestr(name, b"x")
    with pytest.raises(Untrusted, match="entry called|torch"):
        load(with_content(forest, content.getvalue()))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["schema.json", "000000.npy", "000000.NPY"])
def test_a_name_that_stands_twice_is_refused(forest: formats.Saved, name: str) -> None:
    content = io.BytesIO(forest.files["model.skops"])
    with zipfile.ZipFile(content, "a") as target:
        target.writestr(name, b"{}")
    with pytest.raises(Untrusted, match="twice|entry called"):
        load(with_content(forest, content.getvalue()))


def test_a_link_inside_an_archive_is_refused(forest: formats.Saved) -> None:
    content = io.BytesIO(forest.files["model.skops"])
    with zipfile.ZipFile(content, "a") as target:
        link = zipfile.ZipInfo("link.npy")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
    with pytest.raises(Untrusted, match="is a link or a device"):
        load(with_content(forest, content.getvalue()))


def test_a_schema_with_a_key_twice_is_refused(forest: formats.Saved) -> None:
    with zipfile.ZipFile(io.BytesIO(forest.files["model.skops"])) as source:
        entries = {entry: source.read(entry) for entry in source.namelist()}
    entries["schema.json"] = b'{"__class__":"Harmless",' + entries["schema.json"][1:]
    with pytest.raises(Untrusted, match="key twice"):
        load(with_content(forest, archive(entries)))


def test_a_schema_nested_too_deep_is_refused(forest: formats.Saved) -> None:
    for depth in (300, 100_000):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        with pytest.raises(Untrusted, match="deeper"):
            load(with_content(forest, archive({"schema.json": deep})))


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("entries", 2, "entries"),
        ("total", 1000, "unpack"),
        ("schema", 100, "bytes, more"),
        ("ratio_from", 0, None),
    ],
)
def test_an_archive_over_a_limit_is_refused(
    forest: formats.Saved, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str | None
) -> None:
    monkeypatch.setattr(archive_module.Limits, limit, value)
    if said is None:
        bomb = archive({"schema.json": b" " * 5_000_000}, zipfile.ZIP_DEFLATED)
        with pytest.raises(Untrusted, match="unpack to 5000000"):
            load(with_content(forest, bomb))
    else:
        with pytest.raises(Untrusted, match=said):
            load(forest)


# --- versions ------------------------------------------------------------------------------------------------------


def test_a_model_of_another_scikit_learn_is_refused_with_the_command_that_helps(
    forest: formats.Saved,
) -> None:
    def change(schema: dict[str, Any]) -> None:
        schema["content"]["content"]["_sklearn_version"] = text("0.99.3")

    with pytest.raises(Unavailable, match=r"scikit-learn 0\.99\.3") as refusal:
        load(with_schema(forest, change))
    assert "scikit-learn==0.99.*" in refusal.value.remedy


def test_a_skops_with_known_holes_is_refused(forest: formats.Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    real = skops_module.version
    monkeypatch.setattr(skops_module, "version", lambda name: "0.11.0" if name == "skops" else real(name))
    with pytest.raises(Unavailable, match=r"skops 0\.11\.0"):
        load(forest)
