"""Two displays by the richest type that both have."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from jobs.outputs.test_images import drawn, sine
from jupyter_mlops.jobs.outputs.bundles import compare_bundles, says_nothing
from jupyter_mlops.jobs.outputs.rules import SAME, Rules

RULES = Rules()
PNG = base64.b64encode(drawn(sine)).decode()
OTHER = base64.b64encode(drawn(lambda axes: axes.plot([1, 0], [0, 1]))).decode()
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"text/plain": "1"}, {"text/plain": ["1"]}),
        ({"image/png": PNG, "text/plain": "<Figure>"}, {"image/png": PNG + "\n", "text/plain": "<Figure at>"}),
        ({WIDGET: {"model_id": "a"}, "text/plain": "B(1)"}, {WIDGET: {"model_id": "b"}, "text/plain": "B(1)"}),
        ({"text/html": "<div id='T_a3f91'>x</div>"}, {"text/html": "<div id='T_b4f91'>x</div>"}),
        ({"text/html": "<script>var a_" + "a1" * 16 + ";</script>hi"}, {"text/html": "<script>var a_" + "b1" * 16 + ";</script>hi"}),
        ({"text/html": "<img src='#T_a3f91'>hi"}, {"text/html": "<img src='#T_b3f91'>hi"}),
        ({"image/svg+xml": "<svg><!-- a --><g/><!-- b --></svg>"}, {"image/svg+xml": "<svg><!-- c --><g/></svg>"}),
        ({"image/svg+xml": "<svg><g id='m0123456789'/></svg>"}, {"image/svg+xml": "<svg><g id='m9876543210'/></svg>"}),
        ({"application/json": {"a": [1]}, "text/plain": "<A>"}, {"application/json": {"a": [1]}, "text/plain": "<B>"}),
        ({}, {}),
    ],
)  # fmt: skip
def test_what_shows_the_same_is_identical(before: dict[str, Any], after: dict[str, Any]) -> None:
    if "svg" in str(before):
        before, after = ({k: v.replace("'", '"') for k, v in b.items()} for b in (before, after))
    assert compare_bundles(before, after, RULES) is SAME


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"image/png": PNG}, {"image/png": OTHER}, "of what is drawn differs"),
        ({"image/png": PNG, "text/plain": "a"}, {"text/plain": "a"}, "it was image/png and is text/plain"),
        ({"text/plain": "a"}, {"text/html": "a"}, "it was text/plain and is text/html"),
        ({"text/html": "<b>a</b> x"}, {"text/html": "<b>b</b> x"}, "was a x and is b x"),
        ({"text/html": "<img src='a'>"}, {"text/html": "<img src='b'>"}, "was <img src='a'>"),
        ({"text/html": "<script>var a = 1;</script>hi"}, {"text/html": "<script>var a = 2;</script>hi"}, "script, which the page embeds: sha was "),
        ({"text/html": "<img src='a'>hi"}, {"text/html": "<img src='b'>hi"}, "src of img, which"),
        ({"text/html": "<iframe srcdoc='a'></iframe>hi"}, {"text/html": "<iframe srcdoc='b'></iframe>hi"}, "srcdoc of iframe"),
        ({"text/html": "<object data='a'></object>hi"}, {"text/html": "<object data='b'></object>hi"}, "data of object"),
        ({"text/html": "<input value='1'>hi"}, {"text/html": "<input value='2'>hi"}, "value of input"),
        ({"text/html": "<img src='a'>hi"}, {"text/html": "hi"}, "embeds other things"),
        ({"image/svg+xml": "<!--" * 500_000}, {"image/svg+xml": "<!--" * 500_000 + "1"}, "of the drawing"),
        ({"text/html": 3, "application/json": []}, {"text/html": None, "application/json": {}}, "was [] and is {}"),
        ({"text/plain": "<div>"}, None, "cannot be compared: "),
        ({"image/svg+xml": "<svg><path d='1 2'/></svg>"}, {"image/svg+xml": "<svg><path d='1 3'/></svg>"}, "of the drawing"),
        ({"application/vnd.plotly.v1+json": {"y": [1]}}, {"application/vnd.plotly.v1+json": {"y": [2]}}, "y[0] was 1 and is 2"),
        ({WIDGET: {}, "text/plain": "Slider(value=1)"}, {WIDGET: {}, "text/plain": "Slider(value=2)"}, "was 1 and is 2"),
        ({"text/markdown": "# a"}, {"text/markdown": "# b"}, "was # a and is # b"),
    ],
)  # fmt: skip
def test_the_richest_type_decides(before: dict[str, Any], after: dict[str, Any], says: str) -> None:
    found = compare_bundles(before, after, RULES)
    assert found.differs
    assert says in found.says


def test_text_around_a_table_counts_too() -> None:
    table = "<table><tr><th></th><th>a</th></tr><tr><th>0</th><td>{}</td></tr></table><p>{}</p>"
    one, near, other = (
        {"text/html": table.format(*given)} for given in (("1.0", "x"), ("1.0000001", "x"), ("1.0", "y"))
    )
    assert compare_bundles(one, near, RULES).says == "table row 1 column a: was 1.0 and is 1.0000001"
    assert compare_bundles(one, near, RULES).verdict == "within_tolerance"
    assert compare_bundles(one, other, RULES).says == "was x and is y"


def test_cards_of_this_package_are_no_results() -> None:
    assert says_nothing({"text/html": ['<div class="jmlops-card">', "…</div>"]})
    assert not says_nothing({"text/html": "<div>mine</div>"})
    assert not says_nothing(None)
