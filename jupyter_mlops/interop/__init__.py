"""Doors for other tools: papermill's paths."""
