"""What the terms of a prepared filter say, so far as it decides the shape of the SQL."""

from __future__ import annotations

from jupyter_mlops.records.query import Operator, Part, Scope
from jupyter_mlops.store.asking import All, Test, Tested
from jupyter_mlops.store.fields import Target

__all__ = [
    "implies_number",
    "is_by_last",
    "is_indexed",
    "is_inside",
    "is_narrow",
    "is_of_metric",
    "is_unarchived",
    "terms_of",
]

# Few records share one of these, so a test on it is the best start.
_NARROW = {"id", "experiment", "parent", "job"}


def terms_of(where: Tested) -> tuple[Tested, ...]:
    """Return what must all hold, however it was put together."""
    return (
        tuple(part for term in where.terms for part in terms_of(term)) if isinstance(where, All) else (where,)
    )


def is_inside(test: Test) -> bool:
    """Tell whether the runs that are meant are those beside which something passes."""
    return test.truth is not (test.operator is Operator.NULL)


def is_narrow(term: Tested) -> bool:
    """Tell whether a term leaves few records."""
    return (
        isinstance(term, Test)
        and term.truth
        and term.target.scope is Scope.ATTRIBUTE
        and term.target.name in _NARROW
        and term.operator in {Operator.EQUAL, Operator.IN}
    )


def is_unarchived(term: Tested) -> bool:
    """Tell whether a term asks for nothing but what was not put away."""
    return (
        isinstance(term, Test)
        and (term.target.scope, term.target.name) == (Scope.ATTRIBUTE, "archived")
        and (term.operator, term.value, term.truth) == (Operator.EQUAL, False, True)
    )


def is_indexed(target: Target) -> bool:
    """Tell whether this is a number of a metric that its index holds: what its points come to, and not one of them."""
    return target.scope is Scope.METRICS and target.step is None


def is_by_last(target: Target) -> bool:
    """Tell whether this is the one number of a metric that its index is sorted by."""
    return is_indexed(target) and target.part is Part.LAST


def is_of_metric(term: Tested, name: str) -> bool:
    """Tell whether a term says something about the metric that only holds where it is there."""
    return (
        isinstance(term, Test)
        and term.truth
        and is_indexed(term.target)
        and term.target.name == name
        and term.operator is not Operator.NULL
    )


def implies_number(term: Tested, target: Target) -> bool:
    """Tell whether what a term lets through has a number for *target*, too.

    The last may be none where others are, and both infinities have no mean.
    """
    if not isinstance(term, Test) or not is_of_metric(term, target.name):
        return False
    part, sought = term.target.part, target.part
    ends = sought in {Part.MINIMUM, Part.MAXIMUM}
    return part is sought or sought is Part.COUNT or (ends and part is not Part.COUNT)
