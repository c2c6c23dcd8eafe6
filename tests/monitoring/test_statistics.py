from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from jupyter_mlops.monitoring.statistics import (
    adjusted,
    chi_square,
    kolmogorov_smirnov,
    population_stability,
    stability_limit,
    two_proportions,
)

RNG = np.random.default_rng(7)


def binned(values: np.ndarray, bins: int = 10) -> tuple[list[float], list[int]]:
    edges = np.quantile(values, np.linspace(0, 1, bins + 1))
    counts, _ = np.histogram(values, edges)
    return edges.tolist(), counts.tolist()


def test_equal_counts_have_no_distance() -> None:
    assert population_stability([10, 20, 30], [100, 200, 300]) == pytest.approx(0, abs=1e-3)
    told = chi_square({"a": 50, "b": 50}, {"a": 500, "b": 500})
    assert (told.effect, told.p_value) == (0, 1)


def test_the_stability_index_is_the_textbook_sum() -> None:
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.3, 0.3])
    expected = float(np.sum((q - p) * np.log(q / p)))
    assert population_stability((p * 1e7).tolist(), (q * 1e7).tolist()) == pytest.approx(expected, rel=1e-4)


def test_an_empty_bin_does_not_make_the_index_infinite() -> None:
    assert math.isfinite(population_stability([0, 100], [100, 0]))


@pytest.mark.parametrize(("rows", "known"), [(200, 0.169), (1000, 0.034), (5000, 0.007)])
def test_the_limit_of_the_index_depends_on_the_rows(rows: int, known: float) -> None:
    assert stability_limit(10, rows, rows, chance=0.05) == pytest.approx(known, abs=0.0006)


def test_the_index_stays_below_its_limit_when_nothing_changed() -> None:
    beyond = sum(
        population_stability(
            RNG.multinomial(500, [0.1] * 10).tolist(), RNG.multinomial(500, [0.1] * 10).tolist()
        )
        > stability_limit(10, 500, 500, chance=0.05)
        for _ in range(400)
    )
    assert beyond <= 0.09 * 400


def test_the_distance_of_a_shifted_sample_is_the_shift_in_deviations() -> None:
    reference = RNG.normal(10, 2, 20_000)
    told = kolmogorov_smirnov(*binned(reference, 40), RNG.normal(11, 2, 20_000), float(reference.std()))
    assert told.effect == pytest.approx(0.5, abs=0.03)
    assert told.p_value < 1e-100


def test_the_probability_agrees_with_the_exact_test_on_fine_bins() -> None:
    reference, window = RNG.normal(size=4000), RNG.normal(0.08, 1, 600)
    exact = stats.ks_2samp(reference, window)
    told = kolmogorov_smirnov(*binned(reference, 400), window, 1.0)
    assert math.log10(told.p_value) == pytest.approx(math.log10(exact.pvalue), abs=0.3)


def test_no_change_is_called_one_in_about_as_many_cases_as_the_level_says() -> None:
    reference = RNG.normal(size=5000)
    edges, counts = binned(reference)
    called = sum(
        kolmogorov_smirnov(edges, counts, RNG.normal(size=300), 1.0).p_value < 0.05 for _ in range(500)
    )
    assert called <= 0.07 * 500


def test_values_outside_the_reference_count() -> None:
    reference = RNG.uniform(0, 1, 2000)
    edges, counts = binned(reference)
    told = kolmogorov_smirnov(edges, counts, np.full(300, 5.0), float(reference.std()))
    assert told.p_value < 1e-10
    assert told.effect > 10


def test_a_constant_reference_is_compared_without_a_crash() -> None:
    assert kolmogorov_smirnov([1.0, 1.0], [500], np.ones(300), 0.0).p_value == pytest.approx(1)
    assert kolmogorov_smirnov([1.0, 1.0], [500], np.full(300, 2.0), 0.0).p_value < 1e-10


def test_the_test_of_categories_is_scipys_where_nothing_is_rare() -> None:
    reference, window = {"a": 300, "b": 200, "c": 500}, {"a": 90, "b": 40, "c": 100}
    exact = stats.chi2_contingency([list(reference.values()), list(window.values())], correction=False)
    assert chi_square(reference, window).p_value == pytest.approx(exact.pvalue)


def test_rare_categories_are_pooled_instead_of_shouting() -> None:
    reference = {"a": 1000, "b": 1000} | {f"rare {n}": 1 for n in range(30)}
    window = {"a": 100, "b": 100, "rare 3": 2, "rare 9": 1}
    assert chi_square(reference, window).p_value > 0.05


def test_a_category_that_vanished_is_seen() -> None:
    told = chi_square({"a": 500, "b": 500}, {"a": 300})
    assert told.p_value < 1e-20
    assert told.effect > 0.4


def test_nothing_in_common_is_the_distance_one() -> None:
    assert chi_square({"a": 10}, {"b": 10}).effect == pytest.approx(1)


def test_two_shares() -> None:
    told = two_proportions(50, 1000, 150, 1000)
    assert told.effect == pytest.approx(0.1)
    assert told.p_value == pytest.approx(1.01e-13, rel=0.1)
    assert two_proportions(0, 100, 0, 50).p_value == 1


def test_adjusted_chances_are_those_of_the_reference_procedure() -> None:
    given = [0.01, 0.04, 0.03, 0.005, 0.9]
    np.testing.assert_allclose(adjusted(given), stats.false_discovery_control(given))
    assert adjusted([]) == []
