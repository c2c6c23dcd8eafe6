"""Seeds, read off the code of a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jupyter_mlops.records.source import CellExecution, CellStatus
from jupyter_mlops.tracking.seeds import seeds_for_all, seeds_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


def cells(*sources: str) -> list[CellExecution]:
    return [
        CellExecution(
            session="s", sequence=n, cell=None, position=None, count=n, source=source, source_digest="",
            started=AT, ended=AT, status=CellStatus.OK,
        )
        for n, source in enumerate(sources, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import random; random.seed(1)", "random.seed(1)"),
        ("np.random.seed(42)", "np.random.seed(42)"),
        ("rng = np.random.default_rng(7)", "np.random.default_rng(7)"),
        ("torch.manual_seed(0)", "torch.manual_seed(0)"),
        ("m = Forest(depth=3, random_state=5)", "Forest(random_state=5)"),
        ("def f():\n    random.seed(2)", "random.seed(2)"),
        ("%time random.seed(3)", "random.seed(3)"),
    ],
)
def test_every_usual_way_to_seed_is_seen(source, said):
    assert seeds_of(cells(source)) == (said,)


def test_names_are_given_with_the_values_that_cells_assign_them():
    assert seeds_of(cells("SEED = 42", "np.random.seed(SEED)", "Forest(random_state=SEED)")) == (
        "np.random.seed(42)",
        "Forest(random_state=42)",
    )


@pytest.mark.parametrize(
    ("before", "source", "said"),
    [
        ("SEED = 42", "np.random.seed(SEED + 1)", "np.random.seed(43)"),
        ("SEED, FOLD = 42, 3", "Forest(random_state=SEED * 10 + FOLD % 2)", "Forest(random_state=421)"),
        ("SEED = 42", "np.random.seed([SEED, 1])", "np.random.seed([SEED, 1])"),
        ("SEED = 42", "np.random.seed(SEED + fold)", "np.random.seed(SEED + fold)"),
        ("SEED = 42", "np.random.seed(SEED // 0)", "np.random.seed(SEED // 0)"),
        ("SEED = 42", "np.random.seed(2 ** SEED)", "np.random.seed(2 ** SEED)"),
        ("SEED = 0.5", "np.random.seed(SEED * 2)", "np.random.seed(SEED * 2)"),
        ("SEED = 'ab'", "np.random.seed(SEED * 1000000)", "np.random.seed(SEED * 1000000)"),
        ("SEED = 42", "SEED += 1; np.random.seed(SEED)", "np.random.seed(SEED)"),
        ("SEED = 42", "for SEED in range(3): np.random.seed(SEED)", "np.random.seed(SEED)"),
        ("seed = 42", "def f(seed):\n    np.random.seed(seed)", "np.random.seed(seed)"),
        ("SEED = 42", "from config import SEED\nnp.random.seed(SEED)", "np.random.seed(SEED)"),
        ("SEED = 42\nSEED = draw()", "np.random.seed(SEED)", "np.random.seed(SEED)"),
    ],
)
def test_numbers_are_worked_out_and_what_is_not_known_is_left_as_it_is_written(before, source, said):
    assert seeds_of(cells(before, source)) == (said,)


def test_a_name_has_the_value_it_had_when_the_generator_was_seeded():
    first = ("SEED = 1", "np.random.seed(SEED)")
    assert seeds_of(cells(*first, "SEED = 2")) == ("np.random.seed(1)",)
    assert seeds_of(cells(*first, "SEED = 2", "random.seed(SEED)")) == ("np.random.seed(1)", "random.seed(2)")
    unsure = cells("SEED = 1", "exec(text)", "np.random.seed(SEED)")
    unsure[1] = replace(unsure[1], opaque=True)
    assert seeds_of(unsure) == ("np.random.seed(SEED)",)


@pytest.mark.parametrize(
    "source",
    [
        "run.log_params(seed=3)",
        "mlflow.log_param('a', seed=3)",
        "print(dict(seed=3))",
        "'{seed}'.format(seed=3)",
        "run.log(seed=3)",
    ],
)
def test_what_only_tells_of_a_seed_is_no_seeding(source):
    assert seeds_of(cells(source, "LogisticRegression(random_state=1)")) == (
        "LogisticRegression(random_state=1)",
    )


def test_a_generator_seeded_again_counts_as_it_was_seeded_last():
    assert seeds_of(cells("random.seed(1)", "random.seed(2)")) == ("random.seed(2)",)


def test_what_seeds_nothing_is_not_named():
    assert seeds_of(cells("seed = 1", "default_rng()", "# random.seed(1)", "if:")) == ()


def test_some_calls_seed_what_all_code_uses_and_some_a_generator_of_their_own():
    assert seeds_for_all("numpy.random.seed")
    assert seeds_for_all("seed_everything")
    assert not seeds_for_all("numpy.random.default_rng")
    assert not seeds_for_all("RandomForestRegressor")


def test_of_cells_a_run_does_not_rest_on_only_what_seeds_for_all_counts():
    chain = cells(
        "np.random.seed(1)", "split(X, random_state=7)", "Forest(random_state=3)", "y = default_rng(4)"
    )
    assert seeds_of(chain, {chain[2].sequence}) == ("np.random.seed(1)", "Forest(random_state=3)")
    assert len(seeds_of(chain)) == 4
