"""Regular reports, and the dossier of a version."""

from jupyter_mlops.reports.dossier import dossier
from jupyter_mlops.reports.periodic import report

__all__ = ["dossier", "report"]
