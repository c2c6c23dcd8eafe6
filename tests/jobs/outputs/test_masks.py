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
        ("reading: 10it [00:00, 33it/s]", "reading: <bar>"),
        ("fit:  50%|██   | 1/2 [00:01<?, ?it/s, loss=0.5] on", "fit:<bar>, loss=0.5] on"),
        ("a ███ 3", "a <bar> 3"),
        ("C:\\Users\\x\\AppData\\Local\\Temp\\a.py: W", "<path>: W"),
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
        "acc: 93% | f1: 0.81 | auc 0.9",
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


@pytest.mark.parametrize(
    "piece",
    [
        "|",
        "━: ",
        "1,",
        "1",
        "a/",
        "pid ",
        "model_id",
        "C:\\",
        " ",
        "1%|",
        "1it [",
        "12:00<",
        "datetime.date(",
    ],
)
def test_no_line_takes_a_time_that_grows_with_its_square(piece) -> None:
    endless = piece * (4_000_000 // len(piece))
    assert masked(f"pid 7\n{endless}\npid 8") == f"pid <pid>\n{endless}\npid <pid>"


def test_in_a_line_that_is_too_long_nothing_is_masked_nor_by_a_mask_of_the_project() -> None:
    slow = r"(a|aa)+$"  # takes longer than the world has for a line of a's and a b
    line = "a" * 10_000 + "b"
    assert masked(f"{line}\naaaa", [slow]) == f"{line}\n<masked>"


def test_an_address_in_a_line_that_is_not_too_long_is_masked_in_time() -> None:
    for piece in ("1,", "pid" + " " * 900, "a/", "[", "1"):
        line = (piece * 10_000)[:9_000] + "x"
        assert masked(f"{line} at 0x7f21e2a9d0") == f"{line} at <address>"
