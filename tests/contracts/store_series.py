"""What every store must do: metric points and curves, cells, predictions and the ledger."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.keeping import keep, log
from contracts.samples import (
    NOON,
    cell,
    curve,
    event,
    point,
    prediction,
    run,
)
from jupyter_mlops.records.event import GENESIS, chain_digest
from jupyter_mlops.records.run import MetricSummary
from jupyter_mlops.store.protocol import Store


class SeriesContract:
    """Subclass with a fixture ``store``: empty, and the test's own."""

    # ── metrics ──────────────────────────────────────────────────────────────────────────────────────

    def test_points_are_read_in_order_and_by_key(self, store: Store) -> None:
        points = [
            point("r1", 3, 3.0),
            point("r1", 1, 1.0),
            point("r1", 2, 2.0, key="r2"),
            point("other", 1, 9.0),
        ]
        with store.write() as tx:
            tx.metrics.append(points)
        with store.read() as tx:
            assert [one.sequence for one in tx.metrics.read("r1")] == [1, 2, 3]
            assert [one.sequence for one in tx.metrics.read("r1", after=1, limit=1)] == [2]
            assert [one.value for one in tx.metrics.history("r1", "mae")] == [1.0, 3.0]
            assert [one.value for one in tx.metrics.history("r1", "mae", after=1)] == [3.0]
            assert list(tx.metrics.history("r1", "nothing")) == []
            assert tx.metrics.read("r1")[0] == point("r1", 1, 1.0)

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.1 + 0.2, 5e-324, 1e308, 3])
    def test_every_float_survives(self, store: Store, value: float) -> None:
        keep(store, run())
        log(store, r1=value)
        with store.read() as tx:
            kept = tx.metrics.read("r1")[0].value
            assert type(kept) is float
            assert repr(kept) == repr(float(value))
            assert repr(tx.runs.get("r1").metrics["mae"]) == repr(float(value))
            assert repr(tx.metrics.summaries("r1")["mae"].last) == repr(float(value))

    def test_odd_numbers_do_not_stop_a_journal(self, store: Store) -> None:
        import numpy as np

        with store.write() as tx:
            tx.metrics.append([
                point("r1", 1, np.float32(0.5), step=np.int64(3)),  # type: ignore[arg-type]
                point("r1", 2, 1, step=10**30),
                point("r1", 3, 2.0, step=2.0),  # type: ignore[arg-type]
            ])  # fmt: skip
            points = tx.metrics.read("r1")
        assert [one.value for one in points] == [0.5, 1.0, 2.0]
        assert [one.step for one in points] == [3, 2**63 - 1, 2]

    def test_a_journal_replayed_twice_adds_once(self, store: Store) -> None:
        points = [point("r1", number, float(number)) for number in range(1, 6)]
        with store.write() as tx:
            tx.metrics.append(points[:3])
        with store.write() as tx:
            tx.metrics.append(points)
            tx.metrics.append([*points, point("r1", 5, 99.0)])
        with store.read() as tx:
            assert [one.value for one in tx.metrics.read("r1")] == [1.0, 2.0, 3.0, 4.0, 5.0]
            assert tx.metrics.summaries("r1") == {
                "mae": MetricSummary(last=5.0, step=0, minimum=1.0, maximum=5.0, mean=3.0, count=5)
            }

    def test_the_first_of_two_points_with_one_sequence_is_kept(self, store: Store) -> None:
        with store.write() as tx:
            tx.metrics.append([point("r1", 1, 1.0), point("r1", 1, 2.0)])
            assert tx.metrics.summaries("r1")["mae"] == MetricSummary(
                last=1.0, step=0, minimum=1.0, maximum=1.0, mean=1.0, count=1
            )

    def test_the_last_value_is_the_one_logged_last_whatever_its_step(self, store: Store) -> None:
        with store.write() as tx:
            tx.metrics.append([point("r1", 2, 2.0, step=1)])
            tx.metrics.append([point("r1", 1, 1.0, step=9)])
            assert (tx.metrics.summaries("r1")["mae"].last, tx.metrics.summaries("r1")["mae"].step) == (
                2.0,
                1,
            )

    def test_what_is_not_a_number_is_counted_but_spoils_no_extreme(self, store: Store) -> None:
        with store.write() as tx:
            tx.metrics.append([point("r1", 1, 1.0), point("r1", 2, math.nan)])
            tx.metrics.append(
                [point("r1", 3, 3.0), point("r1", 4, math.nan), point("r1", 1, math.nan, key="other")]
            )
            tx.metrics.append([point("r2", 1, math.nan)])
            summary, nothing = tx.metrics.summaries("r1")["mae"], tx.metrics.summaries("r2")["mae"]
        assert (summary.minimum, summary.maximum, summary.mean, summary.count) == (1.0, 3.0, 2.0, 4)
        assert math.isnan(summary.last)
        assert [math.isnan(value) for value in (nothing.minimum, nothing.maximum, nothing.mean)] == [True] * 3

    def test_many_points_of_many_runs_go_in_at_once(self, store: Store) -> None:
        points = [
            point(f"r{owner}", number, float(number), key=f"m{number % 7}")
            for owner in range(5)
            for number in range(1, 6001)
        ]
        with store.write() as tx:
            tx.metrics.append(points)
            tx.metrics.append(points)
            assert sum(one.count for one in tx.metrics.summaries("r3").values()) == 6000
            assert len(tx.metrics.read("r3", limit=10_000)) == 6000

    def test_appending_nothing_is_nothing(self, store: Store) -> None:
        with store.write() as tx:
            tx.metrics.append([])
            tx.cells.append("r1", [])
            tx.predictions.append([])
            assert list(tx.events.append([])) == []

    # ── curves ───────────────────────────────────────────────────────────────────────────────────────

    def test_columns_are_kept_like_points(self, store: Store) -> None:
        with store.write() as tx:
            tx.metrics.extend([curve("r1", range(1, 4)), curve("r1", range(4, 6), key="acc")])
            tx.metrics.append([point("r1", 6, 6.0)])
        with store.read() as tx:
            assert [(one.sequence, one.key, one.value) for one in tx.metrics.read("r1")] == [
                (1, "mae", 1.0), (2, "mae", 2.0), (3, "mae", 3.0), (4, "acc", 4.0), (5, "acc", 5.0), (6, "mae", 6.0)
            ]  # fmt: skip
            assert tx.metrics.curve("r1", "mae").points() == list(tx.metrics.history("r1", "mae"))
            assert tx.metrics.curve("r1", "mae", after=3).sequences.tolist() == [6]
            assert len(tx.metrics.curve("r1", "nothing")) == len(tx.metrics.curve("nobody", "mae")) == 0
            assert tx.metrics.summaries("r1")["mae"].count == 4

    def test_columns_sent_twice_or_in_part_add_once(self, store: Store) -> None:
        with store.write() as tx:
            tx.metrics.extend([curve("r1", range(1, 101))])
        with store.write() as tx:
            tx.metrics.extend([curve("r1", range(51, 151)), curve("r1", range(140, 160), key="acc")])
            tx.metrics.extend([curve("r1", range(1, 160))])
        with store.read() as tx:
            points = tx.metrics.read("r1")
            assert [one.sequence for one in points] == list(range(1, 160))
            assert {one.key for one in points if one.sequence > 150} == {"acc"}
            assert [summary.count for summary in tx.metrics.summaries("r1").values()] == [9, 150]

    def test_a_curve_may_arrive_in_pieces_and_in_any_order(self, store: Store) -> None:
        pieces = [range(start, start + 7) for start in range(1, 701, 7)]
        pieces = pieces[::2][::-1] + pieces[1::2] + [range(10**6, 10**6 + 3), range(701, 704)]
        with store.write() as tx:
            for piece in pieces:
                tx.metrics.extend([curve("r1", piece)])
        with store.read() as tx:
            kept = tx.metrics.curve("r1", "mae")
            assert kept.sequences.tolist() == [*range(1, 704), *range(10**6, 10**6 + 3)]
            assert kept.values.tolist() == [float(n) for n in kept.sequences.tolist()]
            assert [one.sequence for one in tx.metrics.read("r1", after=699, limit=5)] == [
                700,
                701,
                702,
                703,
                10**6,
            ]
            assert tx.metrics.summaries("r1")["mae"].last == 10**6 + 2

    def test_steps_and_times_of_any_shape_survive(self, store: Store) -> None:
        import numpy as np

        shapes = {
            "even": range(0, 90, 3),
            "near": [n * n % 251 for n in range(30)],
            "wide": [n * 70_000 * (-1) ** n for n in range(30)],
            "far": [(-1) ** n * 2**62 + n for n in range(30)],
            "edges": [-(2**63), 2**63 - 1, 0] * 10,
        }
        with store.write() as tx:
            for place, (key, steps) in enumerate(shapes.items()):
                one = curve("r1", range(1 + 30 * place, 31 + 30 * place), key=key)
                tx.metrics.extend([replace(one, steps=np.array(list(steps), np.int64))])
        with store.read() as tx:
            for key, steps in shapes.items():
                assert tx.metrics.curve("r1", key).steps.tolist() == list(steps), key

    def test_a_thinned_curve_keeps_its_ends_and_extremes(self, store: Store) -> None:
        import numpy as np

        one = curve("r1", range(1, 20_001))
        values = np.sin(one.values / 500)
        values[[1234, 4321]] = [9.0, -9.0]
        values[7000:7400] = np.nan
        with store.write() as tx:
            tx.metrics.extend([replace(one, values=values)])
        with store.read() as tx:
            thin = tx.metrics.history("r1", "mae", most=400)
            assert 300 < len(thin) <= 400
            assert (thin[0].sequence, thin[-1].sequence) == (1, 20_000)
            assert {9.0, -9.0} <= {one.value for one in thin}
            assert [one.sequence for one in thin] == sorted({one.sequence for one in thin})
            assert [math.isnan(one.value) for one in thin].count(True) >= 1
            assert len(tx.metrics.history("r1", "mae", most=20_000)) == 20_000
            assert len(tx.metrics.history("r1", "mae", most=400, after=19_000)) <= 400
            assert tx.metrics.history("r1", "none", most=400) == ()

    def test_removing_a_run_forgets_its_curves(self, store: Store) -> None:
        keep(store, run("r1"), run("r2"))
        with store.write() as tx:
            tx.metrics.extend([curve("r1", range(1, 9)), curve("r2", range(1, 9))])
            tx.runs.remove("r1")
        with store.write() as tx:
            assert len(tx.metrics.curve("r1", "mae")) == 0
            assert len(tx.metrics.curve("r2", "mae")) == 8
            tx.metrics.extend([curve("r1", range(1, 3))])
            assert tx.metrics.curve("r1", "mae").sequences.tolist() == [1, 2]

    # ── other series ─────────────────────────────────────────────────────────────────────────────────

    def test_cells_are_read_in_the_order_they_ran(self, store: Store) -> None:
        early = NOON - timedelta(hours=1)
        with store.write() as tx:
            tx.cells.append("r1", [cell(3), cell(1)])
            tx.cells.append("r1", [cell(3), cell(2), cell(9, "zz", early)])
            tx.cells.append("r2", [cell(1)])
        with store.read() as tx:
            assert [(one.session, one.sequence) for one in tx.cells.read("r1")] == [
                ("zz", 9), ("s1", 1), ("s1", 2), ("s1", 3)
            ]  # fmt: skip
            assert tx.cells.read("r1")[1] == cell(1)

    def test_a_cell_already_there_is_passed_over(self, store: Store) -> None:
        with store.write() as tx:
            tx.cells.append("r1", [cell(1)])
            tx.cells.append("r1", [replace(cell(1), source="changed")])
            assert [one.source for one in tx.cells.read("r1")] == [cell(1).source]

    def test_predictions_are_kept_once(self, store: Store) -> None:
        with store.write() as tx:
            tx.predictions.append(
                [prediction("e", 2), prediction("e", 1), replace(prediction("e", 1), request="other")]
            )
            tx.predictions.append([replace(prediction("e", 2), request="other"), prediction("f", 1)])
        with store.read() as tx:
            assert tx.predictions.read("e") == (prediction("e", 1), prediction("e", 2))
            assert tx.predictions.read("e", after=1) == (prediction("e", 2),)

    # ── the ledger ───────────────────────────────────────────────────────────────────────────────────

    def test_events_are_numbered_and_chained(self, store: Store) -> None:
        with store.write() as tx:
            first, second = tx.events.append(
                [event(value=1), event(at=NOON, names=("a", "b"), ratio=math.nan)]
            )
        with store.write() as tx:
            (third,) = tx.events.append([event()])
        with store.read() as tx:
            kept = tx.events.read()
            assert tx.events.head() == third
        assert tuple(kept) == (first, second, third)
        assert [one.sequence for one in kept] == [1, 2, 3]
        assert [one.previous for one in kept] == [GENESIS, first.digest, second.digest]
        assert [chain_digest(one) for one in kept] == [one.digest for one in kept]

    def test_events_are_read_by_subject_kind_and_place(self, store: Store) -> None:
        with store.write() as tx:
            tx.events.append([
                event("a", "run.started"), event("b", "run.finished"), event("a", "runner.x"), event("a", "run.finished")
            ])  # fmt: skip
        with store.read() as tx:
            assert [one.sequence for one in tx.events.read(subject="a")] == [1, 3, 4]
            assert [one.sequence for one in tx.events.read(kind="run.")] == [1, 2, 4]
            assert [one.sequence for one in tx.events.read(kind="run.finished", subject="a")] == [4]
            assert [one.sequence for one in tx.events.read(kind="run")] == []
            assert [one.sequence for one in tx.events.read(after=1, limit=2)] == [2, 3]

    def test_numbers_given_with_an_event_are_not_believed(self, store: Store) -> None:
        with store.write() as tx:
            (kept,) = tx.events.append([replace(event(), sequence=99, previous="x", digest="y")])
        assert (kept.sequence, kept.previous, kept.digest) == (1, GENESIS, chain_digest(kept))
