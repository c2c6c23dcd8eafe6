"""What every store must do: records, what removing takes along, and transactions."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import Any

import pytest

from contracts.keeping import found, ids, keep, log, same
from contracts.samples import (
    ANA,
    DIGEST,
    NOON,
    alias,
    artifact,
    cell,
    curve,
    event,
    everything,
    full_run,
    model,
    on_drift,
    point,
    prediction,
    run,
    version,
)
from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.event import chain_digest
from jupyter_mlops.records.job import Job, JobSpec
from jupyter_mlops.records.query import Comparison, Field, Operator, Query, Scope, query
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.shelves import SHELVES


class RecordsContract:
    """Subclass with a fixture ``store``: empty, and the test's own."""

    # ── records ──────────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("shelf", sorted(SHELVES))
    def test_a_record_is_read_as_it_was_written(self, store: Store, shelf: str) -> None:
        record = everything()[shelf]
        with store.write() as tx:
            getattr(tx, shelf).add(record)
        with store.read() as tx:
            kept = getattr(tx, shelf).get(*SHELVES[shelf].key_of(record))
            listed = getattr(tx, shelf).find(Query())
        assert same(kept, record)
        assert [same(one, record) for one in listed] == [True]

    def test_parameters_keep_their_types(self, store: Store) -> None:
        keep(store, full_run())
        with store.read() as tx:
            params = tx.runs.get("r1").params
        assert [type(params[name]) for name in ("alpha", "depth", "on", "none", "text", "ratio")] == [
            float, int, bool, type(None), str, float
        ]  # fmt: skip
        assert math.isnan(params["missing"])
        assert params["bound"] == -math.inf

    def test_text_that_no_database_takes_comes_back_all_the_same(self, store: Store) -> None:
        odd = "a\x00b\udc80c\ue0ff\ue0ff0000d\U0001f600"
        with store.write() as tx:
            tx.runs.add(run("r1", name=odd, params={odd: odd}, tags={odd: odd}, notes=(odd,)))
            tx.artifacts.add(artifact(name=odd))
            tx.metrics.append([point("r1", 1, 4.0, key=odd)])
            tx.cells.append("r1", [replace(cell(1), source=odd, session=odd)])
            (kept,) = tx.events.append([event(odd, odd, said=odd)])
        with store.read() as tx:
            held = tx.runs.get("r1")
            assert (held.name, dict(held.params), dict(held.tags)) == (odd, {odd: odd}, {odd: odd})
            assert dict(held.metrics) == {odd: 4.0}
            assert tx.artifacts.get("r1", odd).name == odd
            assert tx.metrics.history("r1", odd)[0].key == odd
            assert (tx.cells.read("r1")[0].source, tx.cells.read("r1")[0].session) == (odd, odd)
            assert tx.events.read(subject=odd, kind=odd) == (kept,)
            assert chain_digest(kept) == kept.digest
            for scope in ("params", "tags"):
                asked = Comparison(Field(Scope(scope), odd), Operator.EQUAL, odd)
                assert tx.runs.find(Query(where=asked)).total == 1
            assert tx.runs.find(query(order="name", limit=1)).total == 1

    def test_a_text_parameter_that_spells_a_number_stays_text(self, store: Store) -> None:
        keep(store, run(params={"a": "nan", "b": "inf", "c": "1"}))
        with store.read() as tx:
            assert dict(tx.runs.get("r1").params) == {"a": "nan", "b": "inf", "c": "1"}

    def test_a_union_of_records_keeps_its_member(self, store: Store) -> None:
        with store.write() as tx:
            tx.definitions.add(on_drift())
        with store.read() as tx:
            assert tx.definitions.get("d2") == on_drift()

    def test_a_taken_key_is_a_conflict(self, store: Store) -> None:
        keep(store, run())
        with store.write() as tx, pytest.raises(Conflict, match="r1"):
            tx.runs.add(run(name="other"))
        with store.read() as tx:
            assert tx.runs.get("r1").name == "baseline"

    def test_after_a_conflict_the_transaction_goes_on(self, store: Store) -> None:
        with store.write() as tx:
            tx.runs.add(run())
            with pytest.raises(Conflict):
                tx.runs.add(run())
            tx.runs.add(run("r2"))
        assert found(store) == ["r1", "r2"]

    def test_what_is_not_there_is_not_found(self, store: Store) -> None:
        with store.read() as tx:
            with pytest.raises(NotFound, match="run nobody"):
                tx.runs.get("nobody")
            with pytest.raises(NotFound, match="pm25:3"):
                tx.versions.get("pm25", 3)
        with store.write() as tx, pytest.raises(NotFound):
            tx.runs.remove("nobody")

    def test_a_key_with_too_few_parts_is_refused(self, store: Store) -> None:
        with store.read() as tx, pytest.raises(Invalid, match="model, version"):
            tx.versions.get("pm25")

    def test_replacing_keeps_the_newest_or_adds(self, store: Store) -> None:
        with store.write() as tx:
            tx.runs.replace(run(params={"a": 1}, tags={"t": "1"}))
            tx.runs.replace(run(params={"b": 2}, tags={"t": "2"}, status=RunStatus.FINISHED))
        assert found(store, "params.a = 1 or tags.t = '1' or status = 'running'") == []
        assert found(store, "params.b = 2 and tags.t = '2' and status = 'finished'") == ["r1"]

    def test_metrics_given_with_a_run_are_not_kept(self, store: Store) -> None:
        keep(store, run(metrics={"mae": 1.0, "system/cpu": 80.0}))
        with store.read() as tx:
            assert (dict(tx.runs.get("r1").metrics), dict(tx.runs.get("r1").system)) == ({}, {})
        log(store, r1=2.0)
        with store.write() as tx:
            tx.metrics.append([replace(point("r1", 9, 70.0), key="system/cpu")])
            tx.runs.replace(tx.runs.get("r1"))
            assert (dict(tx.runs.get("r1").metrics), dict(tx.runs.get("r1").system)) == (
                {"mae": 2.0},
                {"cpu": 70.0},
            )

    # ── removing ─────────────────────────────────────────────────────────────────────────────────────

    def test_removing_forgets_the_record_and_its_series(self, store: Store) -> None:
        keep(store, full_run(), run("r2"))
        log(store, r1=1.0, r2=2.0)
        with store.write() as tx:
            tx.cells.append("r1", [cell(1)])
            tx.runs.remove("r1")
        with store.read() as tx:
            with pytest.raises(NotFound):
                tx.runs.get("r1")
            assert (list(tx.metrics.read("r1")), tx.metrics.summaries("r1"), list(tx.cells.read("r1"))) == (
                [],
                {},
                [],
            )
        assert found(store, "metrics.mae > 0 or params.depth = 3") == ["r2"]

    @pytest.mark.parametrize(
        ("holder", "record", "held", "key"),
        [
            ("artifacts", artifact(), "runs", ("r1",)),
            ("versions", version(run="r1"), "runs", ("r1",)),
            ("runs", run("child", parent="r1"), "runs", ("r1",)),
            ("jobs", Job(id="j", spec=JobSpec(notebook="n", content=DIGEST), run="r1", queued=NOON, actor=ANA), "runs", ("r1",)),
            ("versions", version(), "models", ("pm25",)),
            ("aliases", alias(), "models", ("pm25",)),
            ("aliases", alias(), "versions", ("pm25", 1)),
            ("runs", run("child", job="j1"), "jobs", ("j1",)),
        ],
    )  # fmt: skip
    def test_what_is_referred_to_stays(
        self, store: Store, holder: str, record: Any, held: str, key: tuple[Any, ...]
    ) -> None:
        kept = {"runs": run(), "models": model(), "versions": version(), "jobs": everything()["jobs"]}
        with store.write() as tx:
            getattr(tx, held).replace(kept[held])
            getattr(tx, holder).replace(record)
            with pytest.raises(Conflict, match=holder):
                getattr(tx, held).remove(*key)
            getattr(tx, holder).remove(*SHELVES[holder].key_of(record))
            getattr(tx, held).remove(*key)

    def test_an_alias_on_another_version_holds_only_that_one(self, store: Store) -> None:
        with store.write() as tx:
            tx.versions.add(version(number=1))
            tx.versions.add(version(number=2))
            tx.aliases.add(alias(number=2))
            tx.versions.remove("pm25", 1)

    # ── transactions ─────────────────────────────────────────────────────────────────────────────────

    def test_a_failed_transaction_leaves_nothing(self, store: Store) -> None:
        keep(store, run())
        log(store, r1=1.0)
        with pytest.raises(RuntimeError), store.write() as tx:
            tx.runs.add(run("r2"))
            tx.runs.replace(run(name="changed"))
            tx.metrics.append([point("r1", 2, 9.0)])
            tx.cells.append("r1", [cell(1)])
            tx.predictions.append([prediction("e", 1)])
            tx.events.append([event()])
            raise RuntimeError
        with store.read() as tx:
            assert tx.runs.find(Query()).total == 1
            assert tx.runs.get("r1").name == "baseline"
            assert tx.metrics.summaries("r1")["mae"].count == 1
            assert tx.metrics.read("r1", after=1) == ()
            assert tx.cells.read("r1") == ()
            assert tx.predictions.read("e") == ()
            assert tx.events.head() is None

    def test_a_transaction_sees_its_own_writes(self, store: Store) -> None:
        with store.write() as tx:
            tx.runs.add(run())
            tx.metrics.append([point("r1", 1, 4.0)])
            assert dict(tx.runs.get("r1").metrics) == {"mae": 4.0}
            assert tx.runs.find(query("metrics.mae = 4")).total == 1

    def test_a_view_sees_one_moment(self, store: Store) -> None:
        keep(store, run())
        with store.read() as before:
            keep(store, run("r2"))
            log(store, r1=1.0)
            assert ids(before.runs.find(Query())) == ["r1"]
            assert before.metrics.summaries("r1") == {}
        assert found(store) == ["r1", "r2"]

    def test_a_view_can_change_nothing(self, store: Store) -> None:
        keep(store, run())
        with store.read() as tx:
            for act in (
                lambda: tx.runs.add(run("r2")),
                lambda: tx.runs.replace(run(name="x")),
                lambda: tx.runs.remove("r1"),
                lambda: tx.metrics.append([point("r1", 1, 1.0)]),
                lambda: tx.metrics.extend([curve("r1", range(1, 3))]),
                lambda: tx.cells.append("r1", [cell(1)]),
                lambda: tx.predictions.append([prediction("e", 1)]),
                lambda: tx.events.append([event()]),
            ):
                with pytest.raises(Invalid, match="reading"):
                    act()

    def test_a_write_inside_a_write_is_refused_at_once(self, store: Store) -> None:
        with store.write(), pytest.raises(Conflict, match="already writing"), store.write():
            pass
        keep(store, run())

    def test_a_view_may_be_opened_inside_a_write(self, store: Store) -> None:
        with store.write() as tx:
            tx.runs.add(run())
            with store.read() as view:
                assert view.runs.find(Query()).total == 0

    def test_writers_in_threads_take_turns(self, store: Store) -> None:
        keep(store, run(tags={"n": "0"}))
        failures: list[BaseException] = []

        def count() -> None:
            try:
                for _ in range(10):
                    with store.write() as tx:
                        held = tx.runs.get("r1")
                        tx.runs.replace(replace(held, tags={"n": str(int(held.tags["n"]) + 1)}))
            except BaseException as failure:  # noqa: BLE001
                failures.append(failure)

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        with store.read() as tx:
            assert tx.runs.get("r1").tags["n"] == "40"

    def test_a_closed_store_opens_anew_when_it_is_used(self, store: Store) -> None:
        keep(store, run())
        store.close()
        store.close()
        with store.read() as tx:
            assert tx.runs.find(Query()).total in {0, 1}
