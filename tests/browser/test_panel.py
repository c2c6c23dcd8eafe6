"""The side panel: look through runs, open, filter, tag, rename, archive, compare; live while it is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from browser.books import LONG, add_run, asked, fresh, two_versions, workspace
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, served, until
from jupyter_mlops import tracking
from jupyter_mlops.review import find_reviews, set_policy
from jupyter_mlops.workspace import Workspace
from tests.widgets.pictures import a_picture


def fill(ws: Workspace) -> None:
    for width, run in enumerate(
        (add_run(ws, "baseline", alpha=0.3, mae=42.0), add_run(ws, "deeper", alpha=0.1, mae=41.2)), 200
    ):
        tracking.log_artifact(ws, run=run.id, content=a_picture(width, 150), name="figures/errors.png")
    add_run(ws, LONG, experiment="other", mae=55.0)


@pytest.fixture
def folder(lab: Server, own: str) -> Path:
    folder = fresh(lab.folder / own, fill)
    notebook(folder / "work.ipynb", ["1 + 1"])
    return folder


@pytest.fixture
def reader(lab: Server, visit: Visit, folder: Path) -> Session:
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/work.ipynb", kernel=False)
    return reader


def test_the_panel_reads_the_open_notebooks_workspace_and_lists_its_runs(
    reader: Session, folder: Path
) -> None:
    runs = reader.section("runs")
    expect(runs.locator(".jmlops-item")).to_have_count(3)
    expect(reader.page.locator(".jmlops-place")).to_contain_text(f"{folder.name}/.mlops")
    expect(runs).to_contain_text("mae 41.2")
    reader.shoot("panel-runs")


def test_a_run_that_begins_elsewhere_appears_while_the_panel_is_seen(reader: Session, folder: Path) -> None:
    runs = reader.section("runs")
    expect(runs.locator(".jmlops-item")).to_have_count(3)
    ws = workspace(folder)
    add_run(ws, "from-a-terminal")
    ws.store.close()
    expect(runs.get_by_text("from-a-terminal")).to_be_visible()
    expect(runs.locator(".jmlops-item")).to_have_count(4)


def test_nothing_is_asked_while_the_panel_is_hidden(reader: Session) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda r: asked.append(r.url) if "jupyter-mlops/api/events" in r.url else None)
    reader.section("runs")
    until(lambda: (reader.page.wait_for_timeout(50), len(asked) >= 3)[1])
    reader.command("filebrowser:activate")
    reader.page.wait_for_timeout(300)  # what was under way arrives
    seen = len(asked)
    reader.page.wait_for_timeout(7000)  # two looks would have been due
    assert len(asked) == seen


def test_opening_a_run_shows_its_card_with_the_curve(reader: Session) -> None:
    reader.section("runs").get_by_role("button", name="deeper").click()
    card = reader.page.locator(".jp-jmlops-large .jmlops-run")
    expect(card.locator(".jmlops-chart svg")).to_be_visible()
    expect(card.locator(".jmlops-metrics")).to_contain_text("41.2")
    expect(card).to_contain_text("alpha 0.1")
    reader.shoot("run-card")


def test_a_query_filters_and_a_mistake_is_underlined_with_what_was_expected(reader: Session) -> None:
    runs = reader.section("runs")
    field = runs.get_by_label("Filter runs")
    field.fill("metrics.mae < 50 and experiment like 'air/%'")
    field.press("Enter")
    expect(runs.locator(".jmlops-item")).to_have_count(2)
    field.fill("metrics.mae << 42")
    field.press("Enter")
    expect(runs.locator("mark")).to_have_text("<")
    expect(runs.get_by_role("alert")).to_contain_text("column 14")
    expect(runs.get_by_role("alert")).to_contain_text("expected")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(runs.locator(".jmlops-item")).to_have_count(2)
    reader.shoot("filter-mistake")


def test_chosen_runs_are_tagged_from_the_panel(reader: Session, folder: Path) -> None:
    runs = reader.section("runs")
    runs.get_by_label("Choose baseline").check()
    runs.get_by_label("Choose deeper").check()
    runs.locator("summary", has_text="Tag").click()
    field = runs.get_by_label("Tag of the chosen runs, as name=value")
    field.fill("release=2026-01")
    field.press("Enter")
    field.wait_for(state="hidden")
    ws = workspace(folder)
    # One request a run: the first may be in the books before the second.
    until(
        lambda: (
            {run.name for run in tracking.find_runs(ws, "tags.release = '2026-01'")} == {"baseline", "deeper"}
        )
    )
    ws.store.close()


def test_a_run_is_renamed_and_archived_from_the_panel_and_brought_back(reader: Session, folder: Path) -> None:
    runs = reader.section("runs")
    runs.get_by_label("Choose baseline").check()
    runs.locator("summary", has_text="Rename").click()
    field = runs.get_by_label("New name of baseline")
    field.fill("reference")
    field.press("Enter")
    expect(runs.get_by_role("button", name="reference", exact=True)).to_be_visible()

    runs.get_by_role("button", name="Archive").click()
    expect(runs.locator(".jmlops-item")).to_have_count(2)
    expect(runs.get_by_role("button", name="reference", exact=True)).to_have_count(0)
    runs.get_by_label("archived").check()
    runs.get_by_label("Choose reference").check()
    runs.get_by_role("button", name="Bring back").click()
    runs.get_by_label("archived").uncheck()
    expect(runs.locator(".jmlops-item")).to_have_count(3)


def test_a_refused_rename_says_why_and_changes_nothing(reader: Session) -> None:
    reader.section("runs").get_by_role("button", name="deeper").click()
    card = reader.page.locator(".jp-jmlops-large .jmlops-run")
    card.get_by_label("More").click()
    card.locator("summary", has_text="Rename").click()
    field = card.get_by_label("New name of deeper")
    field.fill("x" * 300)
    field.press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("200")
    expect(card.get_by_role("heading", name="deeper")).to_be_visible()


def test_two_runs_are_compared_with_a_sentence_and_what_differs(reader: Session) -> None:
    runs = reader.section("runs")
    runs.get_by_label("Choose baseline").check()
    runs.get_by_label("Choose deeper").check()
    runs.get_by_role("button", name="Compare 2").click()
    comparison = reader.page.locator(".jmlops-compare")
    expect(comparison.locator(".jmlops-headline")).to_contain_text("better")
    expect(comparison.locator("section", has_text="Parameters")).to_contain_text("alpha")
    expect(comparison.get_by_role("row", name="mae")).to_contain_text("better")
    for name, width in (("baseline", 200), ("deeper", 201)):
        picture = comparison.get_by_role("img", name=f"figures/errors.png of {name}")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") == width
    reader.shoot("compare")


def test_the_runs_open_as_a_table_that_is_ordered_and_compared_from(reader: Session) -> None:
    reader.section("runs").get_by_role("button", name="Open as a table").click()
    table = reader.page.locator(".jp-jmlops-large .jmlops-runs")
    expect(table.locator("tbody tr")).to_have_count(3)
    table.get_by_role("button", name="mae", exact=True).click()
    expect(table.locator("tbody tr").first).to_contain_text("55")
    table.get_by_label("Choose baseline").check()
    table.get_by_label("Choose deeper").check()
    reader.shoot("panel-table")
    table.get_by_role("button", name="Compare 2").click()
    expect(reader.page.locator(".jmlops-compare .jmlops-headline")).to_contain_text("deeper is better")


def test_experiments_are_folders_that_ask_for_what_is_in_them(lab: Server, visit: Visit, own: str) -> None:
    def filed(ws: Workspace) -> None:
        for experiment in ("air/pm25", "air/pm25", "air/no2", "water"):
            add_run(ws, f"in-{experiment.rpartition('/')[2]}", experiment=experiment)

    folder = fresh(lab.folder / own, filed)
    notebook(folder / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook(f"{folder.name}/work.ipynb", kernel=False)
    runs = reader.section("runs")
    runs.locator("summary", has_text="Experiments").click()
    folders = runs.get_by_role("list", name="Experiments")
    expect(folders.get_by_role("button")).to_have_text(["air/ 3", "no2 1", "pm25 2", "water 1"])
    folders.get_by_role("button", name="air/: 3 runs").click()
    expect(runs.locator(".jmlops-item")).to_have_count(3)
    reader.shoot("panel-experiments")
    folders.get_by_role("button", name="pm25").click()
    expect(runs.locator(".jmlops-item")).to_have_count(2)
    folders.get_by_role("button", name="pm25").click()
    expect(runs.locator(".jmlops-item")).to_have_count(4)
    runs.get_by_role("button", name="Open as a table").click()
    table = reader.page.locator(".jp-jmlops-large .jmlops-runs")
    table.locator("summary", has_text="Experiments").click()
    table.get_by_role("list", name="Experiments").get_by_role("button", name="water").click()
    expect(table.locator("tbody tr")).to_have_count(1)
    reader.shoot("panel-table-experiments")


def test_what_was_opened_is_there_again_after_a_reload(reader: Session) -> None:
    reader.section("runs").get_by_role("button", name="deeper").click()
    expect(reader.page.locator(".jp-jmlops-large .jmlops-run")).to_be_visible()
    reader.page.wait_for_timeout(1500)  # the layout is saved a second after its last change
    reader.page.goto(reader.server.url("lab"))
    expect(reader.page.locator(".jp-jmlops-large .jmlops-metrics")).to_contain_text("41.2")


def test_an_empty_workspace_says_what_would_be_here_and_how_to_fill_it(lab: Server, visit: Visit) -> None:
    folder = fresh(lab.folder / "empty", lambda ws: None)
    notebook(folder / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook("empty/work.ipynb", kernel=False)
    expect(reader.section("runs")).to_contain_text("%%track")
    expect(reader.section("models")).to_contain_text("jupyter mlops register")
    expect(reader.section("jobs")).to_contain_text("Run as job")
    expect(reader.section("reviews")).to_contain_text("jupyter mlops review open")
    reader.shoot("panel-empty")


def test_a_review_opened_from_the_models_is_approved_by_the_browser_and_moves_the_alias(
    lab: Server, visit: Visit
) -> None:
    folder = fresh(lab.folder / "deciding", two_versions)
    notebook(folder / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook("deciding/work.ipynb", kernel=False)
    models = reader.section("models")
    expect(models.locator(".jmlops-chip")).to_have_text("champion → 1")
    reader.shoot("panel-models")
    models.get_by_role("button", name="Ask for a review of pm25:2").click()
    review = reader.page.locator(".jp-jmlops-large .jmlops-review")
    expect(review.locator(".jmlops-decide")).to_contain_text("approving will move champion from 1 to 2")
    review.get_by_label("Comment").fill("seen in the panel")
    reader.shoot("review-in-panel")
    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    expect(review.get_by_role("button", name="Approve")).to_have_count(0)
    expect(models.locator(".jmlops-chip")).to_have_text("champion → 2")
    reader.shoot("review-in-panel-decided")

    ws = workspace(folder)
    decided = find_reviews(ws).items[0]
    assert decided.decisions[0].actor.via == "server"
    assert decided.decisions[0].comment == "seen in the panel"
    ws.store.close()


def test_open_reviews_are_listed_first_and_open_from_there(lab: Server, visit: Visit) -> None:
    folder = fresh(lab.folder / "listed", asked)
    notebook(folder / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook("listed/work.ipynb", kernel=False)
    reviews = reader.section("reviews")
    reviews.get_by_role("button", name="pm25:2 → champion").click()
    expect(reader.page.locator(".jp-jmlops-large .jmlops-review h3")).to_have_text("pm25:2 → champion")


def test_after_a_rejection_a_new_review_is_asked_for_and_approved_from_the_same_place(
    lab: Server, visit: Visit, own: str
) -> None:
    folder = fresh(lab.folder / own, asked)
    notebook(folder / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook(f"{own}/work.ipynb", kernel=False)
    reader.section("reviews").get_by_role("button", name="pm25:2 → champion").click()
    review = reader.page.locator(".jp-jmlops-large .jmlops-review")
    review.get_by_label("Comment").fill("not yet")
    review.get_by_role("button", name="Reject").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("Rejected: champion stays where it is.")
    reader.shoot("review-in-panel-rejected")
    review.get_by_role("button", name="Ask for a new review").click()
    shown = reader.page.locator(".jp-jmlops-large:visible .jmlops-review")
    shown.get_by_role("button", name="Approve").click()
    expect(shown.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    ws = workspace(folder)
    assert [review.status.value for review in find_reviews(ws).items] == ["approved", "rejected"]
    ws.store.close()


def test_what_the_policy_refuses_is_seen_in_the_panel_too(lab: Server, visit: Visit) -> None:
    def ones_own(ws: Workspace) -> None:
        set_policy(ws, "pm25", quorum=1)
        asked(ws)

    notebook(fresh(lab.folder / "refusing", ones_own) / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook("refusing/work.ipynb", kernel=False)
    reader.section("reviews").get_by_role("button", name="pm25:2 → champion").click()
    review = reader.page.locator(".jp-jmlops-large .jmlops-review")
    expect(review.get_by_role("button", name="Reject")).to_be_enabled()
    expect(review.get_by_role("button", name="Approve")).to_be_disabled()
    expect(review.locator(".jmlops-prospect")).to_contain_text("lets nobody approve their own")
    expect(review).to_contain_text("Rules: One approval; the author may not approve.")
    reader.shoot("review-in-panel-refused")


HEIGHTS = """noun => { const { clientHeight, scrollHeight } = document.querySelector(`#jupyter-mlops-section-${noun}`);
  return { seen: clientHeight, there: scrollHeight }; }"""


def test_a_short_list_is_seen_whole_beside_a_long_one_and_what_is_empty_takes_its_one_line(
    lab: Server, visit: Visit
) -> None:
    def many(ws: Workspace) -> None:
        asked(ws)
        for number in range(30):
            add_run(ws, f"run-{number}")

    notebook(fresh(lab.folder / "sharing", many) / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    reader.open_notebook("sharing/work.ipynb", kernel=False)
    expect(reader.section("runs").locator(".jmlops-item")).to_have_count(32)
    expect(reader.section("reviews").locator(".jmlops-item")).to_have_count(1)
    expect(reader.section("jobs")).to_contain_text("No jobs yet.")

    def heights(noun: str) -> tuple[int, int]:
        found = reader.page.evaluate(HEIGHTS, noun)
        return found["seen"], found["there"]

    # The browser tells of a size once it has drawn it.
    until(lambda: all(heights(noun)[0] == heights(noun)[1] for noun in ("models", "reviews")))
    reader.shoot("panel-sharing")
    line = reader.section("jobs").locator(".jmlops-empty > p").first.bounding_box()
    assert line is not None
    assert line["height"] <= heights("jobs")[0] < 2 * line["height"]
    seen, there = heights("runs")
    assert heights("models")[0] < seen < there
    # With fewer beside it there is room for how it is filled.
    reader.page.locator("#jupyter-mlops-panel .jp-AccordionPanel-title", has_text="Runs").click()
    until(lambda: heights("jobs")[0] == heights("jobs")[1] > 2 * line["height"])
    expect(reader.section("jobs").locator(".jmlops-code")).to_be_in_viewport()


def test_every_command_is_in_the_palette(reader: Session) -> None:
    palette = reader.page.locator(".lm-CommandPalette")
    labels = (
        "Show the MLOps Panel",
        "Run Notebook as Job…",
        "Show Reviews",
        "Look Again for What Is New",
    )

    def listed() -> bool:
        # The palette closes when something else takes the focus, as a kernel that comes up late does: ask again.
        if not palette.locator("input").is_visible():
            reader.command("apputils:activate-command-palette")
        palette.locator("input").fill("mlops", timeout=2000)
        return all(palette.get_by_text(label).first.is_visible() for label in labels)

    for _ in range(10):
        try:
            if listed():
                reader.shoot("palette")
                return
        except PlaywrightError:
            pass  # it closed between two looks
        reader.page.wait_for_timeout(500)
    assert listed()


def test_the_settings_are_found_under_the_name_people_know(reader: Session) -> None:
    reader.command("settingeditor:open", {"query": "MLOps"})
    editor = reader.page.locator(".jp-SettingsPanel, .jp-PluginList")
    expect(editor.get_by_text("MLOps").first).to_be_visible()
    for title in ("Seconds between looks", "Follow the open notebook"):
        expect(reader.page.get_by_text(title, exact=False).first).to_be_visible()
    reader.shoot("settings")


def test_the_settings_say_how_many_rows_are_shown_and_more_are_one_press_away(
    tmp_path: Path, visit: Visit
) -> None:
    def many(ws: Workspace) -> None:
        for number in range(7):
            run = tracking.start_run(ws, name=f"run-{number}")
            tracking.finish_run(ws, run=run.id)

    with served(tmp_path, settings={"jupyter-mlops-lab:plugin": {"pageSize": 5}}) as server:
        notebook(fresh(server.folder / "many", many) / "work.ipynb", ["1 + 1"])
        reader = visit(server)
        reader.open_notebook("many/work.ipynb", kernel=False)
        runs = reader.section("runs")
        expect(runs).to_contain_text("5 of 7 runs")
        runs.get_by_role("button", name="Show more").click()
        expect(runs).to_contain_text("7 of 7 runs")
        reader.shoot("panel-more")
