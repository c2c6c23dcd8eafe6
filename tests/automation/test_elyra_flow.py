"""What Elyra saves is read in every shape it has had, and what is no such file is said to be none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.automation.elyra_flow import ElyraFlow, read_flow
from jupyter_mlops.errors import Invalid
from tests.automation.elyra_files import (
    NOTEBOOK,
    R,
    binding,
    document,
    flow,
    group,
    node,
    old_node,
    pipeline,
    port,
)


def read(data: object) -> ElyraFlow:
    return read_flow(json.dumps(data).encode(), "air.pipeline")


A = node("a", NOTEBOOK, filename="a.ipynb")
B = node("b", NOTEBOOK, "a", filename="b.ipynb")


def test_nodes_have_their_names_their_settings_and_what_they_wait_for() -> None:
    found = read(pipeline(A, node("b", R, "a", label="Fit it", filename="b.r", cpu=2)))

    assert [(one.id, one.label, one.operation) for one in found.nodes] == [
        ("a", "a.ipynb", NOTEBOOK),
        ("b", "Fit it", R),
    ]
    assert (found.nodes[1].settings["filename"], found.nodes[1].settings["cpu"]) == ("b.r", 2)
    assert found.waits_for("b", {"a"}) == ("a",)
    assert found.version == 8


@pytest.mark.parametrize(
    "names",
    [
        {"filename": "a.ipynb", "runtime_image": "i", "env_vars": ["X=1"], "dependencies": ["d"], "include_subdirectories": True},
        {"notebook": "a.ipynb", "docker_image": "i", "vars": ["X=1"], "file_dependencies": ["d"], "recursive_dependencies": True},
        {"artifact": "a.ipynb", "image": "i", "vars": ["X=1"], "file_dependencies": ["d"], "recursive_dependencies": True},
    ],
    ids=["version 1", "before", "before that"],
)  # fmt: skip
def test_settings_of_old_versions_have_their_present_names(names: dict[str, Any]) -> None:
    (found,) = read(document(flow(old_node("a", **names)))).nodes

    assert found.settings == {
        "filename": "a.ipynb",
        "runtime_image": "i",
        "env_vars": ["X=1"],
        "dependencies": ["d"],
        "include_subdirectories": True,
    }


def test_a_file_from_before_versions_holds_notebooks_and_needs_no_app_data() -> None:
    old = {**old_node("a", notebook="a.ipynb"), "type": "pipeline_node"}
    del old["op"]
    found = read(document({"id": "primary", "nodes": [old]}))

    assert (found.version, found.nodes[0].operation) == (0, NOTEBOOK)


def test_what_lies_between_two_nodes_is_passed_through_each_once() -> None:
    found = read(
        pipeline(
            A, node("x", R, "a"), node("y", R, "a", "x"), node("c", NOTEBOOK, "x", "y", "a", filename="c")
        )
    )

    assert found.waits_for("c", {"a", "c"}) == ("a",)
    assert found.waits_for("c", {"a", "y", "c"}) == ("a", "y")


def test_nodes_come_out_of_their_group_with_the_links_through_its_ports() -> None:
    outer = flow(
        A,
        group(
            "g", "inner",
            [port("in_inPort", "a", subflow_node_ref="enter")],
            [port("out_outPort", subflow_node_ref="leave")],
        ),
        node("d", NOTEBOOK, ("g", "out_outPort"), filename="d.ipynb"),
        node("e", NOTEBOOK, "g", filename="e.ipynb"),
        version=8,
    )  # fmt: skip
    inner = flow(
        binding("enter"),
        node("b", NOTEBOOK, "enter", filename="b.ipynb"),
        node("c", NOTEBOOK, filename="c.ipynb"),
        binding("leave", "b"),
        name="inner",
    )
    found = read(document(outer, inner))
    names = {one.id for one in found.nodes}

    assert names == {"a", "b", "c", "d", "e"}
    assert {name: found.waits_for(name, names) for name in "abcde"} == {
        "a": (),
        "b": ("a",),
        "c": (),
        "d": ("b",),
        "e": ("b", "c"),  # of a link to the group itself all that is in it
    }


def test_a_port_may_name_the_node_inside_by_its_own_id_alone() -> None:
    outer = flow(
        A,
        group("g", "inner", [port("b_inPort", "a")], [port("b_outPort")]),
        node("c", NOTEBOOK, ("g", "b_outPort"), filename="c.ipynb"),
        version=6,
    )
    found = read(document(outer, flow(node("b", NOTEBOOK, filename="b.ipynb"), name="inner")))

    assert found.waits_for("b", {"a", "b"}) == ("a",)
    assert found.waits_for("c", {"a", "b"}) == ("b",)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "no Elyra pipeline"),
        ({}, "no Elyra pipeline"),
        ({"pipelines": []}, "no Elyra pipeline"),
        ({"pipelines": [1]}, "no Elyra pipeline"),
        (document(flow(A), doc_type="notebook"), "no Elyra pipeline"),
        (document(flow(A), version="2.0"), "version '2.0' of the pipeline-flow schema"),
        (document(flow(A), version=None), "version '' of the pipeline-flow schema"),
        (document(flow(A), primary_pipeline="other"), "names 'other' as its primary pipeline"),
        (document(flow(A), primary_pipeline=None), "names None as its primary pipeline"),
        (document(flow(A, version=9)), "version 9 of Elyra's pipelines; 0 to 8"),
        (document(flow(A, version="new")), "version 'new' of Elyra's pipelines"),
        (pipeline(A, A), "two nodes have the id 'a'"),
        (pipeline(B), "'b' is linked to 'a', which is not there"),
        (document(flow(group("g", "none", [], []))), "the group 'none' is not there"),
        (document(flow(group("g", "primary", [], []))), "the group 'primary' holds itself"),
    ],
    ids=range(15),
)
def test_what_is_wrong_is_said(data: object, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read(data)


@pytest.mark.parametrize("content", [b"", b"steps: [a]", b"\xff\xfe", b"[" * 100_000], ids=range(4))
def test_what_is_no_json_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(Invalid, match=r"air\.pipeline cannot be read as JSON"):
        read_flow(content, "air.pipeline")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "type", "op", "app_data", "inputs", "links", "node_id_ref", "ui_data", "component_parameters", "subflow_ref"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(nodes=JSON, about=JSON)
def test_whatever_stands_where_nodes_should_is_read_or_refused(nodes: object, about: object) -> None:
    data = {
        "version": "3.0",
        "primary_pipeline": "p",
        "pipelines": [{"id": "p", "nodes": nodes, "app_data": about}],
    }
    try:
        found = read(data)
    except Invalid as refused:
        assert refused.remedy
    else:
        assert len({one.id for one in found.nodes}) == len(found.nodes)
