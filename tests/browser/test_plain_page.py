"""A widget's module in a page that is no Lab: what VS Code and Colab make of the same files, without them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import jupyter_mlops.widgets
from browser.books import add_run, asked, fresh, workspace
from browser.lab import SHOTS
from jupyter_mlops import tracking
from jupyter_mlops.records.codec import encode
from jupyter_mlops.review import find_reviews
from jupyter_mlops.widgets import widget_for

STATIC = Path(jupyter_mlops.widgets.__file__).parent / "static"
HOST = "http://editor.invalid/"
# What anywidget gives a module: a model with traits, and an element. The editor's colours, and none of the Lab's.
PAGE = """<!doctype html><meta charset=utf-8><link rel=stylesheet href=widgets.css>
<style>:root { --vscode-foreground: #ccc; --vscode-editor-background: #1e1e1e; } body { background: #1e1e1e; }</style>
<div id=output></div>
<script type=module>
  import widget from './%(module)s';
  const traits = %(traits)s;
  window.sent = [];
  const model = { get: name => traits[name], on() {}, off() {}, send: message => window.sent.push(message) };
  widget.render({ model, el: document.querySelector('#output') });
</script>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 900, "height": 900})
    yield context.new_page()
    context.close()


def show(page: Page, module: str, traits: dict[str, object]) -> None:
    document = PAGE % {"module": module, "traits": json.dumps(traits).replace("</", "<\\/")}

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(HOST)
        if name:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(body=(STATIC / name).read_text(encoding="utf-8"), content_type=kind)
        else:
            route.fulfill(body=document, content_type="text/html")

    page.route(f"{HOST}**", serve)
    page.goto(HOST)


def test_a_review_is_drawn_in_the_editors_colours_and_decides_through_the_kernel(
    page: Page, tmp_path: Path
) -> None:
    ws = workspace(fresh(tmp_path / "book", asked))
    [review] = find_reviews(ws).items
    show(page, "review.js", {"record": encode(review), "actor": "ana", "door": ""})
    expect(page.locator(".jmlops-headline")).to_contain_text("Better than champion")
    assert page.evaluate("getComputedStyle(document.querySelector('.jmlops')).color") == "rgb(204, 204, 204)"
    page.get_by_label("Comment").fill("from an editor")
    page.get_by_role("button", name="Approve").click()
    assert page.evaluate("window.sent") == [
        {"action": "decide", "verdict": "approve", "comment": "from an editor"}
    ]
    page.screenshot(path=SHOTS / "editor-review.png")
    ws.store.close()


def test_where_the_policy_wants_the_server_an_editor_says_where_to_decide(page: Page, tmp_path: Path) -> None:
    ws = workspace(fresh(tmp_path / "book", asked))
    [review] = find_reviews(ws).items
    show(page, "review.js", {"record": encode(review), "actor": "ana", "door": "server"})
    expect(page.locator(".jmlops-decide")).to_contain_text("MLOps panel")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    ws.store.close()


def test_run_table_and_comparison_are_drawn_from_what_python_would_send(page: Page, tmp_path: Path) -> None:
    ws = workspace(
        fresh(tmp_path / "book", lambda ws: [add_run(ws, f"run-{n}", alpha=n / 10) for n in range(1, 6)])
    )
    runs = tracking.find_runs(ws)
    compared = tracking.compare_runs(ws, [run.id for run in runs])
    seen = {"run.js": ".jmlops-chart svg", "runs.js": "tbody tr", "compare.js": ".jmlops-parallel svg"}
    for record, module in zip((runs[0], runs, compared), seen, strict=True):
        widget = widget_for(record, ws)
        assert widget is not None
        traits = {name: getattr(widget, name) for name in widget.trait_names(sync=True) if name[0] != "_"}
        show(
            page,
            module,
            {
                key: value
                for key, value in traits.items()
                if key not in {"layout", "comm", "tabbable", "tooltip"}
            },
        )
        expect(page.locator(seen[module]).first).to_be_visible()
        page.screenshot(path=SHOTS / f"editor-{module.removesuffix('.js')}.png")
    ws.store.close()
