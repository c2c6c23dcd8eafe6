"""Doors for other tools: papermill's paths, pytest's items."""
