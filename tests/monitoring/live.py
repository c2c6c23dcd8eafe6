"""Rows that a deployment was asked about, and what became known of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.workspace import Workspace


def rows(count: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"temp": rng.normal(10, 4, count), "wind": rng.choice(["N", "E", "S"], count)})


def ask(ws: Workspace, frame: pd.DataFrame, *, first: int = 1, version: int = 1, answer: Any = 1.0) -> None:
    items = [
        Prediction(
            owner="here", sequence=first + n, request=f"r{first + n}", version=version, features=row, prediction=answer,
            at=ws.now(),
        )
        for n, row in enumerate(frame.to_dict("records"))
    ]  # fmt: skip
    with ws.store.write() as tx:
        tx.predictions.append(items)


def know(ws: Workspace, outcomes: dict[str, Any], first: int = 1) -> None:
    with ws.store.write() as tx:
        tx.predictions.append(
            [
                Prediction(
                    owner="here/outcomes",
                    sequence=first + n,
                    request=r,
                    version=1,
                    at=ws.now(),
                    outcome=value,
                )
                for n, (r, value) in enumerate(outcomes.items())
            ]
        )
