"""The commands that watch over a place: a server of answers, a clock, and the upgrade of a store."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.telling import serving_line, tick_summary, upgrade_line
from jupyter_mlops.operations.workspaces import refuse_no_store
from jupyter_mlops.settings import read_settings
from jupyter_mlops.store import masked, upgrade_store
from jupyter_mlops.workspace import refuse_nowhere

__all__ = ["scheduler", "serve", "tick", "upgrade"]


def serve(
    console: Console, reference: str, *, port: int = 0, host: str = "127.0.0.1", token: str = ""
) -> Answer:
    """Answer for a model over HTTP until stopped; an alias is followed when it moves.

    Parameters
    ----------
    reference
        What to serve: pm25@champion follows the alias, pm25:7 stays.
    port
        Where to listen; 0 takes a free one.
    host
        Where to listen; beyond this machine a token must be given.
    token
        What callers must show; without it a random one.
    """
    from jupyter_mlops.serving.app import serve as answer_for

    with console.opened() as ws:
        try:
            answer_for(
                ws,
                reference,
                host=host,
                port=port,
                token=token,
                announce=lambda served: console.announce(Answer(value=served, text=serving_line(served))),
            )
        except KeyboardInterrupt:
            console.tell("stopped")
    return Answer(value=None, text="", told=True)


def scheduler(console: Console, *, interval: float = 5.0, workers: int = 2) -> Answer:
    """Keep work turning until stopped; needs no Jupyter server.

    Parameters
    ----------
    interval
        Seconds between two turns.
    workers
        How many jobs may be under way at once.
    """
    from jupyter_mlops import automation

    with console.opened() as ws:
        place = ws.settings.folder or masked(ws.settings.store)
        with suppress(KeyboardInterrupt), _told_to_end() as ending:
            console.tell(f"turning in {place}; Ctrl-C stops it, jobs under way go on")
            automation.scheduler(
                ws,
                interval=interval,
                workers=workers,
                stop=ending.is_set,
                report=lambda done: console.tell(tick_summary(done)),
            )
        console.tell("stopped")
    return Answer(value=None, text="", told=True)


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Take the signal that ends a service for a wish: the turn under way is finished first."""
    ending = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: ending.set())
    try:
        yield ending
    finally:
        signal.signal(signal.SIGTERM, before)


def tick(console: Console, *, workers: int = 2) -> Answer:
    """Do what is due now and return: for a cron line of your own. Safe to call twice.

    Parameters
    ----------
    workers
        How many jobs may be under way at once.
    """
    from jupyter_mlops import automation

    with console.opened() as ws:
        report = automation.tick(ws, workers=workers)
    return Answer(value=report, text=tick_summary(report))


def upgrade(console: Console) -> Answer:
    """Bring a store written by an earlier version up to date; a backup is made first."""
    settings = read_settings(console.workspace, start=console.start)
    refuse_nowhere(settings, console.workspace, os.environ, read=True)
    refuse_no_store(settings)
    done = upgrade_store(settings.store)
    return Answer(value=done, text=upgrade_line(done))
