"""Models as bytes, and ways to change them behind their maker's back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from jupyter_mlops import formats
from tests.contracts.format import manifest_of
from tests.formats.malicious import rewritten

X = np.abs(np.random.default_rng(0).normal(size=(120, 4)))
Y = (X[:, 0] > 0.6).astype(int)


def load(saved: formats.Saved, **given: Any) -> Any:
    return formats.load(manifest_of(saved), saved.files.__getitem__, **given)


def with_content(saved: formats.Saved, content: bytes) -> formats.Saved:
    return replace(saved, files={"model.skops": content})


def with_schema(saved: formats.Saved, change: Callable[[dict[str, Any]], Any]) -> formats.Saved:
    return with_content(saved, rewritten(saved.files["model.skops"], change))


def nodes_of(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [n for item in value for n in nodes_of(item)]
    if not isinstance(value, dict):
        return []
    return ([value] if "__loader__" in value else []) + [n for item in value.values() for n in nodes_of(item)]


def entries_of(saved: formats.Saved) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(saved.files["model.skops"])) as source:
        return {entry: source.read(entry) for entry in source.namelist()}
