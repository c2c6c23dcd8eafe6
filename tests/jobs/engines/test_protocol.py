"""What an engine must do: every one of ours does, with the same arguments."""

from __future__ import annotations

import inspect

import pytest

from jupyter_mlops.jobs.engines.dask import DaskEngine, DaskHandle
from jupyter_mlops.jobs.engines.local import LocalEngine
from jupyter_mlops.jobs.engines.protocol import Engine, Handle
from jupyter_mlops.jobs.launcher import Worker


def calls(kind: type) -> dict[str, list[tuple[str, object]]]:
    return {
        name: [(p.name, p.default) for p in inspect.signature(member).parameters.values()]
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }


@pytest.mark.parametrize(
    ("ours", "port"), [(LocalEngine, Engine), (DaskEngine, Engine), (Worker, Handle), (DaskHandle, Handle)]
)
def test_each_engine_and_each_worker_takes_the_calls_of_its_port(ours: type, port: type) -> None:
    asked = calls(port)
    assert asked
    assert {name: calls(ours).get(name) for name in asked} == asked
