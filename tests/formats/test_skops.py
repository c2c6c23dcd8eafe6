from __future__ import annotations

import io
import json
import os
import zipfile
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
from jupyter_mlops.formats import skops as skops_module
from tests.contracts.format import FormatContract
from tests.formats.malicious import text
from tests.formats.tampering import X, Y, load, nodes_of, with_schema

RNG = np.random.default_rng(0)
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
        ids = [n["__id__"] for n in nodes_of(json.loads(source.read("schema.json")))]
    assert max(ids) <= len(ids)


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


# --- archives that are not what they should be --------------------------------------------------------------------


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
