"""What the machine was busy with."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import psutil

from jupyter_mlops.capture.system import Meter, gpu_names


def test_a_sample_holds_numbers_under_documented_names() -> None:
    sample = Meter().sample()
    assert {"cpu_percent", "memory_percent", "process_memory_mb", "process_cpu_percent"} <= sample.keys()
    assert all(isinstance(value, float) for value in sample.values())
    assert sample["process_memory_mb"] > 1


def test_disk_and_network_are_rates_since_the_sample_before_and_never_counters(monkeypatch) -> None:
    counted = iter([(1e9, 5e9), (1e9 + 4e6, 5e9), (0.0, 6e9)])

    def disk() -> SimpleNamespace:
        read, write = next(counted)
        return SimpleNamespace(read_bytes=read, write_bytes=write)

    clock = iter([0.0, 2.0, 4.0, 6.0])
    monkeypatch.setattr(psutil, "disk_io_counters", disk)
    monkeypatch.setattr("jupyter_mlops.capture.system.time", SimpleNamespace(monotonic=lambda: next(clock)))
    meter = Meter()
    assert "disk_read_mb_per_s" not in meter.sample()
    second, third = meter.sample(), meter.sample()
    assert (second["disk_read_mb_per_s"], second["disk_write_mb_per_s"]) == (2.0, 0.0)
    assert (third["disk_read_mb_per_s"], third["disk_write_mb_per_s"]) == (0.0, 500.0)  # counted anew


def test_a_counter_that_cannot_be_read_is_left_out(monkeypatch) -> None:
    def missing() -> None:
        raise OSError

    monkeypatch.setattr(psutil, "net_io_counters", missing)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda: None)
    meter = Meter()
    meter.sample()
    sample = meter.sample()
    assert not [name for name in sample if name.startswith(("disk", "network"))]
    assert "cpu_percent" in sample


def test_gpus_are_read_through_the_drivers_library_where_it_is_there(monkeypatch) -> None:
    driver = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda number: number,
        nvmlDeviceGetName=lambda handle: f"A{handle}".encode(),
        nvmlDeviceGetUtilizationRates=lambda handle: SimpleNamespace(gpu=50 + handle),
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(used=(handle + 1) * 1_000_000),
    )
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    sample = Meter().sample()
    assert (sample["gpu_percent"], sample["gpu1_percent"], sample["gpu1_memory_mb"]) == (50.0, 51.0, 2.0)
    assert gpu_names() == ("A0", "A1")


def test_without_that_library_there_is_no_gpu_and_no_failure(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu_names() == ()
    assert not [name for name in Meter().sample() if name.startswith("gpu")]
