"""Runs that differ in chance only."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import group


class TestRecords(RecordContract):
    module = group
    required = {"Spread": "count mean deviation minimum maximum", "RunGroup": "experiment name"}
