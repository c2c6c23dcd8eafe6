"""One row per verb: its name, its words in the shell, the function, its HTTP method and path.

A verb is named by its package and looked up when it is first wanted, so that a command imports only the room
it enters and a Jupyter server starts without any of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["BASE", "OPERATIONS", "RESOURCES", "Operation", "Row", "find_target"]

BASE = "jupyter-mlops/api/"  # below a server's base URL
RESOURCES = {
    "run": "runs",
    "artifact": "runs",
    "metric": "runs",
    "workspace": "runs",
    "job": "jobs",
    "pipeline": "jobs",
    "schedule": "jobs",
    "subscription": "jobs",
    "notification": "jobs",
    "model": "models",
    "version": "models",
    "alias": "models",
    "review": "reviews",
    "policy": "reviews",
    "dataset": "datasets",
    "deployment": "models",
    "prediction": "models",
    "outcome": "models",
    "drift": "models",
    "quality": "models",
    "ledger": "ledger",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A verb and its words (their little grammar is told in ``operations.words``).

    ``unless_ok`` is the shell's exit code for an answer whose own ``ok`` is false: a broken chain is an answer,
    and a failure too.
    """

    name: str
    words: str
    target: str  # package.verb
    unless_ok: int = 0

    @property
    def verb(self) -> Callable[..., Any]:
        """The function itself."""
        package, _, name = self.target.rpartition(".")
        found: Callable[..., Any] = getattr(importlib.import_module(f"jupyter_mlops.{package}"), name)
        return found

    def code_of(self, answer: object) -> int:
        """Return the exit code that *answer* means: 0, or ``unless_ok`` where it says of itself that all is not well."""
        return self.unless_ok if getattr(answer, "ok", getattr(answer, "passed", True)) is False else 0


@dataclass(frozen=True, slots=True)
class Operation(Row):
    """A verb that stands at all three doors. ``path`` is relative to ``<base_url>/jupyter-mlops/api/``."""

    method: str = "GET"
    path: str = ""

    @property
    def resource(self) -> str:
        """What an authorizer is asked about."""
        return f"jupyter_mlops:{RESOURCES[self.name.partition('.')[0]]}"

    @property
    def action(self) -> str:
        """``read`` or ``write``, as the authorizer is asked."""
        return "read" if self.method == "GET" else "write"


def _row(name: str, words: str, target: str, method: str, path: str, unless_ok: int = 0) -> Operation:
    return Operation(name, words, target, unless_ok, method, path)


# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    _row("workspace.show",    "workspace",                            "operations.workspaces.show_workspace", "GET",    "workspace"),

    # runs
    _row("run.find",          "runs [{query}]",                       "tracking.find_runs",                   "GET",    "runs"),
    _row("run.group",         "groups [{query}]",                     "tracking.group_runs",                  "GET",    "runs/groups"),
    _row("run.experiments",   "experiments [{query}]",                "tracking.find_experiments",            "GET",    "runs/experiments"),
    _row("run.compare",       "compare {runs}",                       "tracking.compare_runs",                "GET",    "runs/compare"),
    _row("run.curves",        "curves {runs}",                        "tracking.run_curves",                  "GET",    "runs/curves"),
    _row("run.get",           "show {run}",                           "tracking.get_run",                     "GET",    "runs/{run}"),
    _row("run.beside",        "beside {run}",                         "tracking.run_beside",                  "GET",    "runs/{run}/beside"),
    _row("run.cells",         "cells {run}",                          "tracking.run_cells",                   "GET",    "runs/{run}/cells"),
    _row("run.slice",         "slice {run}",                          "tracking.slice_run",                   "GET",    "runs/{run}/slice"),
    _row("run.tag",           "tag {run}",                            "tracking.tag_run",                     "PATCH",  "runs/{run}/tags"),
    _row("run.rename",        "rename {run} {name}",                  "tracking.rename_run",                  "PUT",    "runs/{run}/name"),
    _row("run.note",          "note {run} {text}",                    "tracking.note_run",                    "POST",   "runs/{run}/notes"),
    _row("run.archive",       "archive {run}",                        "tracking.archive_run",                 "PUT",    "runs/{run}/archived"),
    _row("run.delete",        "delete {run}",                         "tracking.delete_run",                  "DELETE", "runs/{run}"),
    _row("run.restore",       "restore {run}",                        "tracking.restore_run",                 "POST",   "runs/{run}/restoration"),
    _row("run.collect",       "collect",                              "automation.collect_deleted",           "POST",   "runs/collection"),
    _row("artifact.find",     "artifacts {run}",                      "tracking.find_artifacts",              "GET",    "runs/{run}/artifacts"),
    _row("artifact.get",      "artifact {run} {name}",                "tracking.get_artifact",                "GET",    "runs/{run}/artifact"),
    _row("metric.history",    "metric {run} {key}",                   "tracking.metric_history",              "GET",    "runs/{run}/metrics/{key}"),

    # jobs
    _row("job.find",          "jobs [{query}]",                       "jobs.find_jobs",                       "GET",    "jobs"),
    _row("job.submit",        "job submit {notebook} --register {register_as}", "jobs.submit_job",                      "POST",   "jobs"),
    _row("job.get",           "job show {job}",                       "jobs.get_job",                         "GET",    "jobs/{job}"),
    _row("job.cancel",        "job cancel {job}",                     "jobs.cancel_job",                      "POST",   "jobs/{job}/cancellation"),
    _row("job.retry",         "job retry {job}",                      "jobs.retry_job",                       "POST",   "jobs/{job}/retry"),
    _row("job.sweep",         "job sweep {notebook} --register {register_as}", "automation.submit_sweep",              "POST",   "jobs/sweeps"),
    _row("job.trials",        "job trials {job}",                     "automation.sweep_trials",              "GET",    "jobs/{job}/trials"),
    _row("job.fix",           "job fix {job}",                        "jobs.fix_job",                         "POST",   "jobs/{job}/fix"),
    _row("job.inspect",       "parameters {notebook}",                "jobs.inspect_notebook",                "GET",    "notebooks/parameters"),
    _row("job.schema",        "schema {notebook}",                    "jobs.parameters_schema",               "GET",    "notebooks/schema"),
    _row("pipeline.plan",     "pipeline plan {file}",                 "automation.plan_pipeline",             "GET",    "pipelines/plan"),
    _row("schedule.find",     "schedule list [{query}]",              "automation.find_schedules",            "GET",    "schedules"),
    _row("schedule.add",      "schedule add {name} {notebook} --register {register_as}", "automation.add_schedule",              "POST",   "schedules"),
    _row("schedule.get",      "schedule show {schedule}",             "automation.show_schedule",             "GET",    "schedules/{schedule}"),
    _row("schedule.change",   "schedule change {schedule} --register {register_as}", "automation.change_schedule",           "PATCH",  "schedules/{schedule}"),
    _row("schedule.pause",    "schedule pause {schedule}",            "automation.pause_schedule",            "POST",   "schedules/{schedule}/pause"),
    _row("schedule.resume",   "schedule resume {schedule}",           "automation.resume_schedule",           "POST",   "schedules/{schedule}/resume"),
    _row("schedule.remove",   "schedule remove {schedule}",           "automation.remove_schedule",           "DELETE", "schedules/{schedule}"),
    _row("pipeline.show",     "pipeline show {file}",                 "automation.show_pipeline",             "GET",    "pipelines/steps"),
    _row("subscription.find",   "notify list [{query}]",              "notifications.find_subscriptions",     "GET",    "subscriptions"),
    _row("subscription.add",    "notify add {name}",                  "notifications.add_subscription",       "POST",   "subscriptions"),
    _row("subscription.try",    "notify try {subscription}",          "notifications.try_subscription",       "POST",   "subscriptions/{subscription}/trial"),
    _row("subscription.remove", "notify remove {subscription}",       "notifications.remove_subscription",    "DELETE", "subscriptions/{subscription}"),
    _row("notification.find",   "notifications [{query}]",            "notifications.find_notifications",     "GET",    "notifications"),

    # models
    _row("model.find",        "models [{query}]",                     "registry.find_models",                 "GET",    "models"),
    _row("model.get",         "model show {model}",                   "registry.get_model",                   "GET",    "models/{model}"),
    _row("model.register",    "register {run} --as {model}",          "registry.register_version",            "POST",   "models/{model}/versions"),
    _row("version.find",      "versions [{model}]",                   "registry.find_versions",               "GET",    "versions"),
    _row("version.get",       "version show {reference}",             "registry.get_version",                 "GET",    "versions/{reference}"),
    _row("version.lineage",   "lineage {reference}",                  "registry.lineage",                     "GET",    "versions/{reference}/lineage"),
    _row("version.manifest",  "manifest {reference}",                 "registry.get_manifest",                "GET",    "versions/{reference}/manifest"),
    _row("version.card",      "card {reference}",                     "review.model_card",                    "GET",    "versions/{reference}/card"),
    _row("version.dossier",   "dossier {reference} [{alias}]",        "reports.dossier",                       "GET",    "versions/{reference}/dossier"),
    _row("alias.find",        "aliases [{model}]",                    "registry.find_aliases",                "GET",    "aliases"),
    _row("alias.resolve",     "resolve {reference}",                  "registry.resolve",                     "GET",    "references/{reference}"),
    _row("alias.move",        "alias move {model} {alias} {version} --reason {reason}", "registry.move_alias",                  "PUT",    "models/{model}/aliases/{alias}"),
    _row("alias.history",     "alias history {model} [{alias}]",      "registry.alias_history",               "GET",    "models/{model}/aliases/{alias}/history"),
    _row("alias.rollback",    "rollback {model} [{alias}] --reason {reason}",           "releases.rollback",                     "POST",   "models/{model}/aliases/{alias}/rollback"),

    # reviews
    _row("review.find",       "reviews [{query}]",                    "review.find_reviews",                  "GET",    "reviews"),
    _row("review.open",       "review open {reference}",              "review.open_review",                   "POST",   "reviews"),
    _row("review.show",       "review show {reference}",              "review.show_review",                   "GET",    "versions/{reference}/review"),
    _row("review.get",        "review get {review}",                  "review.get_review",                    "GET",    "reviews/{review}"),
    _row("review.decide",     "review decide {review} {verdict}",     "review.decide",                        "POST",   "reviews/{review}/decisions"),
    _row("review.withdraw",   "review withdraw {review}",             "review.withdraw_review",               "POST",   "reviews/{review}/withdrawal"),
    _row("review.check",      "review check {reference}",             "review.check_version",                 "GET",    "versions/{reference}/checks", 1),
    _row("policy.get",        "policy show {model}",                  "review.get_policy",                    "GET",    "models/{model}/policy"),
    _row("policy.set",        "policy set {model}",                   "review.set_policy",                    "PUT",    "models/{model}/policy"),

    # data
    _row("dataset.find",      "datasets [{query}]",                   "datasets.find_datasets",                "GET",    "datasets"),
    _row("dataset.get",       "dataset show {dataset}",               "datasets.get_dataset",                  "GET",    "datasets/{dataset}"),
    _row("dataset.register",  "dataset register {name} {path}",       "datasets.register_dataset",             "POST",   "datasets"),

    # models at work
    _row("deployment.find",   "deployments [{query}]",                "serving.find_deployments",              "GET",    "deployments"),
    _row("deployment.get",    "deployment show {deployment}",         "serving.get_deployment",                "GET",    "deployments/{deployment}"),
    _row("deployment.stop",   "undeploy {deployment}",                "serving.undeploy",                      "DELETE", "deployments/{deployment}"),
    _row("prediction.find",   "predictions {deployment}",             "serving.find_predictions",              "GET",    "deployments/{deployment}/predictions"),
    _row("outcome.record",    "outcomes {deployment}",                "serving.record_outcomes",               "POST",   "deployments/{deployment}/outcomes"),
    _row("drift.check",       "drift {deployment}",                   "monitoring.check_drift",                "POST",   "deployments/{deployment}/drift"),
    _row("drift.find",        "drifts [{query}]",                     "monitoring.find_reports",               "GET",    "drift"),
    _row("quality.check",     "quality {deployment}",                 "monitoring.check_quality",              "POST",   "deployments/{deployment}/quality"),

    # the ledger
    _row("ledger.history",    "history [{subject}]",                  "ledger.history",                       "GET",    "events"),
    _row("ledger.state",      "state {moment}",                       "ledger.state_at",                      "GET",    "events/state"),
    _row("ledger.head",       "head",                                 "ledger.export_head",                   "GET",    "events/head"),
    _row("ledger.report",     "report",                               "reports.report",                        "GET",    "events/report"),
    _row("ledger.verify",     "verify",                               "review.verify",                        "POST",   "verification", 5),
)
# fmt: on


def find_target(verb: str) -> str | None:
    """Return the package that holds the operation called *verb* in Python, or None."""
    return next(
        (place for row in OPERATIONS for place, _, name in [row.target.rpartition(".")] if name == verb), None
    )
