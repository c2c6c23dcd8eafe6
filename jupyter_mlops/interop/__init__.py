"""Doors for other tools: papermill's paths, OpenLineage's events."""
