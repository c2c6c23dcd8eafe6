"""scikit-learn: what fits, what predicts, what is told not to copy."""

from __future__ import annotations

from tests.capture.cases.case import NUMPY, Case

CASES = [
    Case(
        "a_split_without_its_own_seed_draws_from_the_seeded_generator",
        [
            ("a", "import numpy as np\nfrom sklearn.model_selection import train_test_split\nnp.random.seed(1)"),
            ("b", "train_test_split([1, 2, 3, 4])"),
            ("c", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "fitting_a_model_changes_the_model_and_not_its_data",
        [
            ("a", NUMPY),
            ("b", "from sklearn.linear_model import Ridge"),
            ("c", "other = Ridge(alpha=9).fit(X, y)\nprint(other.score(X, y))"),
            ("d", "model = Ridge()"),
            ("e", "model.fit(X, y)"),
            ("f", "result = model.coef_.tolist()"),
        ],
        ["a:1", "b:2", "d:4", "e:5", "f:6"],
    ),
    Case(
        "a_scaler_told_not_to_copy_changes_its_data",
        [
            ("a", NUMPY),
            ("b", "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler(copy=False)"),
            ("c", "scaler.fit_transform(X)"),
            ("d", "result = X.sum().round(6)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_pipeline_fits_what_it_holds",
        [
            ("a", NUMPY),
            ("b", "from sklearn.preprocessing import StandardScaler\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.linear_model import Ridge"),
            ("c", "scaler = StandardScaler()"),
            ("d", "pipe = make_pipeline(scaler, Ridge())"),
            ("e", "pipe.fit(X, y)"),
            ("f", "result = scaler.mean_.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5", "f:6"],
    ),
    Case(
        "an_option_of_a_library_reaches_its_objects",
        [
            ("a", NUMPY + "\nimport sklearn\nfrom sklearn.preprocessing import StandardScaler"),
            ("b", "sklearn.set_config(transform_output='pandas')"),
            ("c", "scaler = StandardScaler()"),
            ("d", "result = type(scaler.fit_transform(X)).__name__\nsklearn.set_config(transform_output='default')"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_hyperparameter_dictionary_is_not_danger",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "params = {'alpha': 3.0}\nother = Ridge(**params).fit(X, y)"),
            ("c", "result = X.sum()"),
        ],
        ["a:1", "c:3"],
    ),
    Case(
        "a_dictionary_that_says_do_not_copy_is",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "params = {'copy_X': False}\nother = Ridge(**params).fit(X, y)"),
            ("c", "result = X.shape"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_fitted_transformer_is_kept_with_its_fit",
        [
            ("a", NUMPY + "\nfrom sklearn.preprocessing import StandardScaler"),
            ("b", "scaler = StandardScaler()"),
            ("c", "scaler.fit(X)"),
            ("d", "print(scaler.mean_)"),
            ("e", "result = scaler.transform(X).sum().round(6)"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_model_fitted_again_rests_on_the_last_fit_and_what_it_was_made_of",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import SGDRegressor"),
            ("b", "m = SGDRegressor(random_state=0)"),
            ("c", "m.partial_fit(X, y)"),
            ("d", "m.partial_fit(X[:5], y[:5])"),
            ("e", "result = m.coef_.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "parameters_set_later_are_kept",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "m = Ridge()"),
            ("c", "m.set_params(alpha=50)"),
            ("d", "result = m.fit(X, y).coef_.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_clone_shares_nothing",
        [
            ("a", NUMPY + "\nfrom sklearn.base import clone\nfrom sklearn.linear_model import Ridge"),
            ("b", "m = Ridge().fit(X, y)"),
            ("c", "clone(m).set_params(alpha=9).fit(X, y)"),
            ("d", "result = m.coef_.tolist()"),
        ],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "cross_validation_leaves_the_model_alone",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge\nfrom sklearn.model_selection import cross_val_score"),
            ("b", "m = Ridge()"),
            ("c", "print(cross_val_score(m, X, y).mean())"),
            ("d", "result = m.fit(X, y).coef_.tolist()"),
        ],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "a_search_fits_a_copy_of_its_model",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge\nfrom sklearn.model_selection import GridSearchCV"),
            ("b", "search = GridSearchCV(Ridge(), {'alpha': [1, 10]})"),
            ("c", "search.fit(X, y)"),
            ("d", "print(search.best_params_)"),
            ("e", "result = search.best_score_"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_model_without_its_own_seed_draws_from_the_seeded_generator",
        [
            ("a", "import numpy as np\nfrom sklearn.ensemble import RandomForestRegressor\nnp.random.seed(1)"),
            ("b", "RandomForestRegressor(n_estimators=2).fit([[1], [2]], [1, 2])"),
            ("c", "result = np.random.rand()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_dictionary_that_something_unknown_got_may_say_do_not_copy",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge\nfrom tests.capture import strange"),
            ("b", "params = {'alpha': 3.0}"),
            ("c", "strange.tell_not_to_copy(params)"),
            ("d", "other = Ridge(**params).fit(X, y)"),
            ("e", "result = X.sum()"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "functions_of_a_library_in_a_list_are_what_they_are",
        [
            ("a", NUMPY + "\nfrom sklearn.metrics import mean_absolute_error, r2_score"),
            ("b", "scores = {}\nfor measure in [mean_absolute_error, r2_score]:\n    scores[measure.__name__] = measure(y, y * 2)"),
            ("c", "result = y.sum()"),
        ],
        ["a:1", "c:3"],
    ),
    Case(
        "models_in_a_list_are_fitted_and_their_data_is_not_changed",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Lasso, Ridge"),
            ("b", "models = [(Ridge(), 'ridge'), (Lasso(), 'lasso')]"),
            ("c", "for model, name in models:\n    model.fit(X, y)\n    print(name, model.predict(X).sum())"),
            ("d", "result = X.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "models_in_a_list_are_fitted",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Lasso, Ridge"),
            ("b", "models = [(Ridge(), 'ridge'), (Lasso(), 'lasso')]"),
            ("c", "for model, name in models:\n    model.fit(X, y)"),
            ("d", "result = models[0][0].coef_.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_class_derived_from_a_model_fits_itself_and_not_its_data",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "class Mine(Ridge):\n    def fit(self, X, y):\n        super().fit(X, y)\n        self.top_ = self.predict(X).max()\n        return self"),
            ("c", "mine = Mine()\nmine.fit(X, y)\nprint(mine.top_)"),
            ("d", "result = X.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "a_class_derived_from_a_model_keeps_its_fit",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "class Mine(Ridge):\n    def fit(self, X, y):\n        super().fit(X, y)\n        self.top_ = self.predict(X).max()\n        return self"),
            ("c", "mine = Mine()"),
            ("d", "mine.fit(X, y)"),
            ("e", "result = mine.coef_.tolist(), mine.top_"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "a_scorer_of_the_notebook_is_read_with_the_model_and_the_data",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge\nfrom sklearn.model_selection import cross_val_score"),
            ("b", "def off(model, X, y):\n    return abs(model.predict(X) - y).max()"),
            ("c", "print(cross_val_score(Ridge(), X, y, scoring=off))"),
            ("d", "result = X.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "a_scorer_that_keeps_a_record_changes_it",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge\nfrom sklearn.model_selection import cross_val_score\nseen = []"),
            ("b", "def off(model, X, y):\n    seen.append(len(y))\n    return abs(model.predict(X) - y).max()"),
            ("c", "cross_val_score(Ridge(), X, y, scoring=off)"),
            ("d", "result = seen"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "kernels_are_added_without_a_trace",
        [
            ("a", NUMPY + "\nfrom sklearn.gaussian_process import GaussianProcessRegressor\nfrom sklearn.gaussian_process.kernels import RBF, WhiteKernel"),
            ("b", "gpr = GaussianProcessRegressor(1.0 * RBF() + WhiteKernel(), optimizer=None).fit(X, y)\nprint(gpr.log_marginal_likelihood(gpr.kernel_.theta))"),
            ("c", "result = X.sum()"),
        ],
        ["a:1", "c:3"],
    ),
    Case(
        "a_picture_of_a_model_is_dropped",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge\nmodel = Ridge().fit(X, y)"),
            ("b", "import matplotlib\nmatplotlib.use('agg')\nfrom sklearn.metrics import PredictionErrorDisplay\nshown = PredictionErrorDisplay.from_estimator(model, X, y)\nshown.ax_.set_title('t')"),
            ("c", "result = model.coef_.tolist()"),
        ],
        ["a:1", "c:3"],
    ),
]  # fmt: skip
