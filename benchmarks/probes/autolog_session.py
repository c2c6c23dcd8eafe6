"""The same cells, each in a run of its own, under MLflow's autolog or ours; prints what each run holds, as JSON.

Usage: autolog_session.py ours|mlflow
"""

from __future__ import annotations

import json
import linecache
import os
import sys
import warnings

warnings.simplefilter("ignore")

SETUP = """
import numpy as np
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.experimental import enable_halving_search_cv
from sklearn.model_selection import HalvingGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = (X - X.mean()) / X.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""

CELLS = {
    "classifier": "model = LogisticRegression(C=0.5).fit(X_train, y_train)",
    "regressor": "model = Ridge().fit(X_train, X_train.iloc[:, 0])",
    "held out": """
model = LogisticRegression().fit(X_train, y_train)
predicted = model.predict(X_test)
metrics.accuracy_score(y_test, predicted)
model.score(X_test, y_test)
""",
    "held out, column of probabilities": """
model = LogisticRegression().fit(X_train, y_train)
chances = model.predict_proba(X_test)[:, 1]
metrics.roc_auc_score(y_test, chances)
""",
    "held out, threshold": """
model = LogisticRegression().fit(X_train, y_train)
chances = model.predict_proba(X_test)[:, 1]
metrics.f1_score(y_test, chances > 0.4)
""",
    "custom scorer": """
model = LogisticRegression().fit(X_train, y_train)
metrics.make_scorer(metrics.fbeta_score, beta=2)(model, X_test, y_test)
""",
    "pipeline": "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)",
    "grid search": """
search = GridSearchCV(LogisticRegression(), {"C": np.logspace(-3, 3, 12)}, cv=3).fit(X_train, y_train)
""",
    "halving search": """
search = HalvingGridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=3).fit(X_train, y_train)
""",
    "cross_val_score": "scores = cross_val_score(LogisticRegression(), X, y, cv=5)",
    "partial_fit": """
model = SGDClassifier(random_state=0)
for start in range(0, 400, 100):
    model.partial_fit(X_train[start:start + 100], y_train[start:start + 100], classes=[0, 1])
""",
    "two fits": """
first = LogisticRegression(C=0.1).fit(X_train, y_train)
second = LogisticRegression(C=10).fit(X_train, y_train)
""",
    "clusterer": "model = KMeans(3, n_init=1, random_state=0).fit(X_train)",
    "transformer": "scaler = StandardScaler().fit(X_train)",
    "a fit that raises": "model = LogisticRegression(C=-1).fit(X_train, y_train)",
}


def cells():
    names = {"__name__": "__main__"}
    exec(compile(SETUP, "<setup>", "exec"), names)
    for title, source in CELLS.items():
        file = f"<{title}>"
        linecache.cache[file] = (
            len(source),
            None,
            source.splitlines(keepends=True),
            file,
        )  # as a notebook does
        yield title, compile(source, file, "exec"), names


def ours():
    import jupyter_mlops
    from jupyter_mlops.tracking import find_artifacts, find_runs, get_run
    from jupyter_mlops.tracking.here import here

    with open("pyproject.toml", "w"):
        pass
    jupyter_mlops.autolog()
    found = {}

    def described(run):
        kept = get_run(here(), run)
        return {
            "params": dict(kept.params),
            "metrics": dict(kept.metrics),
            "inputs": [[one.name, one.role] for one in kept.inputs],
            "files": sorted(one.name for one in find_artifacts(here(), run=run)),
            "notes": list(kept.notes),
        }

    for title, code, names in cells():
        failure = ""
        with jupyter_mlops.track(title) as run:
            try:
                exec(code, names)
            except Exception as trouble:
                failure = f"{type(trouble).__name__}: {trouble}"
        children = find_runs(here(), f"parent = '{run.id}'")
        found[title] = {
            **described(run.id),
            "failure": failure,
            "children": [described(child.id) for child in children],
        }
    return found


def mlflow():
    import logging

    import mlflow

    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.sklearn.autolog()
    client = mlflow.MlflowClient()
    experiment = mlflow.set_experiment("all").experiment_id
    found = {}

    def files(run, folder=None):
        for one in client.list_artifacts(run, folder):
            yield from files(run, one.path) if one.is_dir else [one.path]

    def described(run):
        models = mlflow.search_logged_models(
            [experiment], filter_string=f"source_run_id = '{run.info.run_id}'", output_format="list"
        )
        return {
            "params": dict(run.data.params),
            "metrics": dict(run.data.metrics),
            "inputs": [[one.dataset.name, one.tags[0].value] for one in run.inputs.dataset_inputs],
            "files": sorted(files(run.info.run_id)) + [f"models/{model.name}" for model in models],
            "tags": {k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.source")},
        }

    for title, code, names in cells():
        failure = ""
        with mlflow.start_run(run_name=title) as run:
            try:
                exec(code, names)
            except Exception as trouble:
                failure = f"{type(trouble).__name__}: {trouble}"
        identity = run.info.run_id
        children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{identity}'")
        found[title] = {
            **described(client.get_run(identity)),
            "failure": failure,
            "children": [described(one) for one in children],
        }
    return found


if __name__ == "__main__":
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    print(json.dumps({"ours": ours, "mlflow": mlflow}[sys.argv[1]](), default=str))
