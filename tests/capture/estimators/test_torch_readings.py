"""Loaders: which of those that were read a loop was trained on, and which it was measured on."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.fingerprint import fingerprint
from tests.needed import needed

torch = needed("torch")
nn, DataLoader, TensorDataset = torch.nn, torch.utils.data.DataLoader, torch.utils.data.TensorDataset

ALL = torch.linspace(-1, 1, 60).reshape(-1, 2)
TRAIN, VALID, OTHER = (TensorDataset(part.clone()) for part in ALL.split(10))


class Loop:
    """A model and its optimizer, and a step of it."""

    def __init__(self):
        self.model = nn.Linear(2, 1)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def step(self, *batches):
        self.optimizer.zero_grad()
        sum(self.model(batch).sum() for batch in batches).backward()
        self.optimizer.step()

    def epoch(self, loader):
        for (batch,) in loader:
            self.step(batch)


def roles(heard):
    """The roles of the data of the last fit, by the variable that they are called by."""
    inputs = heard.fits[-1].progress().inputs
    assert all(one.digest for one in inputs)
    return {(one.name.partition(".")[0], one.role) for one in inputs}


def test_what_is_read_while_an_optimizer_steps_is_trained_on_whatever_was_looked_at_before(heard):
    train, valid, loop = DataLoader(TRAIN, batch_size=5), DataLoader(VALID, batch_size=5), Loop()
    next(iter(valid))
    for _ in range(3):
        loop.epoch(train)
    assert roles(heard) == {("TRAIN", "train")}
    assert heard.notes == []


def test_what_is_read_between_the_steps_or_after_them_is_measured_on(heard):
    train, valid, other, loop = DataLoader(TRAIN), DataLoader(VALID), DataLoader(OTHER), Loop()
    for _ in range(2):
        loop.epoch(train)
        for (batch,) in valid:
            with torch.no_grad():
                loop.model(batch)
    assert roles(heard) == {("TRAIN", "train"), ("VALID", "test")}
    with torch.no_grad():
        for (batch,) in other:
            loop.model(batch)
    assert roles(heard) == {("TRAIN", "train"), ("VALID", "test"), ("OTHER", "test")}


def test_the_last_evaluation_is_known_when_the_run_ends(heard):
    loop = Loop()
    loop.epoch(DataLoader(TRAIN))
    for (batch,) in DataLoader(VALID):
        with torch.no_grad():
            loop.model(batch)
    assert roles(heard) == {("TRAIN", "train"), ("VALID", "test")}


def test_loaders_that_are_read_together_are_both_trained_on(heard):
    loop = Loop()
    for (one,), (other,) in zip(DataLoader(TRAIN), DataLoader(OTHER), strict=True):
        loop.step(one, other)
    assert roles(heard) == {("TRAIN", "train"), ("OTHER", "train")}


def test_two_optimizers_that_step_on_the_same_batches_both_have_them(heard):
    first, second = Loop(), Loop()
    for (batch,) in DataLoader(TRAIN):
        first.step(batch)
        second.step(batch)
    told = {seen.estimator: seen.progress().inputs for seen in heard.fits}
    assert [[one.name for one in inputs] for inputs in told.values()] == 2 * [["TRAIN.tensors[0]"]]


def test_workers_that_are_kept_do_not_make_an_evaluation_a_training(heard):
    loop = Loop()
    valid = DataLoader(VALID, batch_size=5, num_workers=1, persistent_workers=True)
    train = DataLoader(TRAIN, batch_size=5, num_workers=1, persistent_workers=True)
    for _ in range(2):
        for (batch,) in valid:
            loop.model(batch)
        loop.epoch(train)
    assert roles(heard) == {("TRAIN", "train"), ("VALID", "test")}


def test_beside_a_loader_only_what_is_the_same_at_each_step_is_seen_in_the_loss(heard):
    weights, loop = torch.tensor([0.25, 0.75]), Loop()
    for (batch,) in DataLoader(TRAIN, batch_size=3):
        loop.step(batch * weights)
        assert roles(heard) == {("TRAIN", "train")}
        break
    for (batch,) in DataLoader(TRAIN, batch_size=3):
        loop.optimizer.zero_grad()
        (loop.model(batch) * weights).sum().backward()
        loop.optimizer.step()
    assert roles(heard) == {("TRAIN", "train"), ("weights", "train")}


def test_an_optimizer_that_goes_on_in_another_cell_has_that_cells_loaders_alone(heard):
    loop = Loop()
    for dataset in (TRAIN, OTHER):
        names = {"loop": loop, "loader": DataLoader(dataset), "dataset": dataset}
        exec(compile("for batch, in loader:\n    loop.step(batch)", "cell", "exec"), names)
        assert [one.digest for one in heard.fits[-1].progress().inputs] == [
            fingerprint(dataset.tensors[0]).digest
        ]


def test_a_list_is_a_dataset_too(heard):
    rows, loop = [0.25, 0.5, 0.75, 1.0], Loop()
    for batch in DataLoader(rows, batch_size=2):
        loop.step(torch.stack([batch.float(), batch.float()], dim=1))
    (one,) = heard.fits[-1].progress().inputs
    assert (one.name, one.rows, one.role) == ("rows", 4, "train")
    assert one.digest


def test_a_dataset_without_a_name_is_called_by_its_loaders(heard):
    loop, loader = Loop(), DataLoader(TensorDataset(ALL[:6]), batch_size=3)
    for (batch,) in loader:
        loop.step(batch)
    for (batch,) in DataLoader(TensorDataset(ALL[:8]), batch_size=3):
        loop.step(batch)
    names = [one.name for one in heard.fits[-1].progress().inputs]
    assert names == ["loader.dataset.tensors[0]", "TensorDataset.tensors[0]"]


def test_nothing_is_noted_while_nobody_listens(heard):
    loop = Loop()
    heard.listening = False
    batches = iter(DataLoader(TRAIN))
    heard.listening = True
    loop.step(*next(batches))
    assert not any(one.name.startswith("TRAIN") for one in heard.fits[-1].progress().inputs)


def test_no_dataset_is_kept_alive(heard):
    loop, dataset = Loop(), TensorDataset(ALL.clone())
    loop.epoch(DataLoader(dataset, batch_size=10))
    with torch.no_grad():
        next(iter(DataLoader(dataset)))
    gone = weakref.ref(dataset)
    del dataset
    gc.collect()
    assert gone() is None
    assert heard.fits[-1].progress().inputs


def test_a_failure_of_ours_is_a_note(heard, monkeypatch):
    from jupyter_mlops.capture.estimators.torch_data import LoopData

    def fails(*args):
        raise ValueError("odd data")

    monkeypatch.setattr(LoopData, "read", fails)
    Loop().epoch(DataLoader(TRAIN, batch_size=5))
    assert "ValueError: odd data" in heard.notes[0]
    assert len(heard.fits) == 2


@pytest.mark.parametrize("first", ["torch", "torch.utils.data"])
def test_it_is_seen_in_the_cell_that_imports_torch_and_off_takes_it_away(first):
    script = f"""
import sys
from jupyter_mlops.capture.estimators import autolog, autolog_off
fits, finders = [], list(sys.meta_path)
class Sink:
    def fit(self, seen): fits.append(seen)
    def note(self, text): print(text)
    def wanted(self): return True
    def keeps(self): return True
autolog(Sink())
import {first}
import torch
rows = torch.ones(4, 2)
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for batch in torch.utils.data.DataLoader(rows, batch_size=2):
    model(batch).sum().backward()
    optimizer.step()
print([one.name for one in fits[-1].progress().inputs])
autolog_off()
print(torch.utils.data.DataLoader.__iter__.__module__, sys.meta_path == finders)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['rows']", "torch.utils.data.dataloader True"]


def test_off_puts_the_very_method_back(sink):
    before = vars(DataLoader)["__iter__"]
    autolog(sink)
    assert vars(DataLoader)["__iter__"] is not before
    autolog_off()
    assert vars(DataLoader)["__iter__"] is before
