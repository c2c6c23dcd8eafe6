"""What the machine was busy with: processor, memory, disk, network and, where there is one, GPU."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

__all__ = ["system_sample"]


@cache
def _process() -> Any:
    import psutil

    process = psutil.Process()
    process.cpu_percent(None)  # the first call only sets the start of the interval
    psutil.cpu_percent(None)
    return process


def system_sample() -> dict[str, float]:
    """Return one sample, name to number; rates are since the last call, the first call has none of its own.

    ``cpu_percent`` and ``memory_percent`` are of the machine, ``process_cpu_percent`` (100 is one processor) and
    ``process_memory_mb`` of this kernel; ``disk_read_mb``, ``disk_write_mb``, ``network_sent_mb`` and
    ``network_received_mb`` count since the machine started; ``gpu_…`` only where PyTorch already sees a GPU.
    What cannot be read is left out. Never raises.
    """
    sample: dict[str, float] = {}
    for part in (_processor, _memory, _disk, _network, _gpu):
        try:
            sample.update(part())
        except Exception:  # noqa: BLE001, S112 - counters are missing in containers
            continue
    return sample


def _processor() -> dict[str, float]:
    import psutil

    return {"cpu_percent": psutil.cpu_percent(None), "process_cpu_percent": _process().cpu_percent(None)}


def _memory() -> dict[str, float]:
    import psutil

    return {
        "memory_percent": psutil.virtual_memory().percent,
        "process_memory_mb": _process().memory_info().rss / 1e6,
    }


def _disk() -> dict[str, float]:
    import psutil

    counters = psutil.disk_io_counters()
    if counters is None:
        return {}
    return {"disk_read_mb": counters.read_bytes / 1e6, "disk_write_mb": counters.write_bytes / 1e6}


def _network() -> dict[str, float]:
    import psutil

    counters = psutil.net_io_counters()
    return {"network_sent_mb": counters.bytes_sent / 1e6, "network_received_mb": counters.bytes_recv / 1e6}


def _gpu() -> dict[str, float]:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return {}
    return {"gpu_memory_mb": torch.cuda.memory_allocated() / 1e6}
