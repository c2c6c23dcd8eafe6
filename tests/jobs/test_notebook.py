"""Reading a notebook strictly, and putting values into it."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.notebook import (
    as_submitted,
    from_bytes,
    language_of,
    parameters_of,
    to_bytes,
    with_values,
)


def notebook(*cells: dict, minor: int = 5, **metadata: object) -> bytes:
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)}
    ).encode()


def code(source: str, tags: tuple[str, ...] = (), **more: object) -> dict:
    bare = {
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": list(tags)},
        "outputs": [],
        "execution_count": None,
    }
    return {**bare, **more}


def test_cells_without_an_id_get_the_same_one_each_time() -> None:
    old = notebook(code("1"), code("1"), code("2", id="taken"), code("3", id="taken"), minor=2)

    first, second = from_bytes(old, "a"), from_bytes(old, "a")

    ids = [cell["id"] for cell in first["cells"]]
    assert ids == [cell["id"] for cell in second["cells"]]
    assert len(set(ids)) == 4
    assert ids[2] == "taken"
    nbformat.validate(nbformat.from_dict(first))


def test_source_as_a_list_of_lines_is_text() -> None:
    made = from_bytes(notebook(code("", id="a") | {"source": ["x = 1\n", "y = 2"]}), "a")

    assert made["cells"][0]["source"] == "x = 1\ny = 2"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"\xff\xfe",
        b"{" * 100_000,
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}',
        b'{"nbformat": 4, "nbformat_minor": "5", "metadata": [], "cells": []}',
        notebook({"cell_type": "strange", "source": "", "metadata": {}, "id": "a"}),
    ],
)
def test_what_is_not_a_notebook_of_format_4_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="odd.ipynb"):
        from_bytes(content, "odd.ipynb")


def test_what_was_submitted_holds_no_trace_of_an_earlier_execution() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "old"}
    ran = notebook(
        code("x = 1", ("parameters",), id="a", execution_count=3, outputs=[output]),
        code("x = 5", ("injected-parameters",), id="b"),
        code("print(x)", id="c"),
        papermill={"parameters": {"x": 5}},
    )
    fresh = notebook(code("x = 1", ("parameters",), id="a"), code("print(x)", id="c"))

    assert as_submitted(from_bytes(ran, "a")) == as_submitted(from_bytes(fresh, "a"))


def test_values_go_behind_the_parameters_cell_and_replace_what_an_earlier_run_injected() -> None:
    made = from_bytes(
        notebook(
            code("import os", id="first"),
            code("x = 1", ("parameters",), id="p"),
            code("x = 99", ("injected-parameters",), id="old"),
            code("print(x)", id="last"),
        ),
        "a",
    )

    ready = with_values(made, parameters_of(made), {"x": 5})

    assert [c["id"] for c in ready["cells"]] == ["first", "p", "injected-parameters", "last"]
    assert ready["cells"][2]["source"] == "# Parameters\nx = 5"
    nbformat.validate(nbformat.from_dict(ready))


def test_a_stale_injected_cell_is_dropped_also_without_values() -> None:
    made = from_bytes(notebook(code("x = 1", ("parameters",)), code("x = 99", ("injected-parameters",))), "a")

    assert [c["source"] for c in with_values(made, parameters_of(made), {})["cells"]] == ["x = 1"]


def test_the_injected_cell_takes_no_id_that_is_in_use() -> None:
    made = from_bytes(notebook(code("x = 1", ("parameters",), id="injected-parameters")), "a")

    ready = with_values(made, parameters_of(made), {"x": 2})

    assert [c["id"] for c in ready["cells"]] == ["injected-parameters", "injected-parameters-2"]


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"name": "x", "display_name": "x", "language": "R"}}, "r"),
        ({"language_info": {"name": "ipython"}}, "python"),
        (
            {
                "language_info": {"name": "julia"},
                "kernelspec": {"name": "x", "display_name": "x", "language": "python"},
            },
            "julia",
        ),
    ],
)
def test_the_language_is_what_the_metadata_say(metadata: dict, language: str) -> None:
    assert language_of(from_bytes(notebook(**metadata), "a")) == language


def test_bytes_round_trip() -> None:
    made = from_bytes(notebook(code("x = 'é'", id="a")), "a")

    assert to_bytes(from_bytes(to_bytes(made), "a")) == to_bytes(made)


def test_bytes_are_those_that_jupyter_writes() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/plain": "x\ny", "image/png": "aGk=\n", "application/json": {"a": 1}},
        },
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["t"]},
    ]
    made = from_bytes(
        notebook(
            code("x = 'é'\ny", id="a", outputs=outputs),
            {"cell_type": "markdown", "source": "# T", "metadata": {}, "id": "m"},
        ),
        "a",
    )

    assert to_bytes(made).decode() == nbformat.v4.writes(nbformat.from_dict(made)) + "\n"


def test_submitting_does_not_import_nbformat() -> None:
    code = "import sys, jupyter_mlops.jobs.notebook as n; n.from_bytes(b'{\"nbformat\": 4, \"nbformat_minor\": 5, \"metadata\": {}, \"cells\": []}', 'a'); print([m for m in ('nbformat', 'jsonschema') if m in sys.modules])"

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
