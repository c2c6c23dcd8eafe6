"""NumPy, pandas, Matplotlib, random generators, the shell."""

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
        "a_seed_that_is_none_by_another_name_draws_from_the_seeded_generator",
        [
            ("a", "import numpy as np\nfrom sklearn.model_selection import train_test_split\nnp.random.seed(1)"),
            ("b", "settings = {'seed': None}\nseed = settings['seed']"),
            ("c", "train_test_split([1, 2, 3, 4], random_state=seed)"),
            ("d", "train_test_split([1, 2, 3, 4], random_state=7)"),
            ("e", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "the_generator_that_all_share_is_the_same_by_another_name",
        [
            ("a", "import numpy as np\nfrom sklearn.utils import check_random_state\nnp.random.seed(1)"),
            ("b", "rng = check_random_state(None)"),
            ("c", "rng.rand(3)"),
            ("d", "check_random_state(7).rand(3)"),
            ("e", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "an_array_that_scipy_works_in_by_the_place_of_a_word_is_changed",
        [
            ("a", "import numpy as np\nfrom scipy import linalg, special\na = np.array([[2.0, 1.0], [1.0, 3.0]], order='F')"),
            ("b", "linalg.lu_factor(a, True)"),
            ("c", "linalg.det(a)"),
            ("d", "special.expit(np.ones((2, 2)), a)"),
            ("e", "result = a.round(6).tolist()"),
        ],
        ["a:1", "b:2", "d:4", "e:5"],
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
        "a_question_to_something_unknown_may_change_it",
        [
            ("a", "from tests.capture import strange\ns = strange.Sampler()"),
            ("b", "s.sample()"),
            ("c", "s.head()"),
            ("d", "s.items()"),
            ("e", "result = s.sample()"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "a_function_in_a_list_that_changes_its_argument_does",
        [
            ("a", "import random\nrandom.seed(3)\nxs = list(range(9))"),
            ("b", "for step in [random.shuffle]:\n    step(xs)"),
            ("c", "result = xs"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_list_of_functions_is_a_list",
        [
            ("a", "import math\nfrom tests.capture import strange"),
            ("b", "fs = [math.sqrt, math.exp]"),
            ("c", "strange.drop_last(fs)"),
            ("d", "result = len(fs)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
]  # fmt: skip
