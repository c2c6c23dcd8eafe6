"""An object store of the tests' own that speaks S3: OpenStack Swift on one disk, from the wheel, on this machine only."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

KEY, SECRET = "test:tester", "testing"
PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging cache listing_formats s3api tempauth copy slo dlo "
    "versioned_writes symlink proxy-logging proxy-server"
)
COMMON = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {home}
devices = {home}/devices
mount_check = false
log_level = ERROR
log_address = {home}/none
"""
STORAGE = """
[pipeline:main]
pipeline = healthcheck {kind}-server
[filter:healthcheck]
use = egg:swift#healthcheck
[app:{kind}-server]
use = egg:swift#{kind}
[{kind}-replicator]
[{kind}-updater]
[{kind}-auditor]
"""
PROXY = """
[pipeline:main]
pipeline = {pipeline}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
[filter:cache]
use = egg:swift#memcache
"""
FILTERS = {
    "catch_errors": "catch_errors", "gatekeeper": "gatekeeper", "healthcheck": "healthcheck",
    "proxy-logging": "proxy_logging", "listing_formats": "listing_formats", "copy": "copy", "slo": "slo",
    "dlo": "dlo", "versioned_writes": "versioned_writes", "symlink": "symlink",
}  # fmt: skip


@contextmanager
def s3() -> Iterator[str]:
    """Run the servers; yield the address of the endpoint."""
    home = Path(tempfile.mkdtemp(prefix="mlops-s3-", dir="/tmp"))
    tools = Path(sys.executable).parent
    ports = free_ports(4)
    (home / "devices" / "d1").mkdir(parents=True)
    (home / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    with ExitStack() as running, (home / "log").open("wb") as log:
        running.callback(shutil.rmtree, home, ignore_errors=True)
        for kind, port in zip(("account", "container", "object"), ports, strict=False):
            ring = home / f"{kind}.builder"
            for words in (
                ("create", "4", "1", "0"),
                ("add", f"r1z1-127.0.0.1:{port}/d1", "1"),
                ("rebalance",),
            ):
                # Its exit code 1 is a warning: one disk is no redundancy.
                done = subprocess.run(
                    [tools / "swift-ring-builder", ring, *words], stdout=log, stderr=log, check=False
                )
                assert done.returncode in {0, 1}, (home / "log").read_text()
            start(running, home, log, kind, port, STORAGE.format(kind=kind))
        more = "".join(f"[filter:{name}]\nuse = egg:swift#{egg}\n" for name, egg in FILTERS.items())
        start(running, home, log, "proxy", ports[3], PROXY.format(pipeline=PIPELINE) + more)
        for port in ports:
            wait_for(f"http://127.0.0.1:{port}/healthcheck", home / "log")
        yield f"http://127.0.0.1:{ports[3]}"


def start(running: ExitStack, home: Path, log: object, kind: str, port: int, content: str) -> None:
    import getpass

    config = home / f"{kind}-server.conf"
    config.write_text(COMMON.format(port=port, home=home, user=getpass.getuser()) + content)
    server = subprocess.Popen(
        [Path(sys.executable).parent / f"swift-{kind}-server", config],
        stdout=log,  # type: ignore[call-overload]
        stderr=log,
        env={**os.environ, "SWIFT_DIR": str(home)},
    )
    running.callback(server.wait)
    running.callback(server.terminate)


def make_bucket(endpoint: str, name: str) -> None:
    """Make a bucket by a request that is signed as S3 wants it (version 4)."""
    host, empty = endpoint.removeprefix("http://"), hashlib.sha256().hexdigest()
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/us-east-1/s3/aws4_request"
    names = "host;x-amz-content-sha256;x-amz-date"
    headers = f"host:{host}\nx-amz-content-sha256:{empty}\nx-amz-date:{moment}\n"
    asked = f"PUT\n/{name}\n\n{headers}\n{names}\n{empty}"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    said = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    signature = hmac.digest(key, said.encode(), "sha256").hex()
    request = urllib.request.Request(
        f"{endpoint}/{name}",
        method="PUT",
        headers={
            "x-amz-content-sha256": empty,
            "x-amz-date": moment,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={signature}",
        },
    )
    urllib.request.urlopen(request, timeout=30).close()


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(url: str, log: Path) -> None:
    limit = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > limit:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.05)
        else:
            return
