"""Rows of batches that are copies: where in a larger tensor they are. Only a number for each row is kept, not the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jupyter_mlops.capture.estimators.torch_data import weakly

__all__ = ["Rows"]

_OF_A_BATCH = 16  # rows
_MOST = 64
_DISTINCT = 12  # values in a column, that are no labels
_MOST_PLACES = 1000  # of one row: labels have few values
_CHUNK = 1 << 20  # elements at a time
_WORDS = {1: "uint8", 2: "int16", 4: "int32", 8: "int64"}  # by the bytes of an element


class Rows:
    """Some rows of each batch, spread evenly."""

    def __init__(self) -> None:
        self._marks: list[int] = []
        self._are_wide = False
        # Where the rows are in what was searched, by identity; one that is nowhere ends the search.
        self._searched: dict[int, tuple[Callable[[], Any], list[Any]]] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, batch: Any) -> None:
        """Take note of some rows of *batch*."""
        if len(batch) and len(self._marks) < _MOST:
            count = min(_OF_A_BATCH, len(batch))
            places = [place * (len(batch) - 1) // max(1, count - 1) for place in range(count)]
            self._marks.extend(_marks(batch[places]).tolist())
            self._are_wide = batch[:1].numel() > 1

    @property
    def tell_apart(self) -> bool:
        """True where they are hardly in a tensor by chance, as a few labels are."""
        return self._are_wide or len(set(self._marks)) >= _DISTINCT

    def places_in(self, thing: Any) -> list[Any]:
        """Return for each row where it is in *thing*; nothing if one of them is not there. Each is looked for once."""
        known = self._searched.get(id(thing))
        if known is None or known[0]() is not thing:
            known = self._searched[id(thing)] = (weakly(thing), [])
        places = known[1]
        if len(places) < len(self._marks) and all(map(len, places)):
            places.extend(_search(thing, self._marks[len(places) :]))
        return places if all(map(len, places)) else []

    def are_at(self, thing: Any, places: Sequence[Any]) -> bool:
        """Tell whether each row is in *thing* at one of the places that there are for it."""
        if len(places) != len(self._marks):
            return False
        return all(
            bool((_marks(thing[at]) == mark).any()) for at, mark in zip(places, self._marks, strict=True)
        )


def _search(thing: Any, marks: Sequence[int]) -> list[Any]:
    import torch

    wanted = torch.tensor(marks, dtype=torch.int64, device=thing.device)
    found = [torch.empty(0, dtype=torch.int64, device=thing.device) for _ in marks]
    step = max(1, _CHUNK // max(1, thing[:1].numel()))
    for start in range(0, len(thing), step):
        here = _marks(thing[start : start + step])
        if not torch.isin(here, wanted).any():
            continue
        for number, mark in enumerate(marks):
            if len(found[number]) < _MOST_PLACES:
                found[number] = torch.cat([found[number], (here == mark).nonzero()[:, 0] + start])
        if all(map(len, found)):
            break
    return [one[:_MOST_PLACES] for one in found]


def _marks(rows: Any) -> Any:
    """Return a number for each of *rows* that is the same for the same bits: a weighted sum, modulo 2 ** 64."""
    import torch

    rows = torch.view_as_real(rows) if rows.is_complex() else rows
    flat = rows.detach().reshape(len(rows), -1).contiguous()
    words = flat.view(getattr(torch, _WORDS[flat.element_size()])).to(torch.int64)
    weights = torch.randint(
        -(2**62), 2**62, words.shape[1:], generator=torch.Generator().manual_seed(1), dtype=torch.int64
    )
    return (words * (2 * weights + 1).to(words.device)).sum(dim=1)
