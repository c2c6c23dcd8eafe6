"""Experiments, and records counted by what they share."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import experiment


class TestRecords(RecordContract):
    module = experiment
    required = {"ValueCount": "value count", "Experiment": "name runs below"}
