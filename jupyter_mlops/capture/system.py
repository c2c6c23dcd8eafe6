"""What the machine was busy with: processor, memory, disk, network and, where there is one, GPU."""

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from typing import Any

__all__ = ["Meter", "gpu_names"]

_MEGA = 1e6


class Meter:
    """Takes samples; percentages and rates are over the time since its sample before.

    The first sample has no rates of disk and network. Making one imports psutil, which takes some 10 ms: do it in the
    background. One meter is for one thread at a time.
    """

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._process = psutil.Process()
        self._process.cpu_percent(None)  # the first call only sets the start of the interval
        psutil.cpu_percent(None)
        self._counted: dict[str, float] = {}
        self._at = time.monotonic()
        self._nvml = _nvml()

    def sample(self, *, quick: bool = False) -> dict[str, float]:
        """Return one sample, name to number; a *quick* one leaves out rates and GPUs, which take the longest.

        ``cpu_percent`` and ``memory_percent`` are of the machine, ``process_cpu_percent`` (100 is one processor) and
        ``process_memory_mb`` of this process; ``disk_read_mb_per_s``, ``disk_write_mb_per_s``, ``network_sent_mb_per_s``
        and ``network_received_mb_per_s`` of the machine; ``gpu_percent`` and ``gpu_memory_mb`` of the first GPU,
        ``gpu1_percent`` of the second, where pynvml is installed (``jupyter-mlops[gpu]``). What cannot be read is left out. Never
        raises.
        """
        sample: dict[str, float] = {}
        slow = () if quick else (self._rates, self._gpus)
        for part in (self._processor, self._memory, *slow):
            # Counters are missing in containers, and drivers fail in their own ways.
            with suppress(Exception):
                sample.update(part())
        return sample

    def _processor(self) -> dict[str, float]:
        return {
            "cpu_percent": self._psutil.cpu_percent(None),
            "process_cpu_percent": self._process.cpu_percent(None),
        }

    def _memory(self) -> dict[str, float]:
        return {
            "memory_percent": self._psutil.virtual_memory().percent,
            "process_memory_mb": self._process.memory_info().rss / _MEGA,
        }

    def _rates(self) -> dict[str, float]:
        before, since = self._counted, self._at
        self._counted, self._at = self._counters(), time.monotonic()
        seconds = self._at - since
        if seconds <= 0:
            return {}
        return {
            f"{name}_mb_per_s": max(0.0, count - before[name]) / _MEGA / seconds  # counters may start anew
            for name, count in self._counted.items()
            if name in before
        }

    def _counters(self) -> dict[str, float]:
        found: dict[str, float] = {}
        with suppress(Exception):
            disk: Any = self._psutil.disk_io_counters()
            found |= {"disk_read": disk.read_bytes, "disk_write": disk.write_bytes}
        with suppress(Exception):
            network = self._psutil.net_io_counters()
            found |= {"network_sent": network.bytes_sent, "network_received": network.bytes_recv}
        return found

    def _gpus(self) -> dict[str, float]:
        if self._nvml is None:
            return {}
        found: dict[str, float] = {}
        for number in range(self._nvml.nvmlDeviceGetCount()):
            handle = self._nvml.nvmlDeviceGetHandleByIndex(number)
            name = f"gpu{number or ''}"
            found[f"{name}_percent"] = float(self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
            found[f"{name}_memory_mb"] = self._nvml.nvmlDeviceGetMemoryInfo(handle).used / _MEGA
        return found


def _nvml() -> Any:
    """Return the library that talks to the driver, ready; None where either is missing."""
    try:
        pynvml: Any = importlib.import_module("pynvml")
        pynvml.nvmlInit()
    except Exception:  # noqa: BLE001 - no library, no driver, no permission
        return None
    return pynvml


def gpu_names() -> tuple[str, ...]:
    """Return the names of the GPUs of this machine; empty where nobody can tell."""
    nvml = _nvml()
    if nvml is None:
        return ()
    found: list[str] = []
    with suppress(Exception):
        for number in range(nvml.nvmlDeviceGetCount()):
            name = nvml.nvmlDeviceGetName(nvml.nvmlDeviceGetHandleByIndex(number))
            found.append(name.decode() if isinstance(name, bytes) else str(name))
    return tuple(found)
