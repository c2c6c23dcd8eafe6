"""NumPy, pandas, scikit-learn, Matplotlib, random generators."""

from __future__ import annotations

from tests.capture.cases.case import NUMPY, PANDAS, Case

CASES = [
    Case(
        "looking_at_a_frame_is_dropped",
        [
            ("a", PANDAS),
            ("b", "df.head()"),
            ("c", "print(df.shape, len(df), df.describe())"),
            ("d", "result = df.a.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "another_computation_is_dropped",
        [("a", PANDAS), ("b", "other = df.groupby('a').b.mean()\nother = other * 2"), ("c", "result = df.b.sum()")],
        ["a:1", "c:3"],
    ),
    Case(
        "an_assignment_to_a_column_is_kept",
        [("a", PANDAS), ("b", "df['c'] = df.a * 2"), ("c", "result = df.sum().tolist()")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_change_through_a_view_is_kept",
        [("a", NUMPY), ("b", "v = X[:, 0]"), ("c", "v[0] = 100"), ("d", "result = X.sum()")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_change_to_a_copy_is_dropped",
        [("a", NUMPY), ("b", "v = X.copy()"), ("c", "v[0] = 100"), ("d", "result = X.sum()")],
        ["a:1", "d:4"],
    ),
    Case(
        "a_function_handed_to_a_frame_is_called",
        [
            ("a", PANDAS),
            ("b", "seen = []"),
            ("c", "df.a.apply(lambda v: seen.append(v))"),
            ("d", "result = len(seen)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "shuffling_in_place_is_kept",
        [
            ("a", "import random\nrandom.seed(3)"),
            ("b", "xs = list(range(10))"),
            ("c", "random.shuffle(xs)"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "every_draw_after_a_seed_counts",
        [
            ("a", "import numpy as np\nnp.random.seed(3)"),
            ("b", "unused = np.random.rand(5)"),
            ("c", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_new_seed_makes_earlier_draws_irrelevant",
        [
            ("a", "import numpy as np"),
            ("b", "np.random.seed(3)\nunused = np.random.rand(5)"),
            ("c", "np.random.seed(4)"),
            ("d", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "c:3", "d:4"],
    ),
    Case(
        "a_generator_object_counts_every_draw",
        [
            ("a", "import numpy as np\nrng = np.random.default_rng(1)"),
            ("b", "unused = rng.normal(size=3)"),
            ("c", "result = rng.normal(size=2).tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
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
        "inplace_changes_its_frame",
        [("a", PANDAS), ("b", "df.sort_values('a', inplace=True)"), ("c", "result = df.b.tolist()")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_method_result_kept_for_oneself_is_dropped",
        [("a", PANDAS), ("b", "ordered = df.sort_values('a')\nordered['b'] = 0"), ("c", "result = df.b.tolist()")],
        ["a:1", "c:3"],
    ),
    Case(
        "a_masked_copy_changed_is_dropped",
        [("a", PANDAS), ("b", "big = df[df.a > 1]\nbig = big.assign(c=1)"), ("c", "result = df.b.tolist()")],
        ["a:1", "c:3"],
    ),
    Case(
        "an_output_array_is_changed",
        [("a", NUMPY), ("b", "np.multiply(y, 2, out=y)"), ("c", "result = y.sum()")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "drawing_is_dropped",
        [
            ("a", NUMPY),
            ("b", "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt"),
            ("c", "fig, ax = plt.subplots()\nax.plot(y)\nax.set_title('y')\nplt.close(fig)"),
            ("d", "result = y.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "a_library_that_was_patched_is_kept",
        [
            ("a", PANDAS),
            ("b", "pd.DataFrame.twice = lambda self: self * 2"),
            ("c", "other = 1"),
            ("d", "result = df.twice().a.tolist()"),
        ],
        ["a:1", "b:2", "d:4"],
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
        "fillna_in_place_on_a_column_is_kept",
        [
            ("a", "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame({'a': [1.0, np.nan]})"),
            ("b", "df.fillna(0, inplace=True)"),
            ("c", "result = df.a.tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "insert_pop_and_drop_of_columns",
        [
            ("a", PANDAS),
            ("b", "df.insert(0, 'z', 1)"),
            ("c", "df.pop('a')"),
            ("d", "df.drop(columns='z')"),
            ("e", "result = df.columns.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "loc_and_iloc_write_into_their_frame",
        [
            ("a", PANDAS),
            ("b", "df.loc[0, 'a'] = 9"),
            ("c", "df.iloc[1, 1] = 8"),
            ("d", "df.at[2, 'a'] = 7"),
            ("e", "result = df.values.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "an_index_set_on_a_frame_is_kept",
        [
            ("a", PANDAS),
            ("b", "df.index = ['x', 'y', 'z']"),
            ("c", "df.columns = ['p', 'q']"),
            ("d", "result = df.loc['x'].tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_module_attribute_replaced_reaches_its_users",
        [
            ("a", "import textwrap\nx = 'a'"),
            ("b", "textwrap.twice = lambda v: v * 2"),
            ("c", "other = 1"),
            ("d", "result = textwrap.twice(x)"),
        ],
        ["a:1", "b:2", "d:4"],
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
        "a_figure_begun_in_one_cell_and_finished_in_another_is_dropped",
        [
            ("a", NUMPY),
            ("b", "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nfig, axes = plt.subplots(1, 2)"),
            ("c", "axes[0].scatter(X[:, 0], y)\naxes[0].set(title='t')"),
            ("d", "plt.title('second')\nplt.legend(['a'])\nplt.close()"),
            ("e", "result = y.sum()"),
        ],
        ["a:1", "e:5"],
    ),
    Case(
        "run_keeps_everything_before_it",
        [("a", "x = 1"), ("b", "%run other.py"), ("c", "z = 2"), ("d", "result = x")],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "a_shell_line_assigned_is_followed",
        [("a", "names = !ls"), ("b", "names.append('x')"), ("c", "result = 3 if names else 4")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_shell_line_that_writes_is_kept_for_readers_of_files",
        [
            ("a", "!echo 1 > made.txt"),
            ("b", "x = 5"),
            ("c", "import os\nresult = (os.path.exists('made.txt'), x)[1]"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_cell_in_bash_is_kept_for_readers_of_files",
        [
            ("a", "%%bash\necho 1 > made.txt"),
            ("b", "x = 5"),
            ("c", "import os\nresult = (os.path.exists('made.txt'), x)[1]"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_seed_set_twice_keeps_the_last",
        [
            ("a", "import random"),
            ("b", "random.seed(1)"),
            ("c", "random.seed(2)"),
            ("d", "result = random.random()"),
        ],
        ["a:1", "c:3", "d:4"],
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
]  # fmt: skip
