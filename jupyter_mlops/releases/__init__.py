"""Roll-out, and the way back."""

from jupyter_mlops.releases.rollout import rollback

__all__ = ["rollback"]
