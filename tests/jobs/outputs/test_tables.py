"""Tables, cell by cell."""

from __future__ import annotations

import pandas as pd
import pytest

from jupyter_mlops.jobs.outputs.rules import SAME, Rules
from jupyter_mlops.jobs.outputs.tables import compare_tables, read_page, text_table

RULES = Rules()
FRAME = pd.DataFrame({"mean": [1.0, 2.5], "place": ["Oslo", "New York"]}, index=["x", "y"])


def compared(before: pd.DataFrame, after: pd.DataFrame):
    return compare_tables(
        read_page(before._repr_html_()).tables, read_page(after._repr_html_()).tables, RULES
    )


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (FRAME.assign(mean=[1.0, 2.75]), "table row 2 (y) column mean: was 2.5 and is 2.75"),
        (FRAME.assign(place=["Rome", "New York"]), "table row 1 (x) column place: was Oslo and is Rome"),
        (FRAME.assign(more=1), "table column more is new"),
        (FRAME[["mean"]], "table column place is gone"),
        (FRAME.rename(columns={"mean": "median"}), "table column was mean and is median"),
        (FRAME[["place", "mean"]], "table the order of the columns was mean, place and is place, mean"),
        (FRAME.iloc[:1], "table had 2 rows and has 1"),
        (FRAME.set_axis(["x", "z"]), "table row 2 (y) column of the names: was y and is z"),
    ],
)
def test_a_frame_that_differs_names_row_and_column(after, says) -> None:
    found = compared(FRAME, after)
    assert (found.differs, found.says) == (True, says)


def test_numbers_may_be_near_and_equal_tables_are_the_same() -> None:
    wide = FRAME.assign(mean=[1.0, 2.5000001]).style.format(precision=9).to_html()
    narrow = FRAME.style.format(precision=9).to_html()
    pages = [read_page(html).tables for html in (narrow, wide)]
    assert compare_tables(*pages, RULES).verdict == "within_tolerance"
    assert compared(FRAME, FRAME.copy()) is SAME


def test_times_in_a_table_are_data() -> None:
    first = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=2)})
    found = compared(first, first + pd.Timedelta(days=1))
    assert found.says == "table row 1 column day: was 2026-01-01 and is 2026-01-02"


def test_levels_of_an_index_and_of_columns_are_joined() -> None:
    frame = pd.DataFrame({"a": [1, 1, 2], "b": [3, 4, 5], "v": [1.0, 2, 3]})
    grouped = frame.groupby(["a", "b"]).agg(["mean", "max"])
    (table,) = read_page(grouped._repr_html_()).tables
    assert table.columns == ("v / mean", "v / max")
    assert table.names == ("1 / 3", "1 / 4", "2 / 5")
    assert table.rows[1] == ("2.0", "2.0")


def test_a_page_is_read_without_style_and_a_table_inside_a_cell_is_its_text() -> None:
    page = read_page(
        "<style>p {color: red}</style><p>Above</p>"
        "<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</table><p>Below &amp; on</p>"
    )
    assert page.text == "Above Below & on"
    assert [table.rows for table in page.tables] == [(("a b", "c"),)]


def test_another_number_of_tables_is_told() -> None:
    one = read_page(FRAME._repr_html_()).tables
    assert compare_tables(one, (), RULES).says == "there were 1 tables and are 0"
    assert compare_tables((*one, *one), (*one, *one), RULES) is SAME


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        (FRAME.to_string(), ("mean", "place"), (("1.0", "Oslo"), ("2.5", "New York"))),
        ("   a  b\n0  1  2\n1  3  4", ("a", "b"), (("1", "2"), ("3", "4"))),
        (" a  b\n 1  2\n 3  4", ("a", "b"), (("1", "2"), ("3", "4"))),
        ("| a | b |\n|---|---|\n| 1 |   |", ("a", "b"), (("1", ""),)),
        ("+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+", ("a", "b"), (("1", "2"),)),
        ("┌───┬───┐\n│ a ┆ b │\n╞═══╪═══╡\n│ 1 ┆ 2 │\n└───┴───┘", ("a", "b"), (("1", "2"),)),
    ],
)
def test_tables_are_read_from_text(text, columns, rows) -> None:
    table = text_table(text)
    assert table is not None
    assert (table.columns, table.rows) == (columns, rows)


@pytest.mark.parametrize(
    "text", ["", "a  b", "started  12:00:01\nended  12:00:05", "some words\nand more of them here", "|\n|"]
)
def test_other_text_is_no_table(text) -> None:
    assert text_table(text) is None


@pytest.mark.parametrize("span", ["colspan=1000 rowspan=1000", f"rowspan=3 colspan={'9' * 5000}"])
def test_a_table_of_more_cells_than_can_be_held_is_read_as_text(span) -> None:
    page = read_page("<table>" + f"<tr><td {span}>a <b>b</b></td></tr>" * 3000 + "</table><p>end</p>")
    assert (page.tables, page.text) == ((), "end" + " a b" * 3000)


def test_a_span_that_says_nothing_is_one() -> None:
    (table,) = read_page(
        "<table><tr><td colspan=0 rowspan=x>a</td>" + "<td rowspan=0>b</td>" * 5 + "</tr></table>"
    ).tables
    assert len(table.rows[0]) == 6


def test_whole_numbers_in_cells_are_compared_to_their_last_digit() -> None:
    one, two = (read_page(f"<table><tr><td>{n}</td></tr></table>").tables for n in (10**400, 10**400 + 1))
    assert compare_tables(one, two, RULES).differs
    assert compare_tables(one, one, RULES) is SAME
