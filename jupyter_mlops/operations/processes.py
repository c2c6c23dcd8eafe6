"""The commands that are processes: they take time, speak while they work, or watch over a place.

Everything else is an operation of the table. The work is done below; here it is started and told.
"""

from __future__ import annotations

from jupyter_mlops.operations.table import Row

__all__ = ["PROCESSES"]

_RUN = "run {notebook} -f {file} -o {output} --register {register_as}"

PROCESSES: tuple[Row, ...] = (
    Row("init", "init [{folder}]", "operations.projects.init"),
    Row("run", _RUN, "operations.notebooks.run"),
    Row("sweep", "sweep {notebook} --register {register_as}", "operations.notebooks.sweep"),
    Row("resume", "resume {job}", "operations.notebooks.resume"),
    Row("pipeline.run", "pipeline run {file}", "operations.notebooks.run_pipeline"),
    Row("pipeline.import", "pipeline import {file} -o {output}", "operations.transfers.take_in_elyra"),
    Row("reproduce", "reproduce {run}", "operations.notebooks.reproduce"),
    Row("test", "test {folder}", "operations.notebooks.check_folder"),
    Row("check", "check {reference}", "operations.files.check"),
    Row("policy.load", "policy load {files}", "operations.files.load_policy"),
    Row("schedule.load", "schedule load {file}", "operations.files.load_schedules"),
    Row("export", "export {file} --runs {query}", "operations.transfers.export"),
    Row("import", "import {file}", "operations.transfers.take_in"),
    Row("import.mlflow", "mlflow import {source}", "operations.transfers.take_in_mlflow"),
    Row("download", "download {run} [{name}] -o {output}", "operations.transfers.download"),
    Row("openlineage", "openlineage {run}", "operations.transfers.openlineage"),
    Row("serve", "serve {reference}", "operations.attending.serve"),
    Row("scheduler", "scheduler", "operations.attending.scheduler"),
    Row("tick", "tick", "operations.attending.tick"),
    Row("settings", "settings", "operations.configuration.show_settings"),
    Row("doctor", "doctor", "operations.doctor.doctor"),
    Row("upgrade", "upgrade", "operations.attending.upgrade"),
)
