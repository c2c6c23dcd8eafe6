"""What is another at each execution is masked, and nothing else."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from pathlib import Path

import pytest

from jupyter_mlops.jobs.outputs.masks import masked, masked_ids, shown_text
from jupyter_mlops.workspace import new_id


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("at 2026-11-30 01:52:32.123456", "at <time>"),
        ("at 2026-11-30T01:52:32+00:00.", "at <time>."),
        ("Mon Nov 30 01:52:32 UTC 2026", "<time>"),
        ("Mon, 30 Nov 2026 01:52:32 GMT", "<time>"),
        ("on November 30, 2026", "on <time>"),
        ("[01:52:32] begun", "[<time>] begun"),
        ("datetime.datetime(2026, 11, 30, tzinfo=datetime.timezone(datetime.timedelta(0)))", "<time>"),
        ("took 3.25 s", "took <duration>"),
        ("3min 2s", "<duration> <duration>"),
        ("CPU times: user 3.2 ms, total: 1e+03 ns", "CPU times: user <duration>, total: <duration>"),
        ("1.2 µs per loop, 1,000,000 loops each", "<duration> per loop, <count> loops each"),
        ("[==] - 3s 12ms/step - loss: 0.5", "[==] - <duration> <duration> - loss: 0.5"),
        ("<Foo object at 0x7f21e2a9d0>", "<Foo object at <address>>"),
        ("140389623449344", "<address>"),
        ("pid 1234, Process: 77", "pid <pid>, Process: <pid>"),
        ("http://127.0.0.1:35123/", "http://127.0.0.1:<port>/"),
        ("/tmp/ipykernel_12/3.py:4: UserWarning: hey", "<path>:4: UserWarning: hey"),
        ("/home/x/lib/python3/site-packages/a/b.py:12: W", "<path>/site-packages/a/b.py:12: W"),
        (
            " 50%|███  | 5/10 [00:01<00:01, 4.9it/s]\r100%|█████| 10/10 [00:02<00:00, 4.9it/s]\nend",
            "<bar>\nend",
        ),
        ("reading: 10it [00:00, 33it/s]", "<bar>"),
        ('id="T_a3f91_row0"', 'id="T_<id>_row0"'),
        ("#sk-container-id-3 a", "#sk-container-id-<id> a"),
    ],
)
def test_times_addresses_and_ids_are_masked(text, read) -> None:
    assert masked(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "mae 3.5 of 1.9.0, shape (3, 4)",
        "accuracy: 0.87",
        "5 m at 3 m/s",
        "ratio 16:9",
        "rows 2026",
        "sha a3f91c",
        "12345678",
        "the pidgin 3",
        "0x1f",
    ],
)
def test_results_are_not_masked(text) -> None:
    assert masked(text) == text


def test_what_is_made_up_now_is_masked(tmp_path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp") as file:
        for made in (str(uuid.uuid4()), new_id(), new_id().upper(), file.name, str(dt.datetime.now(dt.UTC))):
            assert made not in masked(f"made {made} here"), made
            assert masked(f"made {made} here").startswith("made <")


def test_a_project_adds_masks_of_its_own_and_they_go_first() -> None:
    assert masked("ticket 2026-01-01 A", [r"ticket \S+"]) == "<masked> A"


def test_in_a_table_times_stay() -> None:
    assert masked_ids("2026-01-01 0x7f21e2a9d0") == "2026-01-01 <address>"


def test_colours_and_lines_written_over_are_read_as_a_terminal_shows_them() -> None:
    assert shown_text("\x1b[31mred\x1b[0m\r\n1\r2\r\nend\r") == "red\n2\nend"
