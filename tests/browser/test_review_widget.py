"""The review in a notebook: decided by a click, kept in the books, and readable wherever the notebook goes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from review.books import TEST, TRAIN, held

from browser.books import add_run, asked, fresh, workspace
from browser.conftest import Visit
from browser.lab import SHOTS, Server, Session, notebook, outputs_of, served, until
from jupyter_mlops.review import find_reviews, set_policy
from jupyter_mlops.workspace import Workspace

SHOW = ["%load_ext jupyter_mlops", "%mlops review show pm25:2"]
SENTENCE = "champion moved from 1 to 2"
STILL = "champion moved to pm25:2"  # what the saved notebook says


@pytest.fixture
def folder(lab: Server, own: str) -> Path:
    folder = fresh(lab.folder / own, asked)
    notebook(folder / "review.ipynb", SHOW)
    return folder


@pytest.fixture
def reader(lab: Server, visit: Visit, folder: Path) -> Session:
    reader = visit(lab, height=1600)
    reader.open_notebook(f"{folder.name}/review.ipynb")
    reader.run_all()
    return reader


def review_in(page: Page) -> Locator:
    return page.locator(".jp-OutputArea-output .jmlops-review")


def approve(reader: Session, comment: str = "seen in the notebook") -> None:
    review = review_in(reader.page)
    review.get_by_label("Comment").fill(comment)
    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text(SENTENCE)


def times_headline_is_seen(page: Page) -> int:
    return sum(place.is_visible() for place in page.get_by_text("Better than champion pm25:1").all())


def holds_the_evidence(review: Locator) -> None:
    """Gates with their outcome, what changed line by line, and the grade and the data of both sides."""
    gate = review.locator("section", has_text="Gates").get_by_role("listitem").filter(has_text="same data")
    expect(gate).to_contain_text("same data: Measured on the same data as pm25:1, by digest.")
    expect(gate.get_by_role("img", name="passed")).to_have_text("✓")
    required = review.get_by_role("listitem").filter(has_text="loads (required)")
    expect(required.get_by_role("img", name="passed")).to_be_visible()

    change = review.locator(".jmlops-change", has_text="In [3]")
    expect(change).to_contain_text("edited +1 −1")
    change.locator("summary").click()
    expect(change.locator(".jmlops-diff-removed")).to_have_text(["-model = Ridge(alpha=1.0).fit(X, y)\n"])
    expect(change.locator(".jmlops-diff-added")).to_have_text(["+model = Ridge(alpha=0.5).fit(X, y)\n"])
    expect(change.locator(".jmlops-diff-added")).to_be_visible()

    review.locator("summary", has_text="What the evidence rests on").click()
    sides = review.locator("table.jmlops-facts")
    expect(sides.get_by_role("columnheader")).to_have_text(["pm25:2", "pm25:1"])
    of_both = {
        title: sides.get_by_role("row").filter(
            has=review.page.get_by_role("rowheader", name=title, exact=True)
        )
        for title in ("grade", "data")
    }
    expect(of_both["grade"].get_by_role("cell")).to_have_text(
        [re.compile("✓ *clean"), re.compile("⚠ *stale")]
    )
    for name, digest in (("X_train", TRAIN), ("X_test", TEST)):
        shown = of_both["data"].get_by_title(digest, exact=True)
        expect(shown).to_have_text([re.compile(f"^{name} {digest[:6]}")] * 2)
        expect(shown.first).to_be_visible()


def test_the_review_comes_alive_in_the_output_and_is_seen_once(reader: Session) -> None:
    review = review_in(reader.page)
    expect(review.get_by_role("button", name="Approve")).to_be_visible()
    expect(review.locator(".jmlops-decide")).to_contain_text("approving will move champion from 1 to 2")
    assert times_headline_is_seen(reader.page) == 1
    reader.shoot("review-widget")
    holds_the_evidence(review)
    reader.shoot("review-widget-unfolded")


def test_an_approval_by_click_moves_the_alias_and_gives_way_to_what_was_decided(
    reader: Session, folder: Path
) -> None:
    approve(reader)
    review = review_in(reader.page)
    expect(review.get_by_role("button", name="Approve")).to_have_count(0)
    expect(review).to_contain_text("seen in the notebook")
    assert times_headline_is_seen(reader.page) == 1
    reader.shoot("review-widget-decided")
    ws = workspace(folder)
    assert held(ws) == 2
    [review] = find_reviews(ws).items
    assert (review.status, review.decisions[0].comment) == ("approved", "seen in the notebook")
    ws.store.close()


def test_a_rejection_by_keyboard_leaves_the_alias_where_it_is(reader: Session, folder: Path) -> None:
    review = review_in(reader.page)
    review.get_by_label("Comment").focus()
    reader.page.keyboard.type("not on the worst slice")
    for _ in range(2):
        reader.page.keyboard.press("Tab")
    expect(review.get_by_role("button", name="Reject")).to_be_focused()
    reader.page.keyboard.press("Enter")
    expect(review.locator(".jmlops-outcome")).to_contain_text("Rejected")
    expect(review.locator(".jmlops-outcome")).to_be_focused()
    ws = workspace(folder)
    assert held(ws) == 1
    ws.store.close()


def test_an_abstention_by_click_is_kept_with_its_comment_and_leaves_the_review_open(
    reader: Session, folder: Path
) -> None:
    review = review_in(reader.page)
    review.get_by_label("Comment").fill("I trained the champion myself")
    review.get_by_role("button", name="Abstain").click()
    entry = review.locator(".jmlops-decisions > li")
    expect(entry).to_contain_text("abstained by")
    expect(entry.locator("blockquote")).to_have_text("I trained the champion myself")
    expect(review.locator("header")).to_contain_text("0 of 1 approval")
    expect(review.get_by_role("button", name="Approve")).to_be_enabled()
    expect(review.locator(".jmlops-outcome")).to_have_count(0)
    reader.shoot("review-widget-abstained")
    ws = workspace(folder)
    [kept] = find_reviews(ws).items
    [decision] = kept.decisions
    assert (decision.verdict, decision.comment, decision.counts) == (
        "abstain",
        "I trained the champion myself",
        True,
    )
    assert (kept.status, kept.approvals, held(ws)) == ("open", 0, 1)
    ws.store.close()


def test_evidence_that_changed_meanwhile_is_refused_with_what_changed(reader: Session, folder: Path) -> None:
    ws = workspace(folder)
    [_review] = find_reviews(ws).items
    with ws.store.write() as tx:
        kept = tx.versions.get("pm25", 2)
        run = tx.runs.get(kept.run)
        from dataclasses import replace

        tx.runs.replace(replace(run, grade="stale", grade_reason="somebody wrote this into the books"))
    ws.store.close()
    shown = review_in(reader.page)
    shown.get_by_role("button", name="Approve").click()
    expect(shown.get_by_role("alert").first).to_contain_text("grade")
    reader.shoot("review-widget-lapsed")
    ws = workspace(folder)
    assert held(ws) == 1
    ws.store.close()


def test_a_run_and_a_page_of_runs_show_themselves(lab: Server, visit: Visit) -> None:
    folder = fresh(
        lab.folder / "bare", lambda ws: (add_run(ws, "baseline"), add_run(ws, "deeper", alpha=0.3))
    )
    notebook(
        folder / "bare.ipynb",
        [
            "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nws = mlops.workspace()",
            "page = mlops.find_runs(ws)\npage",
            "page[0]",
        ],
    )
    reader = visit(lab, height=1600)
    reader.open_notebook("bare/bare.ipynb")
    reader.run_all()
    table = reader.page.locator(".jp-OutputArea-output .jmlops-runs")
    card = reader.page.locator(".jp-OutputArea-output .jmlops-run")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(card.locator(".jmlops-metrics")).to_contain_text("41.2")
    reader.shoot("runs-widget")
    field = table.get_by_label("Filter runs")
    field.fill("params.alpha > 0.2")
    field.press("Enter")
    expect(table.get_by_role("row")).to_have_count(2)
    field = table.get_by_label("Filter runs")
    field.fill("params.alpha >> 2")
    field.press("Enter")
    expect(table.locator("mark")).to_have_text(">")


def ones_own(ws: Workspace) -> None:
    set_policy(ws, "pm25", quorum=1)
    asked(ws)


def not_counted(ws: Workspace) -> None:
    set_policy(ws, "pm25", text="author_may_approve: true\nreviewers: [bo, cleo]\n")
    asked(ws)


def opened_in(lab: Server, visit: Visit, folder: Path) -> Locator:
    notebook(folder / "review.ipynb", SHOW)
    reader = visit(lab, height=1600)
    reader.open_notebook(f"{folder.name}/review.ipynb")
    reader.run_all()
    review = review_in(reader.page)
    expect(review.get_by_role("button", name="Reject")).to_be_enabled()
    reader.shoot(f"review-widget-{folder.name}")
    return review


def test_an_approval_that_the_policy_refuses_cannot_be_pressed_and_its_sentence_is_there(
    lab: Server, visit: Visit, own: str
) -> None:
    review = opened_in(lab, visit, fresh(lab.folder / own, ones_own))
    expect(review.get_by_role("button", name="Approve")).to_be_disabled()
    expect(review.locator(".jmlops-prospect")).to_contain_text(
        "lets nobody approve their own. Ask somebody else"
    )
    expect(review).to_contain_text("Rules: One approval; the author may not approve.")


def test_an_approval_that_would_not_count_says_so_before_it_is_pressed_and_after(
    lab: Server, visit: Visit, own: str
) -> None:
    folder = fresh(lab.folder / own, not_counted)
    review = opened_in(lab, visit, folder)
    expect(review.locator(".jmlops-prospect")).to_contain_text("is not among the reviewers. Ask bo or cleo")
    review.get_by_role("button", name="Approve").click()
    entry = review.locator(".jmlops-decisions > li")
    expect(entry).to_have_text(re.compile("^⚠ not counted: .* is not among the reviewers"))
    expect(entry.locator(".jmlops-good")).to_have_count(0)
    expect(review.locator("header")).to_contain_text("0 of 1 approval")
    ws = workspace(folder)
    assert held(ws) == 1
    ws.store.close()


@pytest.fixture
def decided(reader: Session, folder: Path, lab: Server) -> Iterator[Path]:
    """A notebook that was decided in, saved and closed; its kernel is gone."""
    approve(reader)
    path = folder / "review.ipynb"
    until(lambda: (reader.save(), STILL in outputs_of(path))[1])
    lab.shut_down_kernels()
    return path


@pytest.fixture
def another_day(decided: Path, lab: Server, tmp_path: Path) -> Iterator[Server]:
    """JupyterLab started anew over the same folder: another process, which has seen nothing of what was live."""
    with served(tmp_path / "another-day", another_day=lab) as server:
        assert server.process.pid != lab.process.pid
        yield server


def test_the_decision_is_readable_after_reopening_trusted_and_untrusted_without_a_kernel(
    decided: Path, another_day: Server, visit: Visit
) -> None:
    foreign = nbformat.read(decided, as_version=4)
    foreign.metadata["note"] = "as it comes by mail: nobody here has signed it"
    nbformat.write(foreign, decided.with_name("foreign.ipynb"))
    for name, trusted in (("review", True), ("foreign", False)):
        reader = visit(another_day, height=1600)
        reader.open_notebook(f"{decided.parent.name}/{name}.ipynb", kernel=False)
        reader.wait("() => window.jupyterapp.shell.currentWidget.sessionContext.isReady")
        reader.command("notebook:shutdown-kernel")
        outputs = reader.page.locator(".jp-OutputArea-output")
        expect(outputs.get_by_text("seen in the notebook").first).to_be_visible()
        expect(outputs.get_by_text(STILL).first).to_be_visible()
        assert reader.page.get_by_text("model not found").count() == 0
        assert reader.page.get_by_role("button", name="Approve").count() == 0
        assert times_headline_is_seen(reader.page) == 1
        said = reader.page.evaluate(
            "() => [...window.jupyterapp.shell.currentWidget.content.widgets].at(-1).model.trusted"
        )
        assert said is trusted
        reader.shoot(f"review-reopened-{'trusted' if trusted else 'untrusted'}")


def test_the_decision_is_readable_in_a_plain_export_without_scripts(decided: Path, chromium: Browser) -> None:
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", decided.name],
        cwd=decided.parent, check=True, capture_output=True,
    )  # fmt: skip
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1200, "height": 1400})
    page = context.new_page()
    page.route(
        "**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort()
    )
    page.goto(decided.with_suffix(".html").as_uri())
    expect(page.get_by_text("seen in the notebook").first).to_be_visible()
    expect(page.get_by_text(STILL).first).to_be_visible()
    assert times_headline_is_seen(page) == 1
    page.screenshot(path=SHOTS / "review-exported.png")
    context.close()


def test_a_page_reloaded_beside_a_living_kernel_decides_again(reader: Session, folder: Path) -> None:
    reader.save()
    reader.open_notebook(f"{folder.name}/review.ipynb")
    review = review_in(reader.page)
    expect(review.get_by_role("button", name="Approve")).to_be_visible()
    approve(reader, "after a reload")
    ws = workspace(folder)
    assert held(ws) == 2
    ws.store.close()


def test_when_the_kernel_has_ended_a_click_says_what_to_do_instead(reader: Session, folder: Path) -> None:
    review = review_in(reader.page)
    reader.command("notebook:shutdown-kernel")
    review.get_by_role("button", name="Approve").click()
    expect(review.get_by_role("alert")).to_contain_text("No kernel has answered")
    expect(review.locator("code")).to_contain_text("jupyter mlops review decide")
    assert times_headline_is_seen(reader.page) == 1
    ws = workspace(folder)
    assert held(ws) == 1
    ws.store.close()


def test_when_the_kernel_restarts_the_still_picture_is_back(reader: Session) -> None:
    expect(review_in(reader.page).get_by_role("button", name="Approve")).to_be_visible()
    reader.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(reader.page.get_by_role("button", name="Approve")).to_have_count(0)
    assert times_headline_is_seen(reader.page) == 1


def test_what_a_user_wrote_is_shown_as_text_never_as_markup(reader: Session) -> None:
    hostile = '<img src=x onerror="window.hacked=1"><b>bold</b>'
    approve(reader, hostile)
    expect(
        review_in(reader.page).get_by_text(json.dumps(hostile)[1:12].replace("\\", ""), exact=False)
    ).to_be_visible()
    assert reader.page.evaluate("window.hacked") is None
