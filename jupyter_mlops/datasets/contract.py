"""What a dataset's consumers may rely on, checked at the door and at every load."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.dataset import Contract

__all__ = ["check_contract"]


def check_contract(contract: Contract | None, frame: Any, what: str) -> None:
    """Raise ``Invalid`` with every broken promise where *frame* does not keep *contract*."""
    if contract is None:
        return
    found = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
    broken = [f"the column {name!r} is missing" for name in contract.columns if name not in found]
    broken += [
        f"{name!r} is {found[name]} and not {dtype}"
        for name, dtype in contract.columns.items()
        if name in found and found[name] != dtype
    ]
    for name in contract.not_null:
        # By place: a column may be called by a number, and two may have one name.
        places = [place for place, column in enumerate(frame.columns) if str(column) == name]
        missing = int(frame.iloc[:, places].isna().any(axis=1).sum()) if places else None
        if missing is None:
            broken.append(f"the column {name!r} is missing")
        elif missing:
            broken.append(f"{name!r} misses {missing} of {len(frame)} values")
    if len(frame) < contract.minimum_rows:
        broken.append(f"it has {len(frame)} rows, fewer than {contract.minimum_rows}")
    broken = list(dict.fromkeys(broken))
    if broken:
        raise Invalid(
            f"{what} breaks its contract: {'; '.join(broken)}",
            remedy="Mend the data, or register them with a contract they keep.",
            data={"broken": broken},
        )
