"""Where the policy counts only people a server knows, the widget in the notebook decides as they do: by the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from review.books import held

from browser.books import asked, fresh, workspace
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, outputs_of, served, until
from jupyter_mlops.review import find_reviews, set_policy
from jupyter_mlops.workspace import Workspace

# As a hub's is: who comes in is known by a cookie of their own, not by a token that everybody shares.
KNOWS_PEOPLE = """
from jupyter_server.auth.identity import IdentityProvider, User

class Known(IdentityProvider):
    def get_user(self, handler):
        who = handler.get_cookie("who")
        return User(username=who) if who else super().get_user(handler)

c.ServerApp.identity_provider_class = Known
"""


def fill(ws: Workspace) -> None:
    set_policy(ws, "pm25", text="quorum: 1\nauthor_may_approve: true\ndoors: [server]\n")
    asked(ws)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("hub"), base="/user/bo/", config=KNOWS_PEOPLE) as server:
        yield server


@pytest.fixture
def folder(hub: Server, own: str) -> Path:
    folder = fresh(hub.folder / own, fill)
    notebook(folder / "review.ipynb", ["%load_ext jupyter_mlops", "%mlops review show pm25:2"])
    return folder


def reading(hub: Server, visit: Visit, folder: Path, who: str) -> Session:
    reader = visit(hub, height=1400)
    if who:
        reader.page.context.add_cookies([{"name": "who", "value": who, "url": hub.url("").partition("?")[0]}])
    reader.open_notebook(f"{folder.name}/review.ipynb")
    reader.run_all()
    return reader


def review_in(reader: Session) -> Locator:
    return reader.page.locator(".jp-OutputArea-output .jmlops-review")


def test_the_widget_has_the_server_enter_the_decision_in_the_readers_own_name(
    hub: Server, visit: Visit, folder: Path
) -> None:
    reader = reading(hub, visit, folder, "bo")
    review = review_in(reader)
    expect(review.locator(".jmlops-decide")).to_contain_text("your browser sends this one there")
    posted: list[str] = []
    reader.page.on("request", lambda r: posted.append(r.url) if r.method == "POST" else None)
    review.get_by_label("Comment").fill("known to the server")
    reader.shoot("review-server-door")
    review.get_by_role("button", name="Approve").click()
    expect(review.locator(".jmlops-outcome")).to_contain_text("champion moved from 1 to 2")
    assert [url for url in posted if "/user/bo/jupyter-mlops/api/" in url], posted
    reader.shoot("review-server-door-decided")

    ws = workspace(folder)
    [kept] = find_reviews(ws).items
    actor = kept.decisions[0].actor
    assert (actor.name, actor.via, actor.authenticated) == ("bo", "server", True)
    assert (kept.decisions[0].counts, held(ws)) == (True, 2)
    ws.store.close()
    until(lambda: (reader.save(), "known to the server" in outputs_of(folder / "review.ipynb"))[1])


def test_a_reader_the_server_does_not_know_is_told_that_the_decision_does_not_count(
    hub: Server, visit: Visit, folder: Path
) -> None:
    reader = reading(hub, visit, folder, "")
    review = review_in(reader)
    review.get_by_role("button", name="Approve").click()
    expect(review).to_contain_text("the server did not know who it was")
    ws = workspace(folder)
    assert held(ws) == 1
    ws.store.close()


def test_a_refusal_by_the_server_is_shown_in_the_widget(hub: Server, visit: Visit, folder: Path) -> None:
    reader = reading(hub, visit, folder, "bo")
    review = review_in(reader)
    review.get_by_role("button", name="Reject").click()
    expect(review.get_by_role("alert")).to_contain_text("a rejection needs a comment")
    expect(review.get_by_role("button", name="Reject")).to_be_enabled()
