"""What a dataset holds, as inputs: exact where it is held in arrays, else with the reason."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.capture.estimators.torch_data import LoopData
from jupyter_mlops.capture.fingerprint import fingerprint
from tests.needed import needed

torch = needed("torch")
data = torch.utils.data

X = torch.arange(20.0).reshape(10, 2)
Y = X.sum(dim=1)


class Held(data.Dataset):
    """Somebody's own dataset, with what it was given as attributes."""

    def __init__(self, count, **held):
        self.count = count
        vars(self).update(held)

    def __len__(self):
        return self.count

    def __getitem__(self, place):
        raise AssertionError("no item is asked for")


class Stream(data.IterableDataset):
    def __iter__(self):
        raise AssertionError("no item is asked for")


def read(dataset, *samplers, loop=None, role="train"):
    loop = LoopData() if loop is None else loop
    loop.read(dataset, "d", samplers, role, None)
    return loop.inputs()


def told(inputs):
    return {one.name: (one.digest, one.rows) for one in inputs}


def digest(thing):
    return fingerprint(thing).digest


def test_tensors_are_digested_as_they_are():
    assert told(read(data.TensorDataset(X, Y))) == {
        "d.tensors[0]": (digest(X), 10),
        "d.tensors[1]": (digest(Y), 10),
    }


def test_a_subset_is_its_whole_and_which_rows_of_it():
    whole = data.TensorDataset(X)
    first, second = data.Subset(whole, [0, 1, 2]), data.Subset(whole, [0, 1, 3])
    inputs = told(read(first))
    assert inputs == {"d.dataset.tensors[0]": (digest(X), 10), "d.indices": (digest([0, 1, 2]), 3)}
    assert told(read(second))["d.indices"] != inputs["d.indices"]


def test_datasets_made_of_datasets_answer_for_themselves():
    whole = data.ConcatDataset([data.TensorDataset(X), data.Subset(data.TensorDataset(Y), range(4))])
    assert {name: rows for name, (_, rows) in told(read(whole)).items()} == {
        "d.datasets[0].tensors[0]": 10,
        "d.datasets[1].dataset.tensors[0]": 10,
        "d.datasets[1].indices": 4,
    }


def test_what_somebodys_own_dataset_holds_is_found_without_asking_it_for_an_item():
    frame, labels = pd.DataFrame({"a": range(10)}), [str(n) for n in range(10)]
    dataset = Held(10, frame=frame, images=np.zeros((10, 2, 2)), labels=labels, mean=X[0], path="/nowhere")
    assert told(read(dataset)) == {
        "d.frame": (digest(frame), 10),
        "d.images": (digest(dataset.images), 10),
        "d.labels": (digest(labels), 10),
        "d.mean": (digest(X[0]), 2),
    }


def test_windows_over_a_long_series_are_known_by_the_series():
    assert told(read(Held(8, series=X))) == {"d.series": (digest(X), 10)}


@pytest.mark.parametrize(
    ("dataset", "rows"),
    [
        (Held(10), 10),
        (Held(10, mean=X[0]), 10),
        (Held(10, items=[X, object()] + [None] * 8), 10),
        (Stream(), None),
    ],
    ids=["nothing", "too little", "objects", "a stream"],
)
def test_what_is_made_when_asked_for_has_no_digest_and_says_so(dataset, rows):
    (unread,) = [one for one in read(dataset) if one.name == "d"]
    assert (unread.digest, unread.rows, unread.kind) == ("", rows, "object")
    assert f"a {type(dataset).__name__} makes its items when they are asked for" in unread.note


def test_paths_are_told_apart_though_what_they_lead_to_is_not_known():
    one, other = (read(Held(2, paths=paths)) for paths in (["a", "b"], ["a", "c"]))
    assert [item.name for item in one] == ["d.paths", "d"]
    assert told(one)["d.paths"] != told(other)["d.paths"]


def test_which_rows_a_sampler_draws_counts():
    dataset = data.TensorDataset(X)
    drawn = told(read(dataset, data.SubsetRandomSampler([4, 2])))
    assert drawn["d.sampler.indices"] == (digest([4, 2]), 2)
    weighted = told(read(dataset, data.WeightedRandomSampler([0.5] * 10, 10)))
    assert weighted["d.sampler.weights"][1] == 10
    assert told(read(dataset, data.RandomSampler(dataset), data.SequentialSampler(dataset))) == told(
        read(dataset)
    )


def test_it_is_digested_again_only_where_it_was_changed_in_place(monkeypatch):
    from jupyter_mlops.capture.estimators import torch_data

    taken = []

    def counted(thing, *rest):
        taken.append(thing)
        return before(thing, *rest)

    before = torch_data.input_of
    monkeypatch.setattr(torch_data, "input_of", counted)
    tensor, loop = X.clone(), LoopData()
    dataset = data.TensorDataset(tensor)
    for _ in range(3):
        read(dataset, loop=loop)
    read(dataset, loop=loop, role="test")
    assert len(taken) == 1
    assert [one.role for one in loop.inputs()] == ["train", "test"]
    tensor[9, 1] = -1
    read(dataset, loop=loop)
    assert len(taken) == 2
    assert len({one.digest for one in loop.inputs()}) == 2


def test_nothing_is_kept_alive():
    class Own(data.TensorDataset):
        pass

    loop, dataset = LoopData(), Own(X.clone())
    read(dataset, loop=loop)
    gone = [weakref.ref(dataset), weakref.ref(dataset.tensors[0])]
    del dataset
    gc.collect()
    assert [way() for way in gone] == [None, None]
    assert len(loop.inputs()) == 1


def test_what_a_loader_read_is_not_told_again_as_seen_in_a_loss():
    loop = LoopData()
    read(data.TensorDataset(X), loop=loop)
    loop.saw(1, [loop.record(X, "train", "X", None), loop.record(Y, "train", "Y", None)])
    assert [one.name for one in loop.inputs()] == ["d.tensors[0]", "Y"]
    loop.saw(1, [])
    assert [one.name for one in loop.inputs()] == ["d.tensors[0]"]
