"""A registered graph answers through an object of ours, and is watched like an estimator."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from jupyter_mlops.formats.onnx import OnnxModel


class Runtime:
    """A session of onnxruntime, as far as one is asked: a graph that doubles."""

    def get_inputs(self):
        return [SimpleNamespace(name="x", type="tensor(double)")]

    def run(self, _outputs, feed):
        return [2 * feed["x"]]


def test_what_a_graph_predicts_is_known_as_its_prediction_and_its_data_are_told(heard):
    from sklearn.metrics import mean_absolute_error

    model = OnnxModel.__new__(OnnxModel)
    model._session = Runtime()
    rows = np.array([[1.0], [2.5]])
    predicted = model.predict(rows)
    assert predicted.tolist() == [2.0, 5.0]
    (record,) = heard.predicted_on
    assert (record.name, record.role, record.rows) == ("rows", "predict", 2)
    mean_absolute_error([2.0, 4.0], predicted)
    assert heard.metrics[0].estimator is model
    assert heard.metrics[0].inputs[0].digest == record.digest
    heard.listening = False
    model.predict(rows + 1)
    assert len(heard.asked) == 1
