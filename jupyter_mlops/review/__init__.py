"""Decisions: evidence, checks, reviews, and the policies they follow."""

from jupyter_mlops.review.card import model_card
from jupyter_mlops.review.decisions import decide
from jupyter_mlops.review.gates import as_junit, as_markdown, check_version
from jupyter_mlops.review.opening import find_reviews, get_review, open_review, show_review, withdraw_review
from jupyter_mlops.review.policy import get_policy, set_policy
from jupyter_mlops.review.verification import verify

__all__ = [
    "as_junit",
    "as_markdown",
    "check_version",
    "decide",
    "find_reviews",
    "get_policy",
    "get_review",
    "model_card",
    "open_review",
    "set_policy",
    "show_review",
    "verify",
    "withdraw_review",
]
