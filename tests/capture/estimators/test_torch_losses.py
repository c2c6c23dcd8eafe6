"""Losses: looked at seldom, handed to the loop that moves their parameters, forgotten with them."""

from __future__ import annotations

import gc

from jupyter_mlops.capture.estimators import torch_losses
from jupyter_mlops.capture.fingerprint import fingerprint
from tests.needed import needed

torch = needed("torch")
nn = torch.nn

torch.manual_seed(0)
X = torch.randn(20, 3)
Y = X.sum(dim=1, keepdim=True)
X2, Y2 = X + 1, Y + 1


class Readings:
    go_on = False


def train(model, optimizer, features, target, steps=1):
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(features), target).backward()
        optimizer.step()


def digests(heard):
    return {one.digest for one in heard.fits[-1].progress().inputs}


def whole(*tensors):
    return {fingerprint(tensor).digest for tensor in tensors}


def test_a_graph_is_read_the_less_often_the_longer_a_loop_goes_on(heard, monkeypatch):
    read = []

    def counted(loss):
        read.append(loss)
        return before(loss)

    before = torch_losses.data_behind
    monkeypatch.setattr(torch_losses, "data_behind", counted)
    model = nn.Linear(3, 1)
    train(model, torch.optim.SGD(model.parameters(), lr=0.01), X, Y, steps=100)
    assert len(read) == 7  # the 1st, 2nd, 4th, ... 64th


def test_two_models_in_one_loop_have_their_own_data(heard):
    first, second = nn.Linear(3, 1), nn.Linear(3, 1)
    optimizers = [torch.optim.SGD(one.parameters(), lr=0.01) for one in (first, second)]
    for _ in range(3):
        train(first, optimizers[0], X, Y)
        train(second, optimizers[1], X2, Y2)
    told = {seen.estimator: {one.digest for one in seen.progress().inputs} for seen in heard.fits}
    assert told == {first: whole(X, Y), second: whole(X2, Y2)}


def test_a_second_training_of_the_same_model_has_the_data_of_the_second(heard):
    model = nn.Linear(3, 1)
    train(model, torch.optim.SGD(model.parameters(), lr=0.01), X, Y, steps=3)
    assert digests(heard) == whole(X, Y)
    train(model, torch.optim.Adam(model.parameters()), X2, Y2, steps=3)
    assert digests(heard) == whole(X2, Y2)


def test_an_optimizer_that_goes_on_in_another_cell_has_that_cells_data_alone(heard):
    model = nn.Linear(3, 1)
    names = {"train": train, "model": model, "optimizer": torch.optim.SGD(model.parameters(), lr=0.01)}
    for features, target in ((X, Y), (X2, Y2)):
        names |= {"features": features, "target": target}
        exec(compile("train(model, optimizer, features, target, 3)", "cell", "exec"), names)
        assert digests(heard) == whole(features, target)


def test_a_loss_that_no_optimizer_followed_is_nobodys(heard):
    model, other = nn.Linear(3, 1), nn.Linear(3, 1)
    nn.functional.mse_loss(other(X2), Y2).backward()
    train(model, torch.optim.SGD(model.parameters(), lr=0.01), X, Y)
    assert digests(heard) == whole(X, Y)


def test_losses_that_end_with_other_parameters_of_one_loop_all_count(heard):
    left, right = nn.Linear(3, 1), nn.Linear(3, 1)
    optimizer = torch.optim.SGD([*left.parameters(), *right.parameters()], lr=0.01)
    for _ in range(3):
        nn.functional.mse_loss(left(X), Y).backward()
        nn.functional.mse_loss(right(X2), Y2).backward()
        optimizer.step()
    assert digests(heard) == whole(X, Y, X2, Y2)


def test_nothing_is_remembered_of_parameters_that_are_gone():
    losses, model = torch_losses.Losses(), nn.Linear(3, 1)
    losses.look(nn.functional.mse_loss(model(X), Y), None, Readings())
    assert len(losses._watched) == 1
    del model
    gc.collect()
    losses._thread.waiting.clear()
    assert losses._watched == {}
