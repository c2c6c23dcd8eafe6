"""What every channel is asked to send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.records.notification import ChannelKind, Notification, Occasion
from jupyter_mlops.settings import Settings

Write = Callable[..., Notification]

HOSTILE = {
    "lines": "one\r\nBcc: eve@example.org\n\nbody\x00\x1b[31m\u2028end",
    "quotes": '" \' ` ‘ ’ \\n \\" %s {0} </text>',
    "shell": "$(touch /tmp/owned) `id` ; rm -rf / | & $HOME %PATH%",
    "applescript": '" & (do shell script "id") & "',
    "flag": "--help",
    "dash": "-e",
    "long": "x" * 10_000,
    "encoded": "=?utf-8?q?a=0ABcc:_eve@example.org?= =?utf-8?b?Cg==?=",
    "wide and long": "数é🎉 " * 2_000,
    "half": "a\ud800b\udfff",
    "blank": " \n\t ",
    "nothing": "",
    "wide": "Größe 数 🎉",
    "markup": "<b>&amp;</b> <!channel> @all",
}


@pytest.fixture
def message() -> Write:
    """Make a message; what is not said is as it mostly is."""

    def write(**changes: Any) -> Notification:
        made = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
        usual: dict[str, Any] = {
            "subscription": "S1", "cause": "J1 failed", "id": "01HX0", "name": "nightly", "channel": ChannelKind.WEBHOOK,
            "occasion": Occasion.FAILURE, "subject": "J1", "title": "report.ipynb failed", "text": "KeyError\nin cell 3",
            "made": made, "due": made,
        }  # fmt: skip
        return Notification(**(usual | changes))

    return write


@pytest.fixture(params=sorted(HOSTILE))
def hostile(request: pytest.FixtureRequest, message: Write) -> Notification:
    """A message whose every word was written by somebody who means harm."""
    words = HOSTILE[request.param]
    return message(title=words, text=words, name=words, subject=words)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(folder=tmp_path / ".mlops", store="memory://", blobs="memory://", root=tmp_path)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate of localhost, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])  # and so not 127.0.0.1
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "here.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path
