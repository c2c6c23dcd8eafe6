"""Messages about jobs in JupyterLab: shown once, as text, and the way to their job."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from browser.books import add_job, fresh, workspace
from browser.conftest import Visit
from browser.lab import Server, Session, notebook, until
from jupyter_mlops.jobs import find_jobs
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.notification import (
    ChannelKind,
    Lab,
    Notification,
    NotificationStatus,
    Occasion,
    Subscription,
)
from jupyter_mlops.workspace import Workspace

SAYS = "<img src=x onerror=document.title='hit'>"
ASKED = "/jupyter-mlops/api/notifications"


def tell(ws: Workspace, occasion: Occasion, title: str, *, subject: str = "", hours: float = 0) -> None:
    """A message as the store holds it once it is sent, *hours* ago."""
    at = ws.now() - timedelta(hours=hours)
    watch = Subscription(
        id=ws.new_id(), name="night", on=(occasion,), channel=Lab(), created=at, actor=ws.actor
    )
    message = Notification(
        id=ws.new_id(), subscription=watch.id, cause=title, name=watch.name, channel=ChannelKind.JUPYTERLAB,
        occasion=occasion, subject=subject, title=title, text=f"ValueError: {SAYS}\nCell 2 of 3.", made=at, due=at,
        sent=at, status=NotificationStatus.SENT,
    )  # fmt: skip
    with ws.store.write() as tx:
        tx.subscriptions.add(watch)
        tx.notifications.add(message)


def failed(ws: Workspace) -> None:
    """One job that failed among many that were well, the message of it, and one of yesterday."""
    add_job(ws, JobStatus.FAILED)
    [job] = find_jobs(ws)
    for _ in range(60):
        add_job(ws, JobStatus.SUCCEEDED)
    tell(ws, Occasion.FAILURE, "failed.ipynb failed", subject=job.id)
    tell(ws, Occasion.LATE, "yesterday.ipynb is late", hours=25)


@pytest.fixture
def folder(lab: Server, own: str) -> Path:
    folder = fresh(lab.folder / own, failed)
    notebook(folder / "work.ipynb", ["1 + 1"])
    return folder


def come(reader: Session, folder: Path, answers: int = 1) -> None:
    """Open the notebook of this workspace, and wait until its messages were asked for."""
    seen: list[str] = []
    here = f"path={folder.name}%2Fwork.ipynb"
    reader.page.on(
        "response",
        lambda answer: seen.append(answer.url) if ASKED in answer.url and here in answer.url else None,
    )
    reader.open_notebook(f"{folder.name}/work.ipynb", kernel=False)
    until(lambda: (reader.page.wait_for_timeout(50), len(seen) >= answers)[1])


def arrived(toast: Locator) -> None:
    """It slides in from the edge."""
    expect(toast).to_be_in_viewport(ratio=1)


def toasts(reader: Session) -> Locator:
    return reader.page.locator(".Toastify__toast")


def test_a_message_is_shown_once_as_text_and_leads_to_its_job(
    lab: Server, visit: Visit, folder: Path
) -> None:
    reader = visit(lab)
    come(reader, folder)
    expect(toasts(reader)).to_have_count(1)  # yesterday's is no news at a first visit
    toast = toasts(reader).filter(has_text="failed.ipynb failed")
    expect(toast).to_contain_text(SAYS)
    expect(toast.locator("img")).to_have_count(0)
    assert reader.page.title() != "hit"
    arrived(toast)
    reader.shoot("notification")

    toast.get_by_role("button", name="Open the job").click()
    jobs = reader.page.locator("#jupyter-mlops-section-jobs")
    row = jobs.locator(".jmlops-item", has_text="the sensor was off")
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    reader.shoot("notification-job")

    come(reader, folder)
    reader.page.wait_for_timeout(500)  # as long as a toast takes to come in
    expect(toasts(reader)).to_have_count(0)


def test_many_messages_are_shown_as_one_and_lead_to_the_jobs(lab: Server, visit: Visit, own: str) -> None:
    def many(ws: Workspace) -> None:
        for number in range(8):
            tell(ws, Occasion.LATE, f"report-{number}.ipynb is late")

    folder = fresh(lab.folder / own, many)
    notebook(folder / "work.ipynb", ["1 + 1"])
    reader = visit(lab)
    come(reader, folder)
    expect(toasts(reader)).to_have_count(1)
    expect(toasts(reader)).to_contain_text("8 new messages about jobs")
    expect(toasts(reader)).to_contain_text("report-7.ipynb is late")
    reader.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
    arrived(toasts(reader))
    reader.shoot("notification-many-dark")
    toasts(reader).get_by_role("button", name="Show the jobs").click()
    expect(reader.page.locator("#jupyter-mlops-section-jobs")).to_be_visible()


def test_a_message_that_comes_later_is_shown_and_an_older_one_not_again(
    lab: Server, visit: Visit, folder: Path
) -> None:
    reader = visit(lab)
    come(reader, folder)
    expect(toasts(reader)).to_have_count(1)
    ws = workspace(folder)
    tell(ws, Occasion.RECOVERED, "failed.ipynb succeeded again")
    ws.store.close()
    expect(toasts(reader).filter(has_text="succeeded again")).to_be_visible()
    expect(toasts(reader)).to_have_count(2)
    reader.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
    arrived(toasts(reader).filter(has_text="succeeded again"))
    reader.shoot("notification-dark")
