"""Dark and narrow, and what a reader who cannot see colours or uses no mouse relies on."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.books import LONG, add_run, asked, fresh, settled
from browser.conftest import BEGAN, Visit
from browser.lab import SHOTS, Session, notebook, served, until
from jupyter_mlops import tracking
from jupyter_mlops.capture.estimators.drawings import drawings
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.source import Environment
from jupyter_mlops.workspace import Workspace, open_workspace

THEMES = "@jupyterlab/apputils-extension:themes"
# Every text of ours against the ground it stands on, by the formula of the web's accessibility guidelines.
CONTRASTS = """() => {
  const parse = text => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    return text.startsWith('color(srgb') ? [...parts.slice(0, 3).map(x => x * 255), parts[3] ?? 1]
      : [parts[0], parts[1], parts[2], parts[3] ?? 1];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((x, i) => x * a + under[i] * (1 - a));
  const ground = element => {
    const found = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) { found.push(colour); }
      if (colour[3] === 1) { break; }
    }
    return found.reverse().reduce((under, colour) => over(colour, under), [255, 255, 255]);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opacity = element => {
    let found = 1;
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      found *= style.animationName === 'none' ? parseFloat(style.opacity) : 1;  // what beats is bright again in a moment
    }
    return found;
  };
  const poor = [];
  for (const root of document.querySelectorAll('.jmlops, .jmlops-still')) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.disabled) { continue; }
      const style = getComputedStyle(element);
      const [under, size] = [ground(element), parseFloat(style.fontSize)];
      const [red, green, blue, alpha] = parse(style.color);
      const [a, b] = [light(over([red, green, blue, alpha * opacity(element)], under)), light(under)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const sign = element.classList.contains('jmlops-sign') || /^[^\\p{L}\\p{N}]$/u.test(walker.currentNode.textContent.trim());
      const needed = sign ? 3 : 4.5;
      if (ratio < needed || size < 11) {
        poor.push([walker.currentNode.textContent.trim().slice(0, 40), element.className, ratio.toFixed(2), size]);
      }
    }
  }
  return poor;
}"""
# Lines and dots need less, but they need it too; the first that is found of each of the five.
FAINT_LINES = """() => {
  const light = rgb => {
    const [r, g, b] = rgb.map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const numbers = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number)
    .map(x => text.startsWith('color(srgb') ? x * 255 : x);
  const canvas = document.createElement('div');
  document.querySelector('.jmlops').append(canvas);
  const ground = getComputedStyle(document.querySelector('#jupyter-mlops-panel')).backgroundColor;
  const found = [0, 1, 2, 3, 4].map(place => {
    canvas.style.color = `var(--jmlops-line-${place})`;
    const [a, b] = [light(numbers(getComputedStyle(canvas).color)), light(numbers(ground))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
  canvas.remove();
  return found;
}"""
NAMELESS = """() => [...document.querySelectorAll('.jmlops :is(button, input, select, textarea, [role=img], svg)')]
  .filter(e => e.checkVisibility() && e.getAttribute('aria-hidden') !== 'true')
  .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || e.closest('label')?.textContent.trim()))
  .map(e => e.outerHTML.slice(0, 200))"""


# What has the focus, and how it is outlined.
FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  return [at.getAttribute('aria-label') || at.textContent.trim().slice(0, 40), style.outlineStyle, parseFloat(style.outlineWidth)];
}"""


# It logs what a card draws while its run goes on, and waits until it has been looked at.
GOING = """%%track going --experiment air
import time
from pathlib import Path
run.log_metrics(mae=41.2, r2=0.9)
for step in range(20):
    run.log_metric("loss", 1 / (1 + step), step=step)
while not Path("seen").exists():
    time.sleep(0.02)
"""


def fill(ws: Workspace) -> None:
    asked(ws)
    deeper = add_run(ws, "deeper", alpha=0.3)
    for name, content in drawings(
        {"classes": ["a", "b"], "confusion_matrix": [[3, 1], [0, 4]]}, "train"
    ).items():
        tracking.log_artifact(ws, run=deeper.id, content=content, name=name)
    tracking.log_artifact(ws, run=deeper.id, content=f"{LONG}\n".encode() * 40, name=f"{LONG[:60]}.txt")
    packages = {f"a-package-{number}": f"1.{number}" for number in range(60)} | {LONG: LONG}
    ran = Environment(python="3.12.3", implementation="CPython", platform="Linux", cpus=8, packages=packages)
    source = replace(deeper.source, environment=ws.blobs.put(io.BytesIO(canonical(encode(ran)))))
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(deeper.id), source=source))
    add_run(ws, LONG, mae=30.0)
    add_run(ws, "wider", alpha=0.2, mae=40.0)


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def themed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    theme = request.param
    with served(tmp_path_factory.mktemp("looks"), settings={THEMES: {"theme": theme}}) as server:
        folder = fresh(server.folder / "looks", fill)
        notebook(
            folder / "work.ipynb",
            [
                "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops",
                "%mlops review show pm25:2",
                "%mlops runs",
                "ws = mlops.workspace()\nids = [run.id for run in mlops.find_runs(ws)]",
                "mlops.compare_runs(ws, ids)",
                "mlops.compare_runs(ws, ids[:2])",
                ("rounds: int = 5  # how many", {"tags": ["parameters"]}),
            ],
        )
        ended = fresh(server.folder / "ended", settled)
        notebook(
            ended / "work.ipynb",
            [
                "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops\nws = mlops.workspace()",
                "%mlops review show pm25:2",
                "%mlops review show pm25:3",
                ("%%track broken\ntable = {'a': 1}\ntable['never']", {"tags": ["raises-exception"]}),
                "mlops.find_runs(ws, \"name = 'broken'\")[0]",
            ],
        )
        going = fresh(server.folder / "going", lambda _ws: None)
        notebook(going / "work.ipynb", ["%load_ext jupyter_mlops", GOING])
        yield server, theme.split()[-1].lower()


@pytest.fixture
def reader(themed: Any, visit: Visit) -> Session:
    reader = visit(themed[0], height=3200)
    reader.open_notebook("looks/work.ipynb")
    reader.run_all()
    expect(reader.page.locator(".jp-OutputArea-output .jmlops-review button[data-verdict]")).to_have_count(3)
    expect(reader.section("runs").locator(".jmlops-item")).to_have_count(5)
    return reader


def columns_of(items: Locator) -> int:
    """At how many places from the left they begin."""
    left = "all => new Set(all.map(one => Math.round(one.getBoundingClientRect().left))).size"
    found: int = items.evaluate_all(left)
    return found


def test_every_text_stands_out_from_its_ground_and_is_not_too_small(reader: Session, themed: Any) -> None:
    page, theme = reader.page, themed[1]
    page.locator(".jp-OutputArea-output .jmlops-review summary").first.click()
    page.locator(".jp-OutputArea-output .jmlops-runs summary", has_text="Columns").click()
    expect(page.locator(".jp-OutputArea-output .jmlops-compare")).to_have_count(2)
    reader.shoot(f"{theme}-notebook")
    assert page.evaluate(CONTRASTS) == []
    page.get_by_role("button", name="Run as job").click()
    page.locator("[name=parameter-rounds]").fill("many")
    expect(page.locator(".jmlops-rule")).to_be_visible()
    reader.shoot(f"{theme}-form")
    assert page.evaluate(CONTRASTS) == []
    page.keyboard.press("Escape")
    reader.section("runs").locator("summary", has_text="Experiments").click()
    expect(
        reader.section("runs").get_by_role("list", name="Experiments").get_by_role("button")
    ).to_have_count(2)
    field = reader.section("runs").get_by_label("Filter runs")
    field.fill("mae <")
    field.press("Enter")
    expect(page.locator(".jmlops-mistake")).to_be_visible()
    reader.section("runs").get_by_role("button", name="deeper").click()
    card = page.locator(".jp-jmlops-large .jmlops-run")
    expect(card.locator(".jmlops-chart svg")).to_be_visible()
    card.locator(".jmlops-fold", has_text="outputs").locator("summary").click()
    expect(card.get_by_role("img", name="evaluation/train_confusion_matrix.svg")).to_be_visible()
    card.locator(".jmlops-file", has_text=".txt").get_by_role("button", name="Look at").click()
    expect(card.locator(".jmlops-file pre")).to_be_visible()
    card.locator(".jmlops-fold", has_text="environment Python").locator("summary").click()
    expect(card.locator(".jmlops-packages li")).to_have_count(61)
    assert columns_of(card.locator(".jmlops-packages li")) > 1
    reader.shoot(f"{theme}-card")
    assert page.evaluate(CONTRASTS) == []


def test_a_card_that_is_drawn_anew_while_its_run_goes_on_is_read_as_well_as_one_that_stands(
    themed: Any, visit: Visit
) -> None:
    server, theme = themed
    reader = visit(server)
    reader.open_notebook("going/work.ipynb")
    page = reader.page
    (server.folder / "going" / "seen").unlink(missing_ok=True)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    card = page.locator(".jp-OutputArea-output .jmlops-still")
    for said in ("so far", "loss", "mae", "steps"):
        expect(card).to_contain_text(said)
    reader.shoot(f"{theme}-card-going")
    assert page.evaluate(CONTRASTS) == []
    (server.folder / "going" / "seen").touch()
    expect(card).to_contain_text("clean")
    reader.shoot(f"{theme}-card-gone")
    assert page.evaluate(CONTRASTS) == []


def test_what_was_decided_lapsed_or_failed_stands_out_no_less(themed: Any, visit: Visit) -> None:
    server, theme = themed
    reader = visit(server, height=3200)
    reader.open_notebook("ended/work.ipynb")
    reader.run_all()
    page = reader.page
    reviews = page.locator(".jp-OutputArea-output .jmlops-review")
    expect(reviews.locator(".jmlops-outcome")).to_contain_text(["champion moved from 1 to 2", "Lapsed"])
    expect(page.locator(".jp-OutputArea-output .jmlops-run .jmlops-failure")).to_contain_text("KeyError")
    expect(reader.section("jobs").locator(".jmlops-item")).to_have_count(7)
    for ended in ("succeeded", "failed", "cancelled", "timed out", "lost", "running"):
        expect(reader.section("jobs")).to_contain_text(ended)
    expect(reader.section("reviews").locator(".jmlops-item")).to_have_count(2)
    reader.shoot(f"{theme}-ended")
    assert page.evaluate(CONTRASTS) == []
    reader.section("runs").get_by_role("button", name="broken").click()
    expect(page.locator(".jp-jmlops-large .jmlops-failure")).to_contain_text("KeyError")
    reader.shoot(f"{theme}-card-failed")
    assert page.evaluate(CONTRASTS) == []
    moving = "() => getComputedStyle(document.querySelector('.jmlops-pulse')).animationName"
    assert page.evaluate(moving) == "jmlops-pulse"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == "none"


def test_a_long_name_gives_way_so_that_the_id_beside_it_meets_nothing(reader: Session, themed: Any) -> None:
    compared = reader.page.locator(".jp-OutputArea-output .jmlops-compare").first
    row = compared.locator("tbody tr", has=reader.page.get_by_role("img", name="best"))
    expect(row.locator("td").first).to_contain_text(LONG)
    row.scroll_into_view_if_needed()
    reader.shoot(f"{themed[1]}-many")
    boxes = [
        row.locator(one).first.bounding_box() for one in (".jmlops-name", ".jmlops-id", "td:nth-child(2)")
    ]
    name, mark, grade = (box for box in boxes if box is not None)
    assert name["width"] > 100
    assert name["x"] + name["width"] <= mark["x"]
    assert mark["x"] + mark["width"] <= grade["x"]


def test_every_line_of_a_picture_stands_out_from_its_ground(reader: Session) -> None:
    found = reader.page.evaluate(FAINT_LINES)
    assert len(found) == 5
    assert min(found) >= 3, found


def test_everything_that_can_be_pressed_has_a_name(reader: Session) -> None:
    assert reader.page.evaluate(NAMELESS) == []


def test_a_narrow_page_scrolls_its_tables_and_nothing_else(themed: Any, visit: Visit) -> None:
    server, theme = themed
    reader = visit(server, width=700, height=1400)
    reader.open_notebook("looks/work.ipynb")
    reader.run_all()
    review = reader.page.locator(".jp-OutputArea-output .jmlops-review")
    expect(review.get_by_role("button", name="Approve")).to_be_visible()
    reader.shoot(f"{theme}-narrow")
    wide = reader.page.evaluate(
        """() => [...document.querySelectorAll('.jmlops')]
          .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
          .map(e => [e.className, e.scrollWidth, e.clientWidth])"""
    )
    assert wide == []


def test_the_panel_is_walked_through_by_keyboard(reader: Session) -> None:
    page = reader.page
    reader.section("runs").get_by_label("Filter runs").focus()
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel"))
        if page.evaluate("document.activeElement.closest('.jmlops') !== null"):
            name, kind, width = page.evaluate(FOCUSED)
            assert (kind, width) == ("solid", 2), name
    assert LONG in seen
    while page.evaluate("document.activeElement.textContent") != LONG:
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-jmlops-large .jmlops-run h3")).to_have_text(LONG)


def test_runs_are_narrowed_chosen_and_tagged_by_keyboard_alone(reader: Session, themed: Any) -> None:
    page, output = reader.page, reader.page.locator(".jp-OutputArea-output")
    many = output.locator(".jmlops-compare").first
    many.locator("summary", has_text="type what is kept").focus()
    page.keyboard.press("Enter")
    least = many.get_by_label("alpha at least")
    while not least.evaluate("one => one === document.activeElement"):
        page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[1:] == ["solid", 2]
    page.keyboard.type("0.25")
    page.keyboard.press("Tab")
    expect(many.locator(".jmlops-strand-out").first).to_be_attached()
    kept = many.locator(".jmlops-strand:not(.jmlops-strand-out)")
    assert 0 < kept.count() < 5
    table = output.locator(".jmlops-runs")
    for name in ("deeper", "wider"):
        table.get_by_role("checkbox", name=f"Choose {name}").focus()
        assert page.evaluate(FOCUSED)[1:] == ["solid", 2]
        page.keyboard.press("Space")
    expect(table).to_contain_text("2 chosen")
    table.locator("summary", has_text="Tag").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("stage=kept")
    page.keyboard.press("Enter")
    ws = open_workspace(themed[0].folder / "looks", environ={})
    kept_runs = until(lambda: len(found := tracking.find_runs(ws, "tags.stage = 'kept'")) == 2 and found)
    reader.shoot(f"{themed[1]}-keyboard")
    assert {run.name for run in kept_runs} == {"deeper", "wider"}
    ws.store.close()


def test_the_colours_of_the_theme_are_used(reader: Session, themed: Any) -> None:
    ground = reader.page.evaluate(
        """() => getComputedStyle(document.querySelector('#jupyter-mlops-panel')).backgroundColor"""
    )
    assert (ground == "rgb(255, 255, 255)") is (themed[1] == "light")


def test_the_folder_of_pictures_is_not_in_version_control() -> None:
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text()
    assert "test-output/" in ignored


def test_no_picture_is_older_than_this_session_of_tests(chromium: Browser) -> None:
    assert [path.name for path in SHOTS.glob("*") if path.stat().st_mtime < BEGAN] == []
