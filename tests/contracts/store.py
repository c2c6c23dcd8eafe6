"""What every store must do. An adapter's own tests subclass this and give it an empty store."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

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
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import GENESIS, chain_digest
from jupyter_mlops.records.job import Job, JobSpec
from jupyter_mlops.records.query import Comparison, Field, Operator, Page, Query, Scope, query
from jupyter_mlops.records.run import Grade, MetricSummary, Run, RunInput, RunStatus
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.shelves import SHELVES


def same(first: Any, second: Any) -> bool:
    """Equality in which what is not a number equals itself."""
    return repr(encode(first)) == repr(encode(second))


def keep(store: Store, *runs: Run) -> None:
    with store.write() as tx:
        for one in runs:
            tx.runs.add(one)


def log(store: Store, **values: float) -> None:
    """Log one value of ``mae`` for each run named."""
    with store.write() as tx:
        tx.metrics.append([point(owner, 1, value) for owner, value in values.items()])


def ids(page: Page[Any]) -> list[str]:
    return [one.id for one in page]


def found(store: Store, where: str = "", order: str = "id") -> list[str]:
    with store.read() as tx:
        return ids(tx.runs.find(query(where, order=order)))


class StoreContract:
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
        keep(store, run(metrics={"mae": 1.0}))
        log(store, r1=2.0)
        with store.write() as tx:
            tx.runs.replace(tx.runs.get("r1"))
            assert dict(tx.runs.get("r1").metrics) == {"mae": 2.0}

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

    # ── finding ──────────────────────────────────────────────────────────────────────────────────────

    def test_without_an_order_the_newest_come_first(self, store: Store) -> None:
        keep(
            store,
            run("r1", started=NOON),
            run("r2", started=NOON + timedelta(hours=1)),
            run("r3", started=NOON),
        )
        with store.read() as tx:
            assert ids(tx.runs.find(Query())) == ["r2", "r3", "r1"]

    def test_without_a_time_the_key_decides(self, store: Store) -> None:
        with store.write() as tx:
            for name in ("b", "a", "B", "ä"):
                tx.artifacts.add(artifact(name=name))
            assert [one.name for one in tx.artifacts.find(Query())] == ["B", "a", "b", "ä"]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ("id = 'r1'", ["r1"]),
            ("id != 'r1'", ["r2", "r3"]),
            ("experiment in ('air', 'water')", ["r1", "r2", "r3"]),
            ("experiment not in ('air')", ["r3"]),
            ("status = 'finished' and grade = 'clean'", ["r2"]),
            ("status = 'FINISHED'", ["r2"]),
            ("archived = true", ["r3"]),
            ("not archived = true", ["r1", "r2"]),
            ("started >= '2026-01-05T13:00:00+00:00'", ["r2", "r3"]),
            ("started >= '2026-01-06'", ["r3"]),
            ("started < '2026-01-05T14:00:00+01:00'", ["r1"]),
            ("started like '2026-01-05%'", ["r1", "r2"]),
            ("ended is null", ["r1", "r3"]),
            ("ended is not null", ["r2"]),
            ("ended != null", ["r2"]),
            ("lease is null", ["r1", "r2", "r3"]),
            ("inputs is null or metrics is null or source is null", []),
            ("name like 'base%'", ["r1", "r2"]),
            ("name like '%line'", ["r1"]),
            ("name like 'Base%'", []),
            ("name like 'b_se%'", []),
            ("name not like 'base%'", ["r3"]),
            ("name like '100%*?[%'", ["r3"]),
            ("source.notebook = 'a.ipynb'", ["r2"]),
            ("source.notebook != 'a.ipynb'", []),
            ("not source.notebook = 'a.ipynb'", ["r1", "r3"]),
            ("source.commit is null", ["r1", "r2"]),
            ("source.commit = 'c0ffee'", ["r3"]),
            ("source.executed > 3", ["r3"]),
            ("actor.authenticated = false", ["r1", "r2", "r3"]),
            ("actor.name = 'ana' or id = 'nobody'", ["r1", "r2", "r3"]),
        ],
    )  # fmt: skip
    def test_attributes_are_compared(self, store: Store, where: str, expected: list[str]) -> None:
        later = NOON + timedelta(hours=1)
        one = run("r1")
        two = run("r2", status=RunStatus.FINISHED, grade=Grade.CLEAN, started=later, ended=later, name="base")
        two = replace(two, source=replace(two.source, notebook="a.ipynb"))
        three = run(
            "r3", experiment="water", archived=True, started=NOON + timedelta(days=1), name="100 *?[ per cent"
        )
        three = replace(three, source=replace(three.source, commit="c0ffee", executed=4))
        keep(store, one, two, three)
        assert found(store, where) == expected

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ("params.alpha > 0.1", ["r2"]),
            ("params.alpha >= 0.1", ["r1", "r2"]),
            ("params.alpha = 1", []),
            ("params.alpha = 'auto'", ["r3"]),
            ("params.alpha != 0.1", ["r2", "r3"]),
            ("not params.alpha = 0.1", ["r2", "r3", "r4"]),
            ("params.alpha > 'a'", ["r3"]),
            ("params.alpha like 'au%'", ["r3"]),
            ("params.alpha in (0.1, 'auto', true)", ["r1", "r3"]),
            ("params.alpha not in (0.1, 'auto')", ["r2", "r4"]),
            ("params.alpha is null", ["r4"]),
            ("params.alpha in (0.1, null)", ["r1", "r4"]),
            ("params.alpha not in (0.1, null)", ["r2", "r3"]),
            ("params.on = true", ["r1"]),
            ("params.on = 1", ["r2"]),
            ("params.on != true", ["r2", "r3"]),
            ("params.on is null", ["r4"]),
            ("params.gap is null", ["r1", "r2", "r3", "r4"]),
            ("params.gap > 0", []),
            ("params.big = 99999999999999999999", ["r4"]),
            ("params.big < 1e400", ["r4"]),
            ("tags.team = 'risk'", ["r1"]),
            ("tags.team != 'risk'", ["r2"]),
            ("not tags.team = 'risk'", ["r2", "r3", "r4"]),
            ("tags.team is not null", ["r1", "r2"]),
            ("tags.`a.b` = 'x'", ["r3"]),
            ("metrics.mae < 42", ["r1", "r4"]),
            ("metrics.mae < 42 and params.alpha > 0", ["r1"]),
            ("metrics.mae != 41", ["r2", "r4"]),
            ("not metrics.mae < 42", ["r2", "r3"]),
            ("metrics.mae is null", ["r3"]),
            ("metrics.mae in (41, 50)", ["r1", "r2"]),
            ("metrics.mae > -1e999 and metrics.mae < 0", []),
            ("metrics.mae <= -1e999", ["r4"]),
        ],
    )  # fmt: skip
    def test_params_tags_and_metrics_are_compared_by_type(
        self, store: Store, where: str, expected: list[str]
    ) -> None:
        keep(
            store,
            run("r1", params={"alpha": 0.1, "on": True}, tags={"team": "risk"}),
            run("r2", params={"alpha": 5, "on": 1}, tags={"team": "ops"}),
            run("r3", params={"alpha": "auto", "on": "true", "gap": None}, tags={"a.b": "x"}),
            run("r4", params={"gap": math.nan, "big": 99999999999999999999}),
        )
        log(store, r1=41.0, r2=50.0, r3=math.nan, r4=-math.inf)
        assert found(store, where) == expected

    @pytest.mark.parametrize(
        ("where", "message"),
        [
            ("colour = 'red'", "no attribute 'colour'.*Known: id"),
            ("statsu = 'running'", "Did you mean status"),
            ("mae < 3", "metrics.mae"),
            ("status = 'done'", "one of running"),
            ("status in ('running', 'done')", "one of running"),
            ("name = 3", "text"),
            ("archived = 'yes'", "true or false"),
            ("started > 3", "time"),
            ("started > 'yesterday'", "yesterday"),
            ("metrics.mae = 'low'", "number"),
            ("metrics.mae like '4%'", "like"),
            ("tags.team = 3", "text"),
            ("name < null", "null"),
            ("inputs = 'x'", "is null"),
            ("source.dirty like 'x'", "is null"),
            ("source.colour = 'x'", "source.colour"),
            ("id.x = 'x'", "id.x"),
        ],
    )  # fmt: skip
    def test_a_wrong_question_is_refused_with_what_would_be_right(
        self, store: Store, where: str, message: str
    ) -> None:
        with store.read() as tx, pytest.raises(Invalid, match=message):
            tx.runs.find(query(where))

    def test_several_inputs_and_what_points_come_to_can_be_asked_for(self, store: Store) -> None:
        read = (
            RunInput(name="X", role="train", digest="aaa"),
            RunInput(name="Y", role="test", digest="b", rows=2),
        )
        keep(store, replace(run("r1"), inputs=read), run("r2"))
        with store.write() as tx:
            tx.metrics.append([point("r1", 1, 4.0), point("r1", 2, 1.0), point("r1", 3, math.nan)])
        for where in (
            "inputs.digest = 'aaa'",
            "inputs.rows >= 2",
            "inputs.sampled = false",
            "inputs.rows is not null",
            "metrics.mae.mean = 2.5",
            "metrics.mae.min < 2 and metrics.mae.max > 3",
            "metrics.mae.count = 3",
        ):
            assert found(store, where) == ["r1"], where
        for where in ("not inputs.digest like 'a%'", "inputs.rows is null", "metrics.mae.mean is null"):
            assert found(store, where) == ["r2"], where

    def test_only_what_has_metrics_can_be_asked_for_them(self, store: Store) -> None:
        with store.read() as tx, pytest.raises(Invalid, match="jobs have no metrics"):
            tx.jobs.find(query("metrics.mae < 3"))

    def test_an_order_by_something_that_is_no_value_is_refused(self, store: Store) -> None:
        with store.read() as tx, pytest.raises(Invalid, match="ordered by inputs"):
            tx.runs.find(query(order="inputs"))

    def test_other_records_are_found_by_nested_fields_and_tags(self, store: Store) -> None:
        with store.write() as tx:
            tx.models.add(model("a"))
            tx.models.add(replace(model("b"), tags={'quo"te': "x", "team": "risk"}))
            tx.jobs.add(everything()["jobs"])
            tx.reviews.add(everything()["reviews"])
            assert [one.name for one in tx.models.find(query("tags.team = 'risk'"))] == ["b"]
            assert [one.name for one in tx.models.find(query("not tags.team = 'risk'"))] == ["a"]
            assert [one.name for one in tx.models.find(query("""tags.`quo"te` = 'x'"""))] == ["b"]
            assert tx.models.find(query("tags.`it's` = 'x'")).total == 0
            assert ids(
                tx.jobs.find(query("spec.timeout > 1 and progress.total = 3 and error.kind = 'ValueError'"))
            ) == ["j1"]
            assert ids(tx.jobs.find(query("lease.until >= '2026-01-05' and cancel = false"))) == ["j1"]
            assert ids(
                tx.reviews.find(query("evidence.candidate.grade = 'clean' and alias = 'champion'"))
            ) == ["v1"]

    def test_numbers_that_are_none_are_found_like_other_numbers(self, store: Store) -> None:
        profiles = everything()["jobs"]
        with store.write() as tx:
            for name, timeout in (("a", math.inf), ("b", math.nan), ("c", 3.0), ("d", None)):
                tx.jobs.add(replace(profiles, id=name, spec=replace(profiles.spec, timeout=timeout)))
            assert ids(tx.jobs.find(query("spec.timeout > 2", order="id"))) == ["a", "c"]
            assert ids(tx.jobs.find(query("spec.timeout is null", order="id"))) == ["b", "d"]
            assert ids(tx.jobs.find(query(order="spec.timeout desc"))) == ["a", "c", "d", "b"]

    # ── order and pages ──────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            ("metrics.mae", ["r4", "r1", "r2", "r3"]),
            ("metrics.mae desc", ["r2", "r1", "r4", "r3"]),
            ("params.alpha", ["r1", "r2", "r3", "r4"]),
            ("params.alpha desc", ["r2", "r1", "r3", "r4"]),
            ("experiment, metrics.mae desc", ["r1", "r3", "r2", "r4"]),
            ("archived desc, id desc", ["r4", "r3", "r2", "r1"]),
            ("tags.team", ["r2", "r1", "r3", "r4"]),
        ],
    )
    def test_what_is_missing_comes_last_whatever_the_direction(
        self, store: Store, order: str, expected: list[str]
    ) -> None:
        keep(
            store,
            run("r1", params={"alpha": 0.1}, tags={"team": "risk"}),
            run("r2", params={"alpha": 5}, tags={"team": "ops"}, experiment="b"),
            run("r3", params={"alpha": "auto"}),
            run("r4", params={"alpha": math.nan}, experiment="b", archived=True),
        )
        log(store, r1=41.0, r2=50.0, r3=math.nan, r4=-math.inf)
        assert found(store, order=order) == expected

    @pytest.mark.parametrize(
        "order", ["", "metrics.mae", "metrics.mae desc", "params.a desc", "ended, name", "tags.t"]
    )
    def test_pages_neither_skip_nor_repeat(self, store: Store, order: str) -> None:
        for number in range(11):
            sometimes = number % 3
            keep(store, run(
                f"r{number:02}",
                params={"a": [number, "x", None][sometimes]},
                tags={"t": "same"} if sometimes else {},
                ended=NOON if sometimes else None,
            ))  # fmt: skip
        log(store, **{f"r{number:02}": float(number // 2) for number in range(0, 11, 2)})
        with store.read() as tx:
            everybody = ids(tx.runs.find(query(order=order)))
            seen, cursor = [], None
            while True:
                page = tx.runs.find(query(order=order, limit=2, cursor=cursor))
                assert page.total == 11
                seen += ids(page)
                cursor = page.cursor
                if cursor is None:
                    break
        assert seen == everybody
        assert len(set(seen)) == 11

    def test_what_is_written_between_two_pages_moves_nothing(self, store: Store) -> None:
        keep(store, *(run(f"r{number}", name=f"{number}") for number in range(2, 8, 2)))
        with store.read() as tx:
            first = tx.runs.find(query(order="name", limit=2))
        keep(store, run("r1", name="1"), run("r5", name="5"))
        with store.read() as tx:
            second = tx.runs.find(query(order="name", limit=2, cursor=first.cursor))
        assert ids(first) + ids(second) == ["r2", "r4", "r5", "r6"]

    def test_the_last_page_has_no_cursor(self, store: Store) -> None:
        keep(store, run("r1"), run("r2"))
        with store.read() as tx:
            assert tx.runs.find(query(limit=2)).cursor is None
            assert tx.runs.find(query(limit=1)).cursor is not None

    @pytest.mark.parametrize(
        "damage",
        [
            lambda c: c[:-2] + "xx",
            lambda c: "nonsense",
            lambda c: "",
            lambda c: "é",
            lambda c: c + "A",
            lambda c: c[4:],
        ],
    )
    def test_a_damaged_cursor_is_refused(self, store: Store, damage: Any) -> None:
        keep(store, run("r1"), run("r2"))
        with store.read() as tx:
            cursor = tx.runs.find(query(limit=1)).cursor
            with pytest.raises(Invalid, match="cursor"):
                tx.runs.find(query(limit=1, cursor=damage(cursor)))

    def test_a_cursor_of_another_query_is_refused(self, store: Store) -> None:
        keep(store, run("r1"), run("r2"))
        with store.read() as tx:
            cursor = tx.runs.find(query(limit=1)).cursor
            for other in (query("id != 'x'", cursor=cursor), query(order="name", cursor=cursor)):
                with pytest.raises(Invalid, match="cursor"):
                    tx.runs.find(other)
            with pytest.raises(Invalid, match="cursor"):
                tx.jobs.find(query(cursor=cursor))

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
