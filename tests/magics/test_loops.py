"""Loops of PyTorch in a real kernel: what they trained on is in the books."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from jupyter_mlops.capture.fingerprint import fingerprint
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.workspace import open_workspace
from tests.magics.kernels import Kernel
from tests.needed import needed

torch = needed("torch")

pytestmark = pytest.mark.kernel

DATA = """
from torch.utils.data import DataLoader, TensorDataset, random_split
X = torch.linspace(-1, 1, 80).reshape(40, 2)
y = X.sum(dim=1, keepdim=True)
train_set, valid_set = random_split(TensorDataset(X, y), [32, 8], torch.Generator().manual_seed(0))
loader = DataLoader(train_set, batch_size=8, shuffle=True)
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss_of = torch.nn.MSELoss()
"""
LOADED = """%%track loaded
for epoch in range(3):
    for features, target in loader:
        optimizer.zero_grad()
        loss_of(model(features), target).backward()
        optimizer.step()
    with torch.no_grad():
        for features, target in DataLoader(valid_set, batch_size=8):
            run.log_metric("validation_loss", loss_of(model(features), target).item(), epoch)
"""
WHOLE = """%%track whole
for epoch in range(3):
    optimizer.zero_grad()
    loss_of(model(X), y).backward()
    optimizer.step()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def inputs_of(project, name):
    """The inputs of the run called *name*, by name and role, once the kernel has brought it home."""
    ws = open_workspace(project, environ={})
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            page = find_runs(ws, f"name = '{name}'")
            if page.items and page[0].status is RunStatus.FINISHED and page[0].params.get("optimizer"):
                return {(one.name, one.role): (one.digest, one.rows) for one in page[0].inputs}
            time.sleep(0.02)
        raise AssertionError(f"no ended run {name}: {list(find_runs(ws))}")
    finally:
        ws.store.close()


def test_the_data_of_a_loop_are_inputs_of_its_run(project):
    with Kernel(project) as kernel:
        for code in ("%load_ext jupyter_mlops\nimport torch", DATA, LOADED, WHOLE):
            answer = kernel.execute(code)
            assert answer.status == "ok", answer
    features = torch.linspace(-1, 1, 80).reshape(40, 2)
    X, y = (fingerprint(one).digest for one in (features, features.sum(dim=1, keepdim=True)))
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0)).tolist()
    train, valid = order[:32], order[32:]
    assert inputs_of(project, "loaded") == {
        ("X", "train"): (X, 40),
        ("y", "train"): (y, 40),
        ("train_set.indices", "train"): (fingerprint(train).digest, 32),
        ("X", "test"): (X, 40),
        ("y", "test"): (y, 40),
        ("valid_set.indices", "test"): (fingerprint(valid).digest, 8),
    }
    assert inputs_of(project, "whole") == {("X", "train"): (X, 40), ("y", "train"): (y, 40)}
