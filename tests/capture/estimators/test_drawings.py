"""The pictures of a classifier: what stands in the numbers stands in them, and nothing in a name acts."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from jupyter_mlops.capture.estimators.drawings import drawings

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = {
    "classes": ["no", "yes"],
    "confusion_matrix": [[3, 1], [0, 8]],
    "roc_curve": [[0.0, 0.0], [0.25, 1.0], [1.0, 1.0]],
    "precision_recall_curve": [[0.0, 1.0], [1.0, 0.5]],
}


def drawn(numbers, name: str):
    return ET.fromstring(drawings(numbers, "train")[f"evaluation/train_{name}.svg"])


def words(picture) -> list[str]:
    return [text.text for text in picture.iter(f"{SVG}text")]


def test_there_is_a_picture_for_each_kind_of_numbers_and_no_other():
    assert set(drawings(NUMBERS, "train")) == {
        f"evaluation/train_{name}.svg" for name in ("confusion_matrix", "roc_curve", "precision_recall_curve")
    }
    assert drawings({}, "train") == {}
    assert set(drawings({"classes": ["a"], "confusion_matrix": [[1]]}, "test")) == {
        "evaluation/test_confusion_matrix.svg"
    }


def test_a_confusion_matrix_shows_the_shares_of_each_true_class():
    picture = drawn(NUMBERS, "confusion_matrix")
    told = [title.text for title in picture.iter(f"{SVG}title")]
    assert told == ["no taken for no: 3 (75%)", "no taken for yes: 1 (25%)", "yes taken for yes: 8 (100%)"]
    assert [word for word in words(picture) if "%" in word] == ["75%", "25%", "100%"]
    assert words(picture).count("no") == words(picture).count("yes") == 2


def test_a_curve_runs_from_corner_to_corner_the_right_way_up():
    line = drawn(NUMBERS, "roc_curve").find(f"{SVG}polyline").get("points")
    points = [tuple(map(float, point.split(","))) for point in line.split()]
    (left, bottom), (_, top), (right, _) = points
    assert left < right
    assert top < bottom  # counted downward
    assert points[1][0] == pytest.approx(left + (right - left) / 4)


@pytest.mark.parametrize("count", [1, 2, 10, 40, 50])
def test_every_picture_stays_inside_its_frame_and_small(count):
    classes = [f"a class with a long name {place}" for place in range(count)]
    matrix = [[column + 1 for column in range(count)] for _ in classes]
    content = drawings({"classes": classes, "confusion_matrix": matrix}, "train")[
        "evaluation/train_confusion_matrix.svg"
    ]
    picture = ET.fromstring(content)
    width, height = float(picture.get("width")), float(picture.get("height"))
    for cell in picture.iter(f"{SVG}rect"):
        x, y = float(cell.get("x", 0)), float(cell.get("y", 0))
        assert x + float(cell.get("width")) <= width + 0.5
        assert y + float(cell.get("height")) <= height + 0.5
    assert len(content) < 700_000


def test_a_class_that_never_came_is_an_empty_row():
    picture = drawn({"classes": ["a", "b"], "confusion_matrix": [[0, 0], [0, 2]]}, "confusion_matrix")
    assert [title.text for title in picture.iter(f"{SVG}title")] == ["b taken for b: 2 (100%)"]


def test_nothing_in_the_name_of_a_class_acts():
    evil = "</text><script>x()</script>"
    content = drawings({"classes": [evil, "b"], "confusion_matrix": [[1, 0], [0, 1]]}, "train")
    picture = content["evaluation/train_confusion_matrix.svg"].decode()
    assert not re.search(r"<script|<image|href|on\w+=", picture)
    assert ET.fromstring(picture) is not None
