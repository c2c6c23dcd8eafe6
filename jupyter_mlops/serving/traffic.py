"""What was asked and answered, and what turned out to be true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.store.tail import last_sequence
from jupyter_mlops.workspace import Workspace

__all__ = ["append_predictions", "find_predictions", "record_outcomes"]

_MAXIMUM = 10_000


def append_predictions(ws: Workspace, items: Sequence[Prediction]) -> int:
    """Keep answers of a deployment; one whose sequence is already there is passed over. Returns how many were given."""
    with ws.store.write() as tx:
        tx.predictions.append(items)
    return len(items)


def record_outcomes(ws: Workspace, deployment: str, outcomes: Mapping[str, object]) -> int:
    """Join what became known to the answers it belongs to.

    Parameters
    ----------
    deployment
        The deployment that answered.
    outcomes
        Request (as the answer named it) to the true value. A later word on a request replaces an earlier one.

    Returns
    -------
    How many were kept.
    """
    if len(outcomes) > _MAXIMUM:
        raise Invalid(
            f"{len(outcomes)} outcomes at once; at most {_MAXIMUM} are taken", remedy="Send them in parts."
        )
    for request, value in outcomes.items():
        if not isinstance(value, (str, int, float, bool)):
            raise Invalid(
                f"the outcome of {request!r} is a {type(value).__name__}, not a number, text or yes-no",
                remedy="Give what really happened, as the model says it: one plain value.",
            )
    with ws.store.write() as tx:
        served = deployment_of(tx, deployment)
        owner = f"{served.id}/outcomes"
        first = last_sequence(tx.predictions, owner) + 1
        tx.predictions.append(
            [
                Prediction(
                    owner=owner,
                    sequence=first + n,
                    request=request,
                    version=served.version,
                    at=ws.now(),
                    outcome=value,
                )
                for n, (request, value) in enumerate(outcomes.items())
            ]
        )
    return len(outcomes)


def find_predictions(
    ws: Workspace, deployment: str, *, after: int = 0, limit: int = 1000
) -> Sequence[Prediction]:
    """List the answers of a deployment, in order."""
    if not 1 <= limit <= _MAXIMUM:
        raise Invalid(
            f"limit is {limit}; it must lie between 1 and {_MAXIMUM}",
            remedy=f"Give --limit from 1 to {_MAXIMUM}.",
        )
    with ws.store.read() as tx:
        served = deployment_of(tx, deployment)
        return tuple(tx.predictions.read(served.id, after=after, limit=limit))
