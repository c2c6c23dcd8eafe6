"""A plain PyTorch loop: what is certain."""

from __future__ import annotations

import gc
import weakref

import pytest

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.fingerprint import fingerprint
from tests.needed import needed

torch = needed("torch")
nn = torch.nn
_global_optimizer_post_hooks = needed("torch.optim.optimizer")._global_optimizer_post_hooks

X = torch.linspace(-1, 1, 32).reshape(-1, 2)
Y = X.sum(dim=1, keepdim=True)


def train(model, optimizer, steps=5):
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(X), Y).backward()
        optimizer.step()


def test_a_loop_is_one_training_with_its_module_and_optimizer(heard):
    torch.manual_seed(7)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    train(model, torch.optim.Adam(model.parameters(), lr=0.02))
    assert [seen.estimator for seen in heard.fits] == [model] * 5
    assert len({seen.progress for seen in heard.fits}) == 1
    seen = heard.fits[-1]
    assert (seen.params["optimizer"], seen.params["optimizer_lr"], seen.params["module"]) == (
        "Adam",
        0.02,
        "Sequential",
    )
    assert (seen.params["module_numbers"], seen.params["device"], seen.params["torch_seed"]) == (17, "cpu", 7)
    assert "Linear(in_features=2, out_features=4" in seen.artifacts["module.txt"].decode()
    assert seen.progress().metrics["steps"] == 5
    assert not seen.kept
    assert heard.notes == []


def test_the_learning_rate_is_the_last_one(heard):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    for _ in range(3):
        train(model, optimizer, 1)
        schedule.step()
    assert heard.fits[-1].progress().metrics["learning_rate"] == pytest.approx(0.25)


def test_the_module_that_is_moved_is_told_from_others_in_sight(heard):
    frozen, model = nn.Linear(2, 2), nn.Linear(2, 1)
    whole = nn.Sequential(frozen, model)
    train(whole, torch.optim.SGD(model.parameters(), lr=0.1), 1)
    assert heard.fits[0].estimator is model


def test_a_parameter_without_a_module_is_the_optimizers(heard):
    weight = nn.Parameter(torch.zeros(3))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    weight.sum().backward()
    optimizer.step()
    assert heard.fits[0].estimator is optimizer
    assert heard.fits[0].params["optimized_numbers"] == 3


def test_nothing_is_kept_alive(heard):
    model = nn.Linear(2, 1)
    train(model, torch.optim.SGD(model.parameters(), lr=0.1), 1)
    gone = weakref.ref(model)
    heard.fits.clear()
    del model
    gc.collect()
    assert gone() is None


def test_what_a_loop_trains_on_is_with_its_run(heard):
    model = nn.Linear(2, 1)
    train(model, torch.optim.SGD(model.parameters(), lr=0.1))
    inputs = heard.fits[-1].progress().inputs
    assert [(one.name, one.role, one.rows) for one in inputs] == [("X", "train", 16), ("Y", "train", 16)]
    assert [one.digest for one in inputs] == [fingerprint(X).digest, fingerprint(Y).digest]


def test_a_failure_of_ours_never_reaches_the_loop(heard, monkeypatch):
    from jupyter_mlops.capture.estimators import torch_losses

    def fails(loss):
        raise ValueError("odd graph")

    monkeypatch.setattr(torch_losses, "data_behind", fails)
    model = nn.Linear(2, 1)
    train(model, torch.optim.SGD(model.parameters(), lr=0.1))
    assert "a loss could not be observed: ValueError: odd graph" in heard.notes
    assert heard.fits[-1].progress().metrics["steps"] == 5


def test_off_takes_the_hook_away(sink):
    before, body = dict(_global_optimizer_post_hooks), torch.Tensor.backward.__code__
    autolog(sink)
    assert len(_global_optimizer_post_hooks) == len(before) + 1
    assert torch.Tensor.backward.__code__ is not body
    autolog_off()
    assert dict(_global_optimizer_post_hooks) == before
    assert torch.Tensor.backward.__code__ is body
    model = nn.Linear(2, 1)
    train(model, torch.optim.SGD(model.parameters(), lr=0.1), 1)
    assert sink.fits == []
