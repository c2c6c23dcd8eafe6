"""The pickle family: recognised and refused. No reader of it exists in this package."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.formats.protocol import Saved

__all__ = ["Joblib"]

_REMEDY = (
    "Give the fitted estimator itself to run.log_model(model): it is stored as skops, which runs nothing; "
    "for other libraries export it to ONNX and log the ONNX model."
)


class Joblib:
    """Pickle, joblib, cloudpickle and dill: loading one runs whatever code its author put in."""

    name = "joblib"

    def accepts(self, model: object) -> bool:
        """Never."""
        del model
        return False

    def save(self, model: object) -> Saved:
        """Refuse."""
        _refuse(f"a {type(model).__name__} is not stored with pickle, joblib or cloudpickle")

    def load(self, files: Mapping[str, bytes], *, trust: Collection[str] = ()) -> Any:
        """Refuse, whatever is trusted."""
        del trust
        _refuse(f"{', '.join(map(repr, files))} is not loaded: it belongs to the pickle family")


def _refuse(what: str) -> NoReturn:
    raise Untrusted(
        f"{what}, because loading such a file runs whatever code its author put in", remedy=_REMEDY
    )
