"""A model at work. The process that answers is ``serving.app``; it is not handed on, so that nobody loads it by chance."""

from jupyter_mlops.serving.deploy import deploy, find_deployments, get_deployment, settle, swap, undeploy
from jupyter_mlops.serving.traffic import append_predictions, find_predictions, record_outcomes

__all__ = [
    "append_predictions",
    "deploy",
    "find_deployments",
    "find_predictions",
    "get_deployment",
    "record_outcomes",
    "settle",
    "swap",
    "undeploy",
]
