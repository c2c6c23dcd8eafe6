"""A fitted model kept with its run: what stands beside its bytes, what is refused, and what the card is told of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from jupyter_mlops.errors import Invalid, NotFound, Untrusted
from jupyter_mlops.formats import load
from jupyter_mlops.formats.golden import replay
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.model import Manifest, ModelVersion, Signature
from jupyter_mlops.registry import load_model
from jupyter_mlops.tracking import find_artifacts, finish_run, log_model, open_artifact, start_run
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
