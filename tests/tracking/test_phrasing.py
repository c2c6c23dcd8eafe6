"""In what runs differ, in half a sentence."""

from __future__ import annotations

from jupyter_mlops.records.comparison import CodeDifference, ModuleChange, OutputChange, ValueRow
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.tracking.phrasing import Differences, difference_phrase


def rows(*names: str) -> tuple[ValueRow, ...]:
    return tuple(ValueRow(name=name, values=("a", "b")) for name in names)


def code(cells: int, *modules: str) -> tuple[CodeDifference, ...]:
    changes = tuple(CodeChange(cell=f"c{n}", kind="edited") for n in range(cells))
    files = tuple(ModuleChange(path=path, kind="edited") for path in modules)
    return (CodeDifference(run="r", changes=changes, modules=files),)


def test_what_differs_is_named_and_of_a_long_list_counted() -> None:
    found = Differences(params=rows("alpha"), code=code(2, "helpers.py"), packages=rows("numpy"))
    assert difference_phrase((), found) == "in alpha, 2 cells, module helpers and 1 package"
    many = Differences(
        params=rows("a", "b", "c", "d"), data=rows("X"), code=code(0, *(f"m{n}.py" for n in range(5))),
        seeds=rows(*"abcd"), variables=rows(*"abcd"), packages=rows("x", "y"),
    )  # fmt: skip
    assert difference_phrase((), many) == (
        "in 4 parameters, 1 input, 5 modules, 4 seeds, 4 variables and 2 packages"
    )


def test_one_fact_of_the_machine_is_named_and_several_are_the_machine() -> None:
    assert difference_phrase((), Differences(facts=rows("processor"))) == "in the processor"
    assert difference_phrase((), Differences(facts=rows("python", "processor", "gpus"))) == (
        "in Python and the machine"
    )
    assert difference_phrase((), Differences(facts=rows("environment"))) == (
        "in what is known of the environment"
    )


def test_a_file_is_called_as_it_is_imported_and_of_several_runs_counted_once() -> None:
    both = (*code(0, "air/__init__.py", "air/columns.py"), *code(1, "air/columns.py"))
    assert difference_phrase((), Differences(code=both)) == "in 1 cell, module air and module air/columns"


def test_only_where_nothing_at_all_differs_it_is_time() -> None:
    assert difference_phrase((), Differences()) == "in nothing but time"
    for kind in ("params", "data", "seeds", "variables", "packages", "commit"):
        assert "time" not in difference_phrase((), Differences(**{kind: rows("one")}))


def test_what_cells_showed_is_told_only_where_nothing_was_given_another_way() -> None:
    outputs = tuple(OutputChange(cell=cell, kind="same", what=what) for cell, what in
                    (("c1", "figure"), ("c1", "output"), ("c2", "output")))  # fmt: skip
    shown = (CodeDifference(run="r", changes=(), outputs=outputs),)
    assert difference_phrase((), Differences(code=shown)) == "in nothing but time and what 2 cells showed"
    assert difference_phrase((), Differences(code=shown, params=rows("alpha"))) == "in alpha"
