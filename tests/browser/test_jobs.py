"""The button "Run as job": a form from the notebook's own parameters, and the job it starts."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from browser.books import add_sweep, fresh
from browser.conftest import Visit
from browser.lab import Server, Session, notebook

PARAMETERS = (
    "alpha: float = 0.3  # how strongly it is held back\nrounds: int = 5\nname: str = 'x'\nfast: bool = True"
)
CELLS = [
    (PARAMETERS, {"tags": ["parameters"]}),
    "%load_ext jupyter_mlops",
    "%%track trial\nrun.log_metrics(score=alpha * rounds)",
]


@pytest.fixture
def folder(lab: Server, own: str) -> Path:
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(folder / "train.ipynb", CELLS)
    return folder


@pytest.fixture
def reader(lab: Server, visit: Visit, folder: Path) -> Session:
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/train.ipynb", kernel=False)
    return reader


def form_of(reader: Session) -> Locator:
    reader.page.get_by_role("button", name="Run as job").click()
    form = reader.page.locator(".jmlops-form")
    expect(form.get_by_role("button", name="Start the job")).to_be_visible()
    return form


def test_the_form_asks_for_each_parameter_by_name_type_default_and_help(reader: Session) -> None:
    form = form_of(reader)
    expect(form.locator("[name=parameter-alpha]")).to_have_value("0.3")
    expect(form.locator("[name=parameter-rounds]")).to_have_value("5")
    expect(form.locator("[name=parameter-name]")).to_have_value("x")
    expect(form.locator("[name=parameter-fast]")).to_have_value("true")
    expect(form).to_contain_text("how strongly it is held back")
    expect(form.locator("label", has=reader.page.locator("[name=parameter-rounds]"))).to_contain_text("int")
    expect(form.locator("[name=parameter-alpha]")).to_be_focused()


def test_a_wrong_value_is_marked_while_it_is_typed_and_starts_nothing(reader: Session) -> None:
    form = form_of(reader)
    form.locator("[name=parameter-rounds]").fill("5.5")
    expect(form.get_by_role("alert")).to_contain_text("whole number")
    expect(form.get_by_role("button", name="Start the job")).to_be_disabled()
    reader.shoot("run-as-job-mistake")
    form.locator("[name=parameter-rounds]").fill("6")
    expect(form.get_by_role("button", name="Start the job")).to_be_enabled()


def test_a_job_starts_from_the_form_succeeds_and_its_run_opens(reader: Session, folder: Path) -> None:
    form = form_of(reader)
    form.locator("[name=parameter-alpha]").fill("0.5")
    form.locator("[name=parameter-rounds]").fill("8")
    form.locator("[name=experiment]").fill("from/the-form")
    reader.shoot("run-as-job")
    form.get_by_role("button", name="Start the job").click()
    jobs = reader.page.locator("#jupyter-mlops-section-jobs")
    expect(jobs.locator(".jmlops-item")).to_have_count(1)
    expect(jobs).to_contain_text("succeeded", timeout=180_000)
    reader.shoot("job-succeeded")
    expect(reader.page.locator(".jmlops-form")).to_have_count(0)
    [job] = reader.server.mlops(f"jobs?path={folder.name}/train.ipynb")["items"]
    assert job["spec"]["parameters"] == {"alpha": 0.5, "rounds": 8}
    assert job["spec"]["experiment"] == "from/the-form"
    runs = reader.section("runs")
    runs.get_by_role("button", name="trial").click()
    expect(reader.page.locator(".jp-jmlops-large .jmlops-metrics")).to_contain_text("4")


def test_what_is_on_the_screen_is_saved_before_it_runs(reader: Session, folder: Path) -> None:
    reader.page.evaluate(
        """() => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
          cell.model.sharedModel.setSource('typed_just_now: int = 7'); }"""
    )
    form = form_of(reader)
    expect(form.locator("[name=parameter-typed_just_now]")).to_have_value("7")
    saved = nbformat.read(folder / "train.ipynb", as_version=4)
    assert saved.cells[0].source == "typed_just_now: int = 7"


def test_a_notebook_without_parameters_says_how_to_make_some(lab: Server, visit: Visit, own: str) -> None:
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(folder / "plain.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/plain.ipynb", kernel=False)
    expect(form_of(reader)).to_contain_text("parameters")


def test_a_job_that_fails_says_why_in_its_row(lab: Server, visit: Visit, own: str) -> None:
    folder = fresh(lab.folder / own, lambda ws: None)
    notebook(folder / "bad.ipynb", ["1 + 1", "raise ValueError('the sensor was off')"])
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/bad.ipynb", kernel=False)
    form_of(reader).get_by_role("button", name="Start the job").click()
    jobs = reader.page.locator("#jupyter-mlops-section-jobs")
    expect(jobs).to_contain_text("the sensor was off", timeout=180_000)
    expect(jobs).to_contain_text("failed")
    expect(jobs.get_by_role("img", name="1 of 2 cells done")).to_be_visible()
    reader.shoot("job-failed")


def test_a_sweep_is_one_row_and_each_of_its_trials_opens_its_run(lab: Server, visit: Visit, own: str) -> None:
    folder = fresh(lab.folder / own, add_sweep)
    notebook(folder / "plain.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/plain.ipynb", kernel=False)
    jobs = reader.section("jobs")
    expect(jobs.locator("[data-job]")).to_have_count(1)
    expect(jobs).to_contain_text("sweep alpha × depth")
    expect(jobs).to_contain_text(
        "1 done · 1 stopped early · 1 failed · 1 running · 28 to come · about 3 min 5 s left"
    )
    expect(jobs).to_contain_text("best mae 39.8 (alpha 0.01, depth 8)")
    expect(jobs.get_by_role("img", name="1 of 32 trials done")).to_be_visible()
    reader.shoot("sweep")
    jobs.get_by_role("button", name="Show trials").click()
    trials = jobs.locator(".jmlops-trials li")
    expect(trials).to_have_count(4)
    expect(trials.nth(0)).to_contain_text("mae 39.8 ★")
    expect(trials.nth(1)).to_contain_text("MemoryError: Unable to allocate")
    expect(trials.nth(2)).to_contain_text("given up at step 7")
    reader.shoot("sweep-trials")
    trials.nth(0).get_by_role("button").click()
    expect(reader.page.locator(".jp-jmlops-large .jmlops-run")).to_be_visible()


def test_escape_closes_the_form(reader: Session) -> None:
    form = form_of(reader)
    form.locator("[name=parameter-alpha]").press("Escape")
    expect(reader.page.locator(".jmlops-form")).to_have_count(0)
