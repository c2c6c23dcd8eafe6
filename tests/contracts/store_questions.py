"""What every store must do: what is found, in which order, and page by page."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.keeping import found, ids, keep, log
from contracts.samples import (
    NOON,
    artifact,
    everything,
    model,
    point,
    run,
)
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.query import Query, query
from jupyter_mlops.records.run import DocumentState, Grade, RunInput, RunStatus
from jupyter_mlops.store.protocol import Store


class QuestionsContract:
    """Subclass with a fixture ``store``: empty, and the test's own."""

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
            ("document = 'saved'", ["r1", "r5"]),
            ("document = 'unsaved'", ["r2"]),
            ("document = 'orphaned'", ["r3"]),
            ("document = 'unknown'", ["r4"]),
            ("document = 'ORPHANED'", ["r3"]),
            ("document != 'saved'", ["r2", "r3", "r4"]),
            ("not document = 'saved'", ["r2", "r3", "r4"]),
            ("document in ('unsaved', 'orphaned')", ["r2", "r3"]),
            ("document not in ('unsaved', 'orphaned')", ["r1", "r4", "r5"]),
            ("document = 'saved' and experiment = 'water'", ["r5"]),
            ("document is null", []),
        ],
    )
    def test_runs_are_found_by_the_state_of_their_document(
        self, store: Store, where: str, expected: list[str]
    ) -> None:
        keep(
            store,
            run("r1", document=DocumentState.SAVED),
            run("r2", document=DocumentState.UNSAVED),
            run("r3", document=DocumentState.ORPHANED),
            run("r4", document=DocumentState.UNKNOWN),
            run("r5", document=DocumentState.SAVED, experiment="water"),
        )
        assert found(store, where) == expected

    @pytest.mark.parametrize("where", ["document = 'lost'", "document in ('saved', 'lost')"])
    def test_a_state_that_no_document_has_is_refused(self, store: Store, where: str) -> None:
        with pytest.raises(Invalid, match="document is never 'lost'") as refused:
            found(store, where)
        assert refused.value.remedy.endswith("It is one of saved, unsaved, orphaned, unknown.")

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

    def test_a_metric_can_be_asked_for_at_a_step(self, store: Store) -> None:
        keep(store, run("r1"), run("r2"), run("r3"), run("r4"))
        with store.write() as tx:
            tx.metrics.append(
                [
                    replace(point("r1", 1, 4.0), step=0),
                    replace(point("r1", 2, 3.0), step=100),
                    replace(point("r1", 3, 2.0), step=100),  # said again: the last word counts
                    replace(point("r1", 4, 9.0), step=101),
                    replace(point("r2", 1, 1.0), step=100),
                    replace(point("r3", 1, math.inf), step=100),
                    replace(point("r4", 1, math.nan), step=100),
                    replace(point("r4", 2, 5.0), step=-1),
                ]
            )
        for where, expected in (
            ("metrics.mae.at(100) = 2", ["r1"]),
            ("metrics.mae.at(100) <= 2", ["r1", "r2"]),
            ("metrics.mae.at(100) > 1", ["r1", "r3"]),
            ("not metrics.mae.at(100) > 1", ["r2", "r4"]),
            ("metrics.mae.at(100) in (1, 2) and metrics.mae > 3", ["r1"]),
            ("metrics.mae.at(100) is null", ["r4"]),
            ("metrics.mae.at(0) is not null or metrics.mae.at(-1) = 5", ["r1", "r4"]),
            ("metrics.mae.at(7) is null", ["r1", "r2", "r3", "r4"]),
            ("metrics.loss.at(0) > 0", []),
        ):
            assert found(store, where) == expected, where
        with store.read() as tx:
            every = query(order="metrics.mae.at(100) desc, id")
            assert ids(tx.runs.find(every)) == ["r3", "r1", "r2", "r4"]
            first = tx.runs.find(query(order="metrics.mae.at(100)", limit=2))
            assert ids(first) == ["r2", "r1"]
            rest = tx.runs.find(query(order="metrics.mae.at(100)", limit=2, cursor=first.cursor))
            assert ids(rest) == ["r3", "r4"]

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

    def test_records_are_counted_by_a_text_they_share(self, store: Store) -> None:
        keep(
            store,
            run("r1", experiment="air", started=NOON),
            run("r2", experiment="air", started=NOON + timedelta(hours=1)),
            run("r3", experiment="Air/ü", started=NOON),
            run("r4", experiment="water", archived=True),
        )
        log(store, r1=1.0, r3=3.0)
        with store.read() as tx:
            counted = [(one.value, one.count, one.newest) for one in tx.runs.count_by("experiment", Query())]
            assert counted == [
                ("Air/ü", 1, NOON),
                ("air", 2, NOON + timedelta(hours=1)),
                ("water", 1, tx.runs.get("r4").started),
            ]
            some = tx.runs.count_by("experiment", query("archived = false and metrics.mae < 2", limit=1))
            assert [(one.value, one.count) for one in some] == [("air", 1)]
            assert not tx.runs.count_by("experiment", query("name = 'nobody'"))
            # What has no such text is not counted.
            assert [one.value for one in tx.runs.count_by("parent", Query())] == []

    def test_records_without_a_time_are_counted_too(self, store: Store) -> None:
        with store.write() as tx:
            for name in ("a", "b"):
                tx.artifacts.add(replace(artifact(name=name), digest="d" * 64))
            (one,) = tx.artifacts.count_by("digest", Query())
            assert (one.value, one.count, one.newest) == ("d" * 64, 2, None)

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
