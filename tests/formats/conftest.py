"""A small model as bytes."""

from __future__ import annotations

import pytest
from sklearn import ensemble

from jupyter_mlops import formats
from tests.formats.tampering import X, Y


@pytest.fixture(scope="module")
def forest() -> formats.Saved:
    return formats.save(ensemble.RandomForestClassifier(2, random_state=0).fit(X, Y))
