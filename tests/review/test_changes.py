"""What differs beside the metrics, in phrases."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.source import Source
from jupyter_mlops.review.changes import changes_of, signature_changes
from jupyter_mlops.review.changes import test_data as measured_on
from tests.review.subjects import data, environment, signature, subject


def phrases(new: dict, old: dict, *code: CodeChange) -> tuple[str, ...]:
    found = changes_of(subject(2, **new), subject(1, **old), code)
    return tuple(phrase for phrase in found if phrase != "data: same")


def test_beside_nobody_nothing_differs() -> None:
    assert changes_of(subject(params={"alpha": 1}), None, ()) == ()


def test_equal_versions_differ_in_nothing() -> None:
    same = {"params": {"alpha": 1}, "surroundings": environment(numpy="2"), "commit": "c" * 40}
    assert phrases(same, same) == ()


def test_a_parameter_is_new_gone_or_another() -> None:
    assert phrases({"params": {"a": 1, "b": "x", "d": None}}, {"params": {"a": 2, "c": True, "d": None}}) == (
        "parameter a 2 → 1", "parameter b is new: x", "parameter c is gone (was true)"
    )  # fmt: skip


def test_what_is_handed_on_to_a_step_of_a_pipeline_is_told_once() -> None:
    new = {
        "params": {"rate": 0.1, "boost__rate": 0.1, "a__b__rate": 0.1, "boost__depth": 3, "scale__rate": 7}
    }
    old = {
        "params": {"rate": 0.2, "boost__rate": 0.2, "a__b__rate": 0.2, "boost__depth": 4, "scale__rate": 8}
    }
    assert phrases(new, old) == (
        "parameter boost__depth 4 → 3", "parameter rate 0.2 → 0.1", "parameter scale__rate 8 → 7"
    )  # fmt: skip


def test_a_long_value_is_cut_and_many_are_counted() -> None:
    (told,) = phrases({"params": {"a": "x" * 500}}, {})
    assert len(told) < 100
    many = phrases({"params": {f"p{n:02}": n for n in range(30)}}, {})
    assert len(many) == 12
    assert many[-1] == "19 more parameters"


def test_data_are_compared_by_digest_rows_and_columns() -> None:
    old = {
        "inputs": (
            data("X", "train", "a", 10, t="1", w="1"),
            data("X", "test", "b"),
            data("gone", "read", "c"),
        )
    }
    new = {
        "inputs": (
            data("X", "train", "A", 12, t="2", w="1"),
            data("X", "test", "b"),
            data("fresh", "read", "c"),
        )
    }
    assert phrases(new, old) == (
        "data X (train) changed: 10 → 12 rows, in t", "data fresh (read) is new", "data gone (read) is gone"
    )  # fmt: skip
    assert phrases(
        {"inputs": (data("X", "train", "A", 10),)}, {"inputs": (data("X", "train", "a", 10),)}
    ) == ("data X (train) changed: as many rows",)


def test_data_that_are_the_same_are_told_as_such_and_none_at_all_are_not() -> None:
    one = {"inputs": (data("X", "train", "a"),)}
    assert changes_of(subject(2, **one), subject(1, **one), ()) == ("data: same",)
    assert changes_of(subject(2), subject(1), ()) == ()


def test_what_a_metric_was_measured_on_are_the_test_data_where_a_role_says_so() -> None:
    train, test, scored = data("X", "train", "a"), data("X", "test", "b"), data("Y", "score", "c")
    assert measured_on((train, test, scored)) == {"b", "c"}
    assert measured_on((train,)) == {"a"}
    asked = data("new", "predict", "d")
    assert measured_on((train, test, asked)) == {"b"}  # predicted on in passing, and scored by nobody
    assert measured_on((train, asked)) == {"d"}
    assert measured_on(()) == frozenset()


def test_columns_are_new_gone_or_of_another_type() -> None:
    new, old = signature(a="float64", b="int64"), signature(b="float64", c="str")
    assert signature_changes(new, old) == (
        "input column a is new", "input column b float64 → int64", "input column c is gone"
    )  # fmt: skip
    assert signature_changes(new, new) == ()


def test_the_packages_a_model_needs_come_first() -> None:
    new = {"surroundings": environment("3.12.0", "Darwin", numpy="2.1", aaa="2", Zed="1")}
    old = {"surroundings": environment(numpy="2.0", aaa="1", bbb="1")}
    assert phrases(new, old) == (
        "Python 3.11.7 → 3.12.0", "platform Linux → Darwin", "numpy 2.0 → 2.1", "aaa 1 → 2", "bbb 1 → not installed",
        "Zed not installed → 1",
    )  # fmt: skip


def test_data_of_one_name_do_not_hide_each_other_and_without_a_digest_are_not_the_same() -> None:
    old = {"inputs": (data("X", "train", "a"), data("X", "train", "b"))}
    new = {"inputs": (data("X", "train", "b"), data("X", "train", "c"))}
    assert phrases(new, old) == ("data X #2 (train) changed",)
    unread = {"inputs": (data("big", "read", ""),)}
    assert phrases(unread, unread) == ("data big (read) was not digested",)


def test_what_surrounds_the_cells_is_told() -> None:
    def source(number: int, **modules: str) -> dict:
        taken = replace(environment(), processor=f"chip {number}", gpus=("A100",) * number)
        return {"surroundings": taken, "source": Source(
            modules=modules, seeds=(f"random.seed({number})",) * number, variables={"STATION": f"{number}"}
        )}  # fmt: skip

    assert phrases(
        source(1, **{"a.py": "1" * 64, "b.py": "2" * 64}), source(0, **{"a.py": "3" * 64, "c.py": "4"})
    ) == (
        "processor chip 0 → chip 1",
        "graphics processor none → A100",
        "variable STATION 0 → 1",
        "seed random.seed not set → 1",
        "module a.py 333333 → 111111",
        "module b.py is new: 222222",
        "module c.py is not imported any more",
    )


def test_a_commit_is_told_where_both_are_known() -> None:
    assert phrases({"commit": "a" * 40}, {"commit": "b" * 40}) == ("commit bbbbbbb → aaaaaaa",)
    assert phrases({"commit": "a" * 40}, {}) == ()


def test_cells_are_told_by_their_label_and_counted_when_many() -> None:
    code = tuple(CodeChange(cell=f"c{n}", kind="edited", label=f"cell {n}") for n in range(20))
    told = phrases({}, {}, *code)
    assert told[0] == "cell 0 edited"
    assert told[-1] == "9 more cells"


def test_a_version_whose_run_is_gone_is_compared_by_what_is_left() -> None:
    found = changes_of(subject(2, without_run=True), subject(1, params={"alpha": 1}), ())
    assert found == ("parameter alpha is gone (was 1)",)
