"""The book of what happened: a chain of lines that shows when one was changed."""

from jupyter_mlops.ledger.chain import check_chain, export_head, verify_chain
from jupyter_mlops.ledger.history import history, state_at

__all__ = ["check_chain", "export_head", "history", "state_at", "verify_chain"]
