"""A fitted model kept with its run: what stands beside its bytes, what is refused, and what the card is told of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import jupyter_mlops as mlops
from jupyter_mlops.errors import Invalid, NotFound, Untrusted
from jupyter_mlops.formats import load
from jupyter_mlops.formats.golden import replay
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.model import Manifest, ModelVersion, Signature
from jupyter_mlops.registry import load_model, register_version
from jupyter_mlops.tracking import find_artifacts, finish_run, get_run, log_model, open_artifact, start_run
from jupyter_mlops.tracking.models import keep_model, kept_models
from tests.registry.books import fitted, small_data


@pytest.fixture
def run(ws):
    begun = start_run(ws, name="baseline", experiment="air")
    kept_models(begun.id)  # ids are counted anew in each test
    yield begun.id
    kept_models(begun.id)
    finish_run(ws, run=begun.id)


def content(ws, run: str, name: str) -> bytes:
    with open_artifact(ws, run=run, name=name) as file:
        return file.read()


def manifest_of(ws, run: str, name: str = "model") -> Manifest:
    return decode(Manifest, json.loads(content(ws, run, f"models/{name}/manifest.json")))


def names(ws, run: str) -> list[str]:
    return [file.name for file in find_artifacts(ws, run=run)]


def test_a_model_is_kept_with_what_it_takes_answers_and_was_fitted_on(ws, run):
    rows, _ = small_data()
    model = fitted(alpha=0.5)
    kept = log_model(ws, run=run[-6:], model=model, data=rows)
    assert isinstance(kept, Artifact)
    assert (kept.name, kept.media_type) == ("models/model/manifest.json", "application/json")
    manifest = manifest_of(ws, run)
    assert [column.name for column in manifest.signature.inputs] == ["dewp", "temp", "wind"]
    assert len(manifest.signature.outputs) == 1
    assert (manifest.profile.rows, manifest.format) == (80, "skops")
    assert manifest.requirements.keys() >= {"scikit-learn", "numpy", "pandas"}
    assert manifest.params["ridge__alpha"] == "0.5"
    assert "ridge" not in manifest.params  # a part of the model is no setting of it
    again = load(manifest, lambda path: content(ws, run, f"models/model/{path}"))
    assert np.array_equal(again.predict(rows), model.predict(rows))
    golden = content(ws, run, "models/model/golden.json")
    assert replay(again, golden).agrees
    assert ws.blobs.has(manifest.golden)


def test_without_rows_a_model_is_kept_with_what_it_knows_itself(ws, run):
    rows, target = small_data()
    log_model(ws, run=run, model=Ridge().fit(rows, target), name="named")
    log_model(ws, run=run, model=Ridge().fit(rows.to_numpy(), target), name="nameless")
    named, nameless = manifest_of(ws, run, "named"), manifest_of(ws, run, "nameless")
    assert [column.name for column in named.signature.inputs] == ["dewp", "temp", "wind"]
    assert nameless.signature.inputs == ()
    assert (named.golden, named.profile) == (None, None)
    assert not any("golden" in name for name in names(ws, run))


def test_what_answers_nothing_and_takes_an_array_is_kept_too(ws, run):
    rows = small_data()[0].to_numpy(float)
    log_model(ws, run=run, model=StandardScaler().fit(rows), name="scaler", data=rows)
    manifest = manifest_of(ws, run, "scaler")
    assert (len(manifest.signature.inputs), manifest.signature.outputs) == (3, ())


def test_a_model_whose_loading_would_run_code_is_refused_and_nothing_of_it_is_kept(ws, run):
    rows, target = small_data()
    unsafe = make_pipeline(FunctionTransformer(lambda table: table * 2), Ridge()).fit(rows, target)
    with pytest.raises(Untrusted) as refused:
        log_model(ws, run=run, model=unsafe, data=rows)
    assert refused.value.remedy
    assert names(ws, run) == []
    assert kept_models(run) == {}


@pytest.mark.parametrize("name", ["", "a/b", "../model"])
def test_the_name_of_a_model_is_one_part_of_a_path(ws, run, name):
    with pytest.raises(Invalid, match="one part of a path") as refused:
        log_model(ws, run=run, model=fitted(), name=name)
    assert "model-small" in refused.value.remedy
    assert names(ws, run) == []


def test_a_run_that_is_not_there_keeps_no_model(ws):
    with pytest.raises(NotFound):
        log_model(ws, run="zzzzzz", model=fitted())


def test_with_register_the_model_has_its_next_version_while_its_run_goes_on(memory_ws):
    run = start_run(memory_ws, name="baseline")
    rows, _ = small_data()
    model = fitted(alpha=0.5)
    version = log_model(memory_ws, run=run.id[-6:], model=model, name="pm25", data=rows, register=True)
    assert isinstance(version, ModelVersion)
    assert (version.reference, version.run) == ("pm25:1", run.id)
    assert np.array_equal(load_model(memory_ws, "pm25:1").predict(rows), model.predict(rows))
    finish_run(memory_ws, run=run.id)


def test_the_card_is_told_once_of_the_models_a_run_kept_each_as_it_was_last(ws, run):
    for name, alpha in (("model", 0.5), ("small", 9.0), ("model", 2.0)):
        keep_model(ws, run, Ridge(alpha=alpha).fit(*small_data()), name, signature=Signature())
    assert {name: kept.params["alpha"] for name, kept in kept_models(run).items()} == {
        "model": "2.0",
        "small": "9.0",
    }
    assert kept_models(run) == {}


def test_models_that_no_card_asks_for_never_hide_one_that_a_card_will_show(memory_ws):
    """A session may log hundreds in blocks and loops before a cell is tracked."""
    model = Ridge().fit(*small_data())
    runs = []
    for number in range(103):
        runs.append(start_run(memory_ws, name=f"r{number}").id)
        finish_run(memory_ws, run=runs[-1])
        keep_model(memory_ws, runs[-1], model, "model", signature=Signature())
    keep_model(memory_ws, runs[-1], Ridge(alpha=7.0).fit(*small_data()), "model", signature=Signature())
    assert kept_models(runs[-1])["model"].params["alpha"] == "7.0"
    told = [run for run in runs[:-1] if kept_models(run)]
    assert told == runs[3:-1]  # the oldest are given up, so that they do not pile up either


def described(version: ModelVersion) -> tuple[object, object]:
    return version.signature, version.profile


def test_a_model_logged_by_hand_has_all_that_autolog_saw_of_its_fit(place):
    rows, target = small_data()
    with mlops.track("by hand") as run:
        model = Ridge().fit(rows, target)
        version = run.log_model(model, name="pm25", register=True)
    by_itself = register_version(place, model="same", run=run.id)
    assert described(version) == described(by_itself)
    assert [column.dtype for column in version.signature.inputs] == ["float64", "float64", "int64"]
    assert (len(version.signature.outputs), version.profile.rows) == (1, 80)
    golden = content(place, run.id, "models/pm25/golden.json")
    assert golden == content(place, run.id, "models/model/golden.json")
    assert replay(model, golden).agrees


def test_of_several_fits_each_model_has_what_was_seen_of_its_own(place):
    """A loop over settings, the best of which is logged: it is not the last one."""
    rows, target = small_data()
    with mlops.track("loop") as run:
        models = [Ridge().fit(rows[names], target) for names in (["dewp", "temp"], ["temp"], ["wind"])]
        again = Ridge().fit(rows[["dewp"]], target)
        again.fit(rows[["wind"]], target)
        for number, model in enumerate((*models, again)):
            run.log_model(model, f"m{number}")
    kept = [manifest_of(place, run.id, f"m{number}") for number in range(4)]
    inputs = [[column.name for column in manifest.signature.inputs] for manifest in kept]
    assert inputs == [["dewp", "temp"], ["temp"], ["wind"], ["wind"]]
    for number, model in enumerate((*models, again)):
        assert replay(model, content(place, run.id, f"models/m{number}/golden.json")).agrees


def test_a_model_that_went_on_in_batches_has_what_was_seen_of_them_and_not_of_the_fit_before(place):
    rows, target = small_data()
    with mlops.track("batches") as run:
        model = SGDRegressor(random_state=1).fit(rows, target)
        model.partial_fit(rows[["dewp", "temp", "wind"]][:30], target[:30])
        run.log_model(model)
    assert manifest_of(place, run.id, "model").profile.rows == 30
    with mlops.track("later") as run:
        model.partial_fit(rows[:20], target[:20])
        run.log_model(model)
    manifest = manifest_of(place, run.id, "model")
    assert [column.name for column in manifest.signature.inputs] == list(rows.columns)
    assert place.blobs.has(manifest.golden)


def test_a_pipeline_a_search_and_the_best_of_one_have_what_was_seen_too(place):
    rows, target = small_data()
    with mlops.track("searched") as run:
        search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 1.0]}, cv=2)
        search.fit(rows, target)
        pipeline = fitted()
        for name, model in (("search", search), ("best", search.best_estimator_), ("pipeline", pipeline)):
            run.log_model(model, name)
    for name in ("search", "best", "pipeline"):
        manifest = manifest_of(place, run.id, name)
        assert [column.dtype for column in manifest.signature.inputs] == ["float64", "float64", "int64"]
        assert (manifest.profile.rows, len(manifest.signature.outputs)) == (80, 1)
        assert place.blobs.has(manifest.golden)


def test_data_that_are_given_go_before_what_autolog_saw(place):
    rows, target = small_data()
    with mlops.track("given") as run:
        model = Ridge().fit(rows, target)
        run.log_model(model, "few", data=rows[:10])
    assert manifest_of(place, run.id, "few").profile.rows == 10


def test_where_autolog_saw_no_fit_of_this_very_model_only_what_it_knows_itself_is_kept(place):
    from copy import deepcopy

    rows, target = small_data()
    early = Ridge().fit(rows, target)
    with mlops.track("unseen") as run:
        model = Ridge().fit(rows, target)
        run.log_model(early, "early")
        run.log_model(deepcopy(model), "twin")
        run.log_model(StandardScaler().fit(rows), "step")
    run.log_model(model, "late")  # it may have been fitted anew since
    for name in ("early", "twin", "step", "late"):
        manifest = manifest_of(place, run.id, name)
        assert [column.dtype for column in manifest.signature.inputs] == ["", "", ""]
        assert (manifest.signature.outputs, manifest.profile, manifest.golden) == ((), None, None)


def test_a_model_fitted_on_sparse_rows_keeps_the_names_it_knows_and_what_it_answers(place):
    from scipy.sparse import csr_array

    rows, target = small_data()
    with mlops.track("sparse") as run:
        run.log_model(Ridge().fit(csr_array(rows.to_numpy(float)), target), "sparse")
    manifest = manifest_of(place, run.id, "sparse")
    assert (manifest.signature.inputs, len(manifest.signature.outputs)) == ((), 1)


def test_the_rows_that_prove_a_model_are_asked_of_it_in_silence_and_count_as_no_prediction(place, capsys):
    from sklearn.metrics import mean_absolute_error

    rows, target = small_data()
    with mlops.track("quiet") as run:
        model = Ridge().fit(rows, target)
        run.log_model(model, "pm25")
        mean_absolute_error(target[:9], model.predict(rows[:9]))
    kept = get_run(place, run.id)
    assert "mae" in kept.metrics
    assert not any("several models" in note for note in kept.notes)
    assert capsys.readouterr() == ("", "")
