"""Workspaces and runs from one place to another, with digests and history intact; and from other tools."""

from jupyter_mlops.transfer.exporting import export_bundle
from jupyter_mlops.transfer.importing import import_bundle
from jupyter_mlops.transfer.mlflow import import_mlflow
from jupyter_mlops.transfer.openlineage import run_events

__all__ = ["export_bundle", "import_bundle", "import_mlflow", "run_events"]
