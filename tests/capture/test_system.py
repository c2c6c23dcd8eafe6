"""What the machine was busy with."""

from __future__ import annotations

import psutil

from jupyter_mlops.capture.system import system_sample


def test_a_sample_holds_numbers_under_documented_names() -> None:
    sample = system_sample()
    assert {"cpu_percent", "memory_percent", "process_memory_mb", "process_cpu_percent"} <= sample.keys()
    assert all(isinstance(value, float) for value in sample.values())
    assert sample["process_memory_mb"] > 1


def test_a_counter_that_cannot_be_read_is_left_out(monkeypatch) -> None:
    def missing() -> None:
        raise OSError

    monkeypatch.setattr(psutil, "net_io_counters", missing)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda: None)
    sample = system_sample()
    assert "network_sent_mb" not in sample
    assert "disk_read_mb" not in sample
    assert "cpu_percent" in sample
