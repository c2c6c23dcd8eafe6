"""What this machine can give to jobs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from contracts.samples import SPEC

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.machine import Room, needs, room_here
from jupyter_mlops.workspace import Workspace

WHOLE = Room(cpus=4, memory=8_000_000_000, gpus=1)


@pytest.mark.parametrize(
    ("wanted", "lacks"),
    [
        (Room(), ""),
        (WHOLE, ""),
        (Room(cpus=5), "5 processors (4 are free)"),
        (Room(cpus=4.5, gpus=2), "2 GPUs (1 is free)"),
        (Room(memory=9_000_000_000), "9,000 MB of memory (8,000 are free)"),
    ],
)
def test_what_does_not_fit_is_named(wanted: Room, lacks: str) -> None:
    assert WHOLE.lacks(wanted) == lacks


def test_what_is_overdrawn_has_nothing_left() -> None:
    left = Room(cpus=1) - Room(cpus=2, gpus=1)
    assert (left.lacks(Room(cpus=1)), left.lacks(Room(gpus=1))) == (
        "1 processor (0 are free)",
        "1 GPU (0 are free)",
    )
    assert left.lacks(Room()) == ""  # who needs nothing finds room everywhere


def test_a_job_takes_what_it_says_and_no_more() -> None:
    assert needs(SPEC) == Room()
    assert needs(replace(SPEC, cpus=1.5, memory=7, gpus=2)) == Room(cpus=1.5, memory=7, gpus=2)


def test_settings_win_over_what_is_found(memory_ws: Workspace, tmp_path: Path, monkeypatch) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr("jupyter_mlops.jobs.machine._DEVICES", tmp_path)
    found = room_here(memory_ws.settings)
    assert (found.gpus, found.memory) == (2, psutil.virtual_memory().total)
    assert found.cpus >= 1
    said = replace(memory_ws.settings, job_cpus=0.5, job_memory="2GB", job_gpus=0)
    assert room_here(said) == Room(cpus=0.5, memory=2 * 10**9, gpus=0)
    with pytest.raises(Invalid, match="job_memory"):
        room_here(replace(memory_ws.settings, job_memory="much"))
