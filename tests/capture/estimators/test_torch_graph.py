"""The graph of a loss: what it was computed from, without computing anything."""

from __future__ import annotations

import pytest

from jupyter_mlops.capture.estimators.torch_graph import data_behind, parameter_behind
from tests.needed import needed

torch = needed("torch")
nn, checkpoint = torch.nn, needed("torch.utils.checkpoint").checkpoint

X = torch.randn(8, 3)
Y = X.sum(dim=1, keepdim=True)


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, one):
        ctx.save_for_backward(one, X)
        return 2 * one

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


def same(found, *expected):
    return [id(one) for one in found] == [id(one) for one in expected]


def test_features_and_target_are_the_very_tensors_and_what_was_computed_is_none_of_them():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    loss = nn.functional.mse_loss(model(X), Y)
    assert same(data_behind(loss), X, Y)
    assert parameter_behind(loss) is model[2].bias
    loss.backward()
    assert model[0].weight.grad is not None


def test_a_view_leads_to_what_it_is_a_view_of():
    loss = nn.functional.mse_loss(nn.Linear(3, 1)(X[2:6]), Y[2:6])
    assert same([one._base for one in data_behind(loss)], X, Y)


def test_labels_weights_and_the_rows_of_an_embedding_are_seen():
    embedding, places = nn.Embedding(8, 3), torch.arange(6)
    labels, weights = torch.tensor([0, 1, 2, 0, 1, 2]), torch.ones(3)
    loss = nn.functional.cross_entropy(embedding(places), labels, weight=weights)
    found = {id(one) for one in data_behind(loss)}
    assert {id(places), id(labels), id(weights)} <= found


def test_a_function_of_somebodys_own_is_looked_into():
    weight = torch.ones(3, requires_grad=True)
    assert same(data_behind(Twice.apply(weight).sum()), X)


def test_what_others_packed_away_is_left_to_them():
    model, opened = nn.Linear(3, 1), []

    def unpack(packed):
        opened.append(packed)
        return packed

    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: tensor, unpack):
        inside = model(X)
    loss = nn.functional.mse_loss(inside, Y)
    assert same(data_behind(loss), Y)
    assert opened == []
    loss.backward()
    assert opened


def test_what_is_computed_again_when_going_backward_still_can_be():
    model = nn.Linear(3, 1)
    loss = nn.functional.mse_loss(checkpoint(model, X, use_reentrant=False), Y)
    data_behind(loss)
    loss.backward()
    assert model.weight.grad is not None


@pytest.mark.parametrize("loss", [torch.tensor(1.0), torch.ones(2, requires_grad=True).sum().detach()])
def test_a_number_without_a_graph_has_nothing_behind_it(loss):
    assert parameter_behind(loss) is None
    assert data_behind(loss) == []


def test_a_tensor_that_was_changed_meanwhile_raises_nothing_of_ours():
    features = X.clone()
    loss = nn.functional.mse_loss(nn.Linear(3, 1)(features), Y)
    features.add_(1)
    assert same(data_behind(loss), Y)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
