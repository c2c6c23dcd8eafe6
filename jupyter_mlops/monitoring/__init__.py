"""A model watched: live data against training data, live answers against outcomes."""

from jupyter_mlops.monitoring.drift import check_drift, find_reports, measure_drift
from jupyter_mlops.monitoring.quality import check_quality

__all__ = ["check_drift", "check_quality", "find_reports", "measure_drift"]
