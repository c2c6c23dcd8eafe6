"""Loops without a loader: which of the tensors in sight the batches came from."""

from __future__ import annotations

import gc
import weakref

import pytest

from jupyter_mlops.capture.estimators.torch_sight import Sight, cell_of, modules_in_sight, outside
from jupyter_mlops.capture.fingerprint import fingerprint
from tests.needed import needed

torch = needed("torch")
nn = torch.nn

torch.manual_seed(0)
X_all = torch.randn(60, 3)
y_all = (X_all.sum(dim=1) > 0).long()
X, y = X_all[:40], y_all[:40]  # views of them
X_other, y_other = X_all[40:].clone(), y_all[40:].clone()


class Loop:
    def __init__(self, loss=nn.functional.cross_entropy):
        self.model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 2))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.loss = loss

    def step(self, features, target):
        self.optimizer.zero_grad()
        self.loss(self.model(features), target).backward()
        self.optimizer.step()


def told(heard):
    inputs = heard.fits[-1].progress().inputs
    assert all(one.role == "train" for one in inputs)
    assert heard.notes == []
    return {one.name: one.digest for one in inputs}


def whole(**tensors):
    return {name: fingerprint(tensor).digest for name, tensor in tensors.items()}


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize(
    "loss", [nn.functional.cross_entropy, nn.CrossEntropyLoss()], ids=["function", "module"]
)
def test_whole_tensors_are_known_from_the_first_step(heard, loss, steps):
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(X), y).backward()
        optimizer.step()
    assert told(heard) == whole(X=X, y=y)


def test_slices_lead_to_the_smallest_that_holds_them_all(heard):
    loop = Loop()
    for start in range(0, 40, 8):
        xb, yb = X[start : start + 8], y[start : start + 8]
        loop.step(xb, yb)
    assert told(heard) == whole(X=X, y=y)


def test_slices_beyond_it_lead_to_the_larger_one(heard):
    loop = Loop()
    for start in (0, 50, 20, 30):
        loop.step(X_all[start : start + 8], y_all[start : start + 8])
    assert told(heard) == whole(X_all=X_all, y_all=y_all)


def test_batches_copied_by_their_places_lead_to_what_they_were_taken_from(heard):
    loop, order = Loop(), torch.randperm(40)
    for start in range(0, 40, 8):
        xb, yb = X[order[start : start + 8]], y[order[start : start + 8]]
        loop.step(xb, yb)
    assert told(heard) == whole(X=X, y=y)  # y_other holds such labels too, but not at these places


def test_a_batch_that_was_made_in_the_loop_is_told_without_a_digest(heard):
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(4):
        noisy = X + torch.randn_like(X)
        nn.functional.cross_entropy(model(noisy), y).backward()
        optimizer.step()
    found = {one.name: one for one in heard.fits[-1].progress().inputs}
    assert found.keys() == {"noisy", "y"}
    assert found["noisy"].digest == ""
    assert "made in the loop" in found["noisy"].note
    assert found["y"].digest == fingerprint(y).digest


def test_labels_that_fit_many_tensors_are_nobodys_where_the_features_say_nothing(heard):
    loop = Loop()
    for _ in range(4):
        places = torch.randint(0, 40, (8,))
        xb, yb = X[places] * 2, y[places]
        loop.step(xb, yb)
    assert told(heard) == {"features": "", "target": ""}


def test_rows_of_a_training_part_are_not_taken_for_those_of_all(heard):
    part, labels, loop = X.clone(), y.clone(), Loop()
    for _ in range(8):
        places = torch.randint(0, 60, (20,))
        loop.step(X_all[places], y_all[places])
    assert told(heard) == whole(X_all=X_all, y_all=y_all)
    loop = Loop()
    for _ in range(8):
        places = torch.randint(0, 40, (20,))
        loop.step(part[places], labels[places])
    assert set(told(heard).values()) == set(whole(part=part, labels=labels).values())


def test_a_modules_own_tensors_are_no_data(heard):
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)
            self.mask = torch.tensor([1.0, 0.0, 1.0])
            self.register_buffer("scale", torch.full((3,), 2.0))

        def forward(self, rows):
            return self.layer(rows) * self.mask[:2] * self.scale[:2]

    model = Masked()
    mask, scale = model.mask, model.scale
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    nn.functional.cross_entropy(model(X), y).backward()
    optimizer.step()
    assert told(heard) == whole(X=X, y=y)
    assert len(mask) == len(scale)


def test_what_a_container_or_an_object_in_sight_holds_has_a_name_too(heard):
    class Graph:
        def __init__(self):
            self.rows = X.clone()

    graph, batch, model = Graph(), {"label": y.clone()}, nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    nn.functional.cross_entropy(model(graph.rows), batch["label"]).backward()
    optimizer.step()
    assert told(heard) == {"graph.rows": fingerprint(X).digest, "batch['label']": fingerprint(y).digest}


def test_a_missing_value_is_found_like_any_other(heard):
    holed = X_other.clone()
    holed[:, 0] = float("nan")
    loop = Loop(lambda out, target: nn.functional.cross_entropy(out.nan_to_num(), target))
    for _ in range(3):
        places = torch.randint(0, 20, (5,))
        xb, yb = holed[places], y_other[places]
        loop.step(xb, yb)
    assert told(heard) == whole(holed=holed, y_other=y_other)


def test_nothing_is_kept_alive_but_a_few_rows(heard):
    sight, features = Sight(), X_all.clone()
    sight.look([features], None, loaded=False)
    sight.look([features[:8].clone()], None, loaded=False)
    gone = weakref.ref(features)
    del features
    gc.collect()
    assert gone() is None


def frame_of(code):
    names = {}
    exec(code, names)
    return names["frame"]


def test_modules_and_frames():
    import sys

    model = nn.Linear(1, 1)
    here = sys._getframe()
    assert model in list(modules_in_sight(here))
    assert outside(here) is here
    one, again = (compile("frame = __import__('sys')._getframe()", "cell", "exec") for _ in range(2))
    frames = [frame_of(code) for code in (one, again)]
    assert cell_of(frames[0]) is one
    assert cell_of(frames[1]) is again
