"""One prepared process for all tests that ask nothing special of theirs."""

from __future__ import annotations

import pytest

from tests.jobs.prepared.kernels import Kernel, prepared

MODULES = ("numpy", "pandas", "sklearn.linear_model", "matplotlib.pyplot", "jupyter_mlops.magics")


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="package")
def process(folder):
    with prepared(folder, *MODULES) as process:
        assert process.doubt is None
        yield process


@pytest.fixture
def forked(process, folder):
    with Kernel(folder, process.socket) as kernel:
        assert kernel.forked, kernel.reason
        yield kernel


@pytest.fixture
def cold(folder):
    with Kernel(folder, None) as kernel:
        yield kernel
