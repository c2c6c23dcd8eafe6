"""Random generators: whoever sets one or moves it on is kept by whoever draws from it afterwards."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests

FIRST = (
    "import random, statistics\nimport numpy as np\nfrom scipy.optimize import differential_evolution\n"
    "from scipy.stats import norm, gaussian_kde\nfrom sklearn.linear_model import Lasso, LogisticRegression\n"
    "from sklearn.gaussian_process import GaussianProcessRegressor\nfrom sklearn.model_selection import KFold\n"
    "from helper import set_seed\nimport pytorch_lightning as pl\nX = y = [[1]]"
)
DRAW = "x = np.random.rand()"


@pytest.mark.parametrize(
    "moved",
    [
        "LogisticRegression(solver='saga').fit(X, y)",
        "Lasso(selection='random').fit(X, y)",
        "GaussianProcessRegressor(n_restarts_optimizer=1).fit(X, y)",
        "LogisticRegression(**given).fit(X, y)",
        "differential_evolution(abs, [(0, 1)])",
        "norm(0, 1).rvs(3)",
        "gaussian_kde([1, 2]).resample(3)",
        "for a, b in KFold(3, shuffle=True).split(X): pass",
    ],
)
def test_who_draws_from_a_seeded_generator_is_kept_by_who_draws_after_it(moved: str) -> None:
    assert 3 in rests(f"{FIRST}\ngiven = {{}}", "np.random.seed(1)", moved, DRAW)


@pytest.mark.parametrize(
    "moved",
    [
        "LogisticRegression(solver='lbfgs').fit(X, y)",
        "LogisticRegression(solver='saga', random_state=1).fit(X, y)",
        "Lasso(selection='cyclic').fit(X, y)",
        "norm(0, 1).rvs(3, random_state=1)",
        "for a, b in KFold(3).split(X): pass",
    ],
)
def test_who_draws_nothing_or_from_its_own_is_dropped(moved: str) -> None:
    assert 3 not in rests(FIRST, "np.random.seed(1)", moved, DRAW)


@pytest.mark.parametrize("seed", ["set_seed(42)", "pl.seed_everything(42)", "np.random.set_state(state)"])
def test_a_seed_is_known_whoever_sets_it(seed: str) -> None:
    first = f"{FIRST}\nstate = np.random.get_state()"
    assert {2, 3} <= set(rests(first, seed, "a = np.random.rand()", DRAW))
    assert 2 in rests(f"{FIRST}\nstate = random.getstate()", "random.setstate(state)", "x = random.random()")


@pytest.mark.parametrize(
    "asked", ["None", "", "seed=None", "np.random", "nothing", "{'s': None}['s']", "1 if X else None"]
)
@pytest.mark.parametrize(
    "drawn", ["rng.rand()", "rng.shuffle([1, 2])", "next(KFold(3, shuffle=True, random_state=rng).split(X))"]
)
def test_numpys_own_generator_is_the_same_by_whatever_name(asked: str, drawn: str) -> None:
    first = f"{FIRST}\nfrom sklearn.utils import check_random_state\nnothing = None"
    asking = f"rng = check_random_state({asked})"
    assert 3 in rests(first, "np.random.seed(1)", f"{asking}\n{drawn}", DRAW)
    assert 4 in rests(first, "np.random.seed(1)", asking, drawn, DRAW)


@pytest.mark.parametrize(
    ("bound", "given"),
    [
        ("seed = None", "seed"),
        ("cfg = {'seed': None}", "cfg['seed']"),
        ("cfg = {}", "cfg.get('seed')"),
        ("seed = 3 if X else None", "seed"),
        ("def seed():\n    return None", "seed()"),
        ("seeds = [None, 1]", "seeds[0]"),
        ("rng = np.random", "rng"),
        ("rng = np.random.mtrand._rand", "rng"),
        ("rng = np.random.RandomState(1) if X else None", "rng"),
        ("rng = None\nif X:\n    rng = np.random.default_rng(1)", "rng"),
        ("d = {'s': None, 'a': [1]}\nrng = d['s']", "rng"),
        ("from sklearn.utils import check_random_state\nseed = None\nrng = check_random_state(seed)", "rng"),
    ],
)
@pytest.mark.parametrize(
    "drawn",
    [
        "RandomForestClassifier(random_state={}).fit(X, y)",
        "norm(0, 1).rvs(3, random_state={})",
        "pd.DataFrame([[1], [2]]).sample(1, random_state={})",
    ],
)
def test_a_seed_that_may_be_none_is_none(bound: str, given: str, drawn: str) -> None:
    first = f"{FIRST}\nimport pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier"
    assert 4 in rests(first, "np.random.seed(1)", bound, drawn.format(given), DRAW)


@pytest.mark.parametrize(
    ("bound", "given"),
    [
        ("SEED = 42", "SEED"),
        ("SEED = -1\nother = SEED + 1", "other"),
        ("seed = int('3')", "seed"),
        ("for seed in range(3): pass", "seed"),
        ("for seed in (1, 2, 3): pass", "seed"),
        ("for seed in [1, 2]: pass", "seed"),
        ("rng = np.random.RandomState(3)", "rng"),
        ("rng = np.random.default_rng(3)", "rng"),
        ("from sklearn.utils import check_random_state\nrng = check_random_state(3)", "rng"),
        ("from sklearn.utils import check_random_state\nSEED = 3\nrng = check_random_state(SEED)", "rng"),
    ],
)
def test_a_seed_that_is_surely_a_number_or_a_generator_moves_nobody_elses(bound: str, given: str) -> None:
    first = f"{FIRST}\nfrom sklearn.ensemble import RandomForestClassifier"
    fitted = f"RandomForestClassifier(random_state={given}).fit(X, y)"
    assert 4 not in rests(first, "np.random.seed(1)", bound, fitted, DRAW)


def test_a_generator_of_ones_own_moves_nobody_elses() -> None:
    first = f"{FIRST}\nfrom sklearn.utils import check_random_state"
    assert 3 not in rests(first, "np.random.seed(1)", "check_random_state(7).rand()", DRAW)


def test_a_seed_from_the_clock_that_may_not_be_set_leaves_the_one_before() -> None:
    assert 3 in rests(
        f"{FIRST}\ndebug = False",
        "np.random.seed(1)\nif debug:\n    np.random.seed()",
        "a = np.random.rand()",
        DRAW,
    )


def test_a_generator_that_splits_are_shuffled_by_is_moved_on_by_them() -> None:
    first = f"{FIRST}\nrng = np.random.RandomState(1)\nfolds = KFold(3, shuffle=True, random_state=rng)"
    assert 2 in rests(first, "for a, b in folds.split(X): pass", "x = rng.rand()")


def test_a_normal_distribution_draws_from_pythons_generator() -> None:
    first = f"{FIRST}\nrandom.seed(1)\nnormal = statistics.NormalDist(0, 1)"
    assert 2 in rests(first, "normal.samples(3)", "x = random.random()")
    assert 2 not in rests(first, "normal.samples(3, seed=1)", "x = random.random()")
