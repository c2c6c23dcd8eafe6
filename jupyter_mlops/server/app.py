"""The server extension: traits to settings, routes, clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Integer, Unicode

from jupyter_mlops.server.clock import Clock
from jupyter_mlops.server.handlers import routes
from jupyter_mlops.server.places import Places

__all__ = ["MlopsApp"]


class MlopsApp(ExtensionApp):
    """Runs, models, jobs and reviews over REST, below ``<base_url>/jupyter-mlops/api/``."""

    name = "jupyter_mlops"
    load_other_extensions = True

    workspace = Unicode(
        "",
        help="The workspace of every notebook: a folder or a store's URL. Empty: each notebook's own, found upward.",
    ).tag(config=True)
    tick_seconds = Float(
        15.0, help="Seconds between two turns of the clock that starts due jobs; 0: it stands."
    ).tag(config=True)
    most_threads = Integer(8, help="How many operations may be under way at once.").tag(config=True)

    places: Places
    threads: ThreadPoolExecutor
    clock: Clock | None = None

    def initialize_settings(self) -> None:
        """Settle where workspaces are looked for."""
        root = Path(str(getattr(self.serverapp, "root_dir", "") or ".")).expanduser()
        self.places = Places(root, self.workspace)
        self.threads = ThreadPoolExecutor(self.most_threads, thread_name_prefix="jupyter-mlops")

    def initialize_handlers(self) -> None:
        """Add the routes of the table."""
        self.handlers.extend(routes())

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Wind up the clock once the event loop runs."""
        if self.tick_seconds > 0:
            self.clock = Clock(
                self.places,
                threads=self.threads,
                settings=serverapp.web_app.settings,
                log=self.log,
                seconds=self.tick_seconds,
            )
            self.clock.start()

    async def stop_extension(self) -> None:
        """Stop the clock and close what was opened."""
        if self.clock is not None:
            await self.clock.stop()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.places.close()

    def current_activity(self) -> bool | None:
        """Keep a server from going idle while jobs are at work or a schedule is active."""
        return self.clock.busy if self.clock is not None else None
