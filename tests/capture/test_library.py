"""The tables of what is known, held to the libraries that are installed."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
import sklearn.utils

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.library_methods import DATA_READING
from jupyter_mlops.capture.world import Kind


@pytest.mark.parametrize(
    "path",
    [
        "numpy.random.shuffle", "numpy.copyto", "numpy.put", "heapq.heappush", "random.shuffle", "pickle.load", "numpy.add.at",
        "builtins.list.append", "builtins.dict.setdefault", "builtins.object.__setattr__",
    ],
)  # fmt: skip
def test_what_writes_into_its_arguments_is_known(path: str) -> None:
    assert lib.changes_arguments(path)


@pytest.mark.parametrize(
    "path",
    [
        "sklearn.utils.shuffle", "numpy.load", "numpy.sort", "pandas.concat", "joblib.load", "builtins.str.upper",
        "builtins.dict.get", "builtins.list",
    ],
)  # fmt: skip
def test_what_does_not_is_known_too(path: str) -> None:
    assert not lib.changes_arguments(path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("numpy.zeros", Kind.DATA), ("numpy.random.default_rng", Kind.ITERATOR), ("sklearn.linear_model.Ridge", Kind.ESTIMATOR),
        ("sklearn.metrics.RocCurveDisplay.from_estimator", Kind.PLOT), ("sklearn.metrics.accuracy_score", Kind.DATA),
        ("sklearn.pipeline.make_pipeline", Kind.ESTIMATOR), ("math.sqrt", None), ("json.dumps", None), ("json.loads", Kind.CONTAINER),
        ("os.listdir", Kind.CONTAINER), ("never.heard.of", Kind.UNKNOWN), ("random.choice", Kind.UNKNOWN),
    ],
)  # fmt: skip
def test_what_a_call_gives_back_is_known(path: str, kind: Kind | None) -> None:
    assert lib.result_kind(path) is kind


def test_no_name_is_both_new_and_changing() -> None:
    assert not {name for name in lib.NEW_FUNCTIONS if lib.changes_arguments(f"numpy.{name}")}


def test_no_method_that_works_in_place_counts_as_reading() -> None:
    """NumPy says itself which methods return nothing because they change their array."""
    changing = {"fill", "itemset", "partition", "put", "resize", "setfield", "setflags", "sort", "byteswap"}
    assert not changing & DATA_READING
    for name in ("insert", "pop", "update"):
        assert hasattr(pd.DataFrame, name)
        assert name not in DATA_READING


def test_every_method_of_pandas_that_can_work_in_place_says_so_by_a_keyword_we_watch() -> None:
    for cls in (pd.DataFrame, pd.Series):
        for name in DATA_READING & set(dir(cls)):
            try:
                keywords = inspect.signature(getattr(cls, name)).parameters
            except (TypeError, ValueError):
                continue
            watched = {"inplace", "copy", "out"} & set(keywords)
            assert watched <= set(lib.RISKY_KEYWORDS), name


def test_every_deterministic_name_exists_or_is_known_to_have_gone() -> None:
    names = {name for name, _ in sklearn.utils.all_estimators()}
    models = {
        name
        for name in lib.DETERMINISTIC
        if name[:1].isupper() and not name.endswith(("Mixin", "Grid", "Split", "Fold", "Out"))
    }
    assert len(models & names) > len(models) * 0.9


def test_a_deterministic_model_with_a_seed_draws_only_where_told() -> None:
    risky = {
        "SGDClassifier",
        "RandomForestClassifier",
        "MLPClassifier",
        "KMeans",
        "ShuffleSplit",
        "RandomizedSearchCV",
    }
    assert not risky & lib.DETERMINISTIC


def test_where_numpys_functions_take_the_place_of_their_result_is_known() -> None:
    """A function whose signature has ``out`` among its positional arguments writes there when it gets so many."""
    for name in dir(np):
        function = getattr(np, name)
        if isinstance(function, np.ufunc):
            place = function.nin
        elif inspect.isfunction(function) or type(function).__name__ == "_ArrayFunctionDispatcher":
            parameters = [p for p in _signature(function) if p.kind <= p.POSITIONAL_OR_KEYWORD]
            place = next((i for i, p in enumerate(parameters) if p.name == "out"), -1)
        else:
            continue
        # Business days are no arrays that anybody hands over.
        if place > 0 and not name.startswith(("is_busday", "busday")):
            assert lib.gives_into(name, place + 1), name
            if name != "dot":
                assert not lib.gives_into(name, place), name


def _signature(function: object) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())  # type: ignore[arg-type]
    except ValueError:
        return []


@pytest.mark.parametrize(("name", "count"), [("clip", 3), ("sum", 3), ("dot", 2), ("round", 2)])
def test_an_array_takes_the_place_of_its_result_one_earlier(name: str, count: int) -> None:
    assert lib.gives_into(name, count, method=True)
    assert not lib.gives_into(name, count - 1, method=True)
