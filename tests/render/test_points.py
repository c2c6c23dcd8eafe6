"""The points of one metric: the curve above, the values below."""

from __future__ import annotations

from datetime import timedelta

from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import AT


def points(*values: float, steps: bool = True) -> tuple[MetricPoint, ...]:
    return tuple(
        MetricPoint(
            owner="r" * 20 + "a1b2c3",
            sequence=7 + place,
            key="loss",
            value=value,
            step=10 * place if steps else 0,
            at=AT + timedelta(seconds=place),
        )
        for place, value in enumerate(values)
    )


def test_a_curve_stands_above_its_points_with_what_it_comes_to() -> None:
    title, curve, head, *rows = as_text(points(4.0, 1.0, 2.5)).splitlines()

    assert title == "3 points"
    assert curve.split() == ["loss", "↓", "█▁▅", *["last", "2.5", "·", "lowest", "1", "·", "highest", "4"]]
    assert head.split() == ["step", "value", "time"]
    assert [row.split() for row in rows] == [
        ["0", "4", "2026-01-05", "09:00:00", "UTC"],
        ["10", "1", "2026-01-05", "09:00:01", "UTC"],
        ["20", "2.5", "2026-01-05", "09:00:02", "UTC"],
    ]


def test_in_html_the_curve_is_drawn() -> None:
    drawn = as_html(points(4.0, 1.0, 2.5))

    assert drawn.count("<svg") == 1
    assert "lowest 1" in drawn


def test_points_without_a_step_are_told_by_their_place_in_the_run() -> None:
    _, _, head, first, *_ = as_text(points(4.0, 1.0, steps=False)).splitlines()

    assert (head.split()[0], first.split()[0]) == ("#", "7")


def test_one_value_is_no_curve_and_what_is_no_number_does_not_bend_one() -> None:
    assert "lowest" not in as_text(points(4.0))
    assert "lowest" not in as_text(points(4.0, float("nan")))
    text = as_text(points(4.0, float("inf"), 1.0))
    assert "last 1 · lowest 1 · highest 4" in text
    assert "∞" in text


def test_of_very_many_points_both_ends_are_shown_and_the_rest_is_counted() -> None:
    _, _, _, *rows, note = as_text(points(*map(float, range(1_000)))).splitlines()

    assert len(rows) == 201
    assert [rows[place].split()[0] for place in (0, 99, 100, 101, 200)] == ["0", "990", "…", "9,000", "9,990"]
    assert note.strip() == "800 points between them are not shown; --json tells them all"
