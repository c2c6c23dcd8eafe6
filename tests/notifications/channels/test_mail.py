"""Mails, over a real server on this machine."""

from __future__ import annotations

import base64
import email
import email.policy
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.notifications.channels import mail as module
from jupyter_mlops.notifications.channels.mail import check_mail, send_mail
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.notifications.channels.wording import text_of, title_of
from jupyter_mlops.records.notification import Email, Notification
from jupyter_mlops.settings import MailSecurity, Settings, account


class Post(socketserver.ThreadingTCPServer):
    """A mail server: what it says to each verb can be changed, and what it took lies in ``mails``."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Clerk)
        self.answers: dict[str, str] = {}  # by verb, or by the whole line
        self.features: list[str] = []
        self.context: ssl.SSLContext | None = None
        self.from_the_start = False
        self.heard: list[tuple[str, bool]] = []  # each line, and whether it came encrypted
        self.mails: list[bytes] = []
        self.pause = 0.0  # before each byte that is said
        self.silent_after: str = ""  # a verb behind which nothing is said any more

    @property
    def port(self) -> int:
        return self.server_address[1]

    def take(self) -> EmailMessage:
        (raw,) = self.mails
        found = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found


class Clerk(socketserver.StreamRequestHandler):
    server: Post
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.encrypted = False
        super().setup()

    def handle(self) -> None:
        with suppress(OSError):
            if self.server.from_the_start:
                self.encrypt()
            self.say(self.server.answers.get("greeting", "220 here"))
            while (line := self.rfile.readline()) and self.answered(line.decode().rstrip("\r\n")):
                pass

    def say(self, text: str) -> None:
        line, pause = f"{text}\r\n".encode(), self.server.pause
        for at in range(0, len(line), 1 if pause else len(line)):
            time.sleep(pause)
            self.wfile.write(line[at : at + 1] if pause else line)

    def encrypt(self) -> None:
        assert self.server.context is not None
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
        self.encrypted = True

    def answered(self, line: str) -> bool:
        self.server.heard.append((line, self.encrypted))
        verb = line.partition(" ")[0].upper()
        if verb == self.server.silent_after:
            threading.Event().wait(600)
        said = self.server.answers.get(line) or self.server.answers.get(verb)
        if said:
            self.say(said)
        elif verb == "EHLO":
            offered = self.server.features + (
                ["STARTTLS"] if self.server.context and not self.encrypted else []
            )
            lines = ["localhost", *offered]
            self.say(
                "\r\n".join(
                    f"250{'-' if at < len(lines) - 1 else ' '}{each}" for at, each in enumerate(lines)
                )
            )
        elif verb == "STARTTLS":
            self.say("220 go ahead")
            self.encrypt()
        elif verb == "DATA":
            self.say("354 go ahead")
            self.take()
        else:
            self.say("235 welcome" if verb == "AUTH" else "250 fine")
        return verb != "QUIT"

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        said = self.server.answers.get("end", "250 taken")
        if said.startswith("250"):
            self.server.mails.append(b"".join(lines).replace(b"\r\n", b"\n"))
        self.say(said)


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def plain(settings: Settings, post: Post) -> Settings:
    """The settings of a server on this machine that encrypts nothing."""
    return replace(
        settings,
        mail_server=f"localhost:{post.port}",
        mail_from="jobs@example.org",
        mail_security=MailSecurity.NONE,
    )


@pytest.fixture
def trusted(plain: Settings, post: Post, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of one whose certificate is known."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return replace(with_certificate(plain, post, certificate), mail_security=MailSecurity.STARTTLS)


def with_certificate(settings: Settings, post: Post, certificate: Path) -> Settings:
    post.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    post.context.load_cert_chain(certificate)
    return settings


def mail(settings: Settings, message: Notification, *to: str, seconds: float = 60, **environ: str) -> None:
    send_mail(settings, Email(to=to or ("ana@example.org",)), message, environ=environ, seconds=seconds)


def refused(*arguments: Any, **options: Any) -> Undelivered:
    with pytest.raises(Undelivered) as failure:
        mail(*arguments, **options)
    return failure.value


# --- what is sent ----------------------------------------------------------------------------------------------


def test_a_mail_says_what_the_message_says(plain, post, message) -> None:
    mail(plain, message(), "ana@example.org", "ben@example.org")

    got = post.take()
    assert (got["From"], got["To"]) == ("jobs@example.org", "ana@example.org, ben@example.org")
    assert got["Subject"] == "[jupyter-mlops] report.ipynb failed"
    assert got["Message-ID"] == "<01HX0@example.org>"
    assert got["Date"] == "Wed, 04 Mar 2026 05:06:07 +0000"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content_type() == "text/plain"
    assert got.get_content() == "KeyError\nin cell 3\n"
    heard = [line.partition(" SIZE")[0].lower() for line, _ in post.heard]
    assert "mail from:<jobs@example.org>" in heard
    assert [line for line in heard if line.startswith("rcpt")] == [
        "rcpt to:<ana@example.org>",
        "rcpt to:<ben@example.org>",
    ]


def test_a_repeated_mail_has_the_same_id(plain, post, message) -> None:
    mail(plain, message())
    first = post.take()["Message-ID"]
    post.mails.clear()
    mail(plain, message())
    assert post.take()["Message-ID"] == first


def test_whatever_somebody_wrote_stays_within_its_header_and_its_body(plain, post, hostile) -> None:
    mail(plain, hostile)

    got = post.take()
    assert sorted(got.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
         "Content-Transfer-Encoding", "MIME-Version"]
    )  # fmt: skip
    assert got["Subject"].replace("\u200b", "") == f"[jupyter-mlops] {title_of(hostile)}"
    assert got.get_content().rstrip("\n") == (text_of(hostile) or title_of(hostile))
    assert got["To"] == "ana@example.org"
    assert [line for line, _ in post.heard if line.lower().startswith("rcpt")] == [
        "rcpt TO:<ana@example.org>"
    ]


def test_a_line_that_is_only_a_dot_does_not_end_the_mail(plain, post, message) -> None:
    mail(plain, message(text="before\n.\nRCPT TO:<eve@example.org>\n..\nafter"))
    assert post.take().get_content() == "before\n.\nRCPT TO:<eve@example.org>\n..\nafter\n"


def test_without_a_sender_it_is_the_account_at_this_machine(plain, post, message, monkeypatch) -> None:
    monkeypatch.setattr(module.socket, "gethostname", lambda: "host.example")
    mail(replace(plain, mail_from=""), message())
    assert post.take()["From"] == f"{account()}@host.example"


@pytest.mark.parametrize(
    "name", ["with a blank", "line\r\nBcc: eve@example.org", "", "a\ud800"], ids=range(4)
)
def test_an_account_that_is_no_address_needs_a_sender_to_be_set(
    plain, message, monkeypatch, name: str
) -> None:
    monkeypatch.setattr(module, "account", lambda: name)
    failure = refused(replace(plain, mail_from=""), message())
    assert failure.final
    assert "mail_from" in failure.message


# --- encryption ------------------------------------------------------------------------------------------------


def test_nothing_but_the_greeting_goes_unencrypted(trusted, post, message) -> None:
    mail(trusted, message())
    plain = [line.partition(" ")[0].upper() for line, encrypted in post.heard if not encrypted]
    assert plain == ["EHLO", "STARTTLS"]
    assert post.take()["Subject"] == "[jupyter-mlops] report.ipynb failed"


def test_a_server_may_be_encrypted_from_the_start(trusted, post, message) -> None:
    post.from_the_start = True
    mail(replace(trusted, mail_security=MailSecurity.TLS), message())
    assert {encrypted for _, encrypted in post.heard} == {True}
    assert len(post.mails) == 1


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_certificate_that_is_not_known_is_not_trusted(plain, post, message, certificate, security) -> None:
    post.from_the_start = security is MailSecurity.TLS
    settings = replace(with_certificate(plain, post, certificate), mail_security=security)
    failure = refused(settings, message())
    assert not failure.final
    assert "not trusted: self-signed certificate" in failure.message
    assert post.mails == []


def test_nor_is_one_of_another_host(trusted, post, message) -> None:
    failure = refused(replace(trusted, mail_server=f"127.0.0.1:{post.port}"), message())
    assert "not trusted: IP address mismatch" in failure.message
    assert post.mails == []


def test_a_server_that_offers_no_encryption_gets_no_mail(plain, post, message) -> None:
    failure = refused(replace(plain, mail_security=MailSecurity.STARTTLS), message())
    assert failure.final
    assert "STARTTLS" in failure.message
    assert "mail_security" in failure.message
    assert post.mails == []


# --- who is let in ---------------------------------------------------------------------------------------------


def test_the_password_is_read_where_the_setting_says(trusted, post, message) -> None:
    post.features = ["AUTH PLAIN"]
    mail(replace(trusted, mail_user="jobs", mail_password="env:MAIL_WORD"), message(), MAIL_WORD="hunter2")
    ((line, encrypted),) = [each for each in post.heard if each[0].startswith("AUTH")]
    assert base64.b64decode(line.split()[-1]) == b"\0jobs\0hunter2"
    assert encrypted
    assert len(post.mails) == 1


@pytest.mark.parametrize(
    ("password", "said"),
    [("env:MAIL_WORD", "variable MAIL_WORD"), ("", "mail_password"), ("hunter2", "mail_password")],
    ids=["missing", "none", "literal"],
)
def test_without_a_password_nobody_is_asked(trusted, post, message, password: str, said: str) -> None:
    failure = refused(replace(trusted, mail_user="jobs", mail_password=password), message())
    assert failure.elsewhere if password.startswith("env:") else failure.final
    assert said in failure.message
    assert "hunter2" not in failure.message
    assert post.heard == []


@pytest.mark.parametrize(("answer", "final"), [("535 hunter2 is wrong", True), ("454 later", False)])
def test_who_is_not_let_in_is_told_without_the_servers_words(trusted, post, message, answer, final) -> None:
    post.features, post.answers["AUTH"] = ["AUTH PLAIN"], answer
    failure = refused(replace(trusted, mail_user="jobs", mail_password="env:W"), message(), W="hunter2")
    assert failure.final is final
    assert f"did not let mail_user in ({answer[:3]})" in failure.message
    assert "hunter2" not in failure.message


def test_a_server_that_knows_no_users_is_named(trusted, message) -> None:
    failure = refused(replace(trusted, mail_user="jobs", mail_password="env:W"), message(), W="hunter2")
    assert failure.final
    assert "mail_user" in failure.message


def test_a_password_that_cannot_be_said_is_not_shown(trusted, post, message) -> None:
    post.features = ["AUTH PLAIN"]
    failure = refused(replace(trusted, mail_user="jobs", mail_password="env:W"), message(), W="hünter2")
    assert failure.final
    assert "nter2" not in failure.message


def test_a_password_does_not_leave_this_machine_unencrypted(plain, post, message) -> None:
    post.features = ["AUTH PLAIN"]
    known = replace(plain, mail_user="jobs", mail_password="env:W")
    mail(known, message(), W="hunter2")  # on this machine it may
    assert len(post.mails) == 1
    failure = refused(replace(known, mail_server="192.0.2.1:25"), message(), W="hunter2")
    assert failure.final
    assert "192.0.2.1" in failure.message
    assert "hunter2" not in failure.message


# --- answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "final", "said"),
    [
        ({"greeting": "554 go away"}, True, "554 go away"),
        ({"greeting": "421 busy"}, False, "421 busy"),
        ({"MAIL": "550 no such sender"}, True, "550 no such sender"),
        ({"MAIL": "451 later"}, False, "451 later"),
        ({"RCPT": "550 no such user"}, True, "refused ana@example.org (550 no such user)"),
        ({"RCPT": "450 mailbox busy"}, False, "refused ana@example.org (450 mailbox busy)"),
        ({"end": "554 spam"}, True, "554 spam"),
        ({"end": "452 full"}, False, "452 full"),
        ({"EHLO": "500 what", "HELO": "500 what"}, True, "500 what"),
        ({"EHLO": "nonsense", "HELO": "nonsense"}, False, "gave an answer that is no SMTP"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_answer_says_whether_another_try_can_help(plain, post, message, answers, final, said) -> None:
    post.answers.update(answers)
    failure = refused(plain, message())
    assert failure.message.startswith(f"the mail server localhost:{post.port} ")
    assert (failure.final, said in failure.message) == (final, True), failure.message
    assert post.mails == []


def test_who_is_refused_is_named_and_the_others_do_not_get_it_twice(plain, post, message) -> None:
    post.answers["rcpt TO:<ben@example.org>"] = "450 busy"
    failure = refused(plain, message(), "ana@example.org", "ben@example.org", "eve@example.org")
    assert failure.final
    assert "for 2 of 3 addresses; it refused ben@example.org (450 busy)" in failure.message
    assert len(post.mails) == 1


def test_a_servers_words_are_one_short_line(plain, post, message) -> None:
    post.answers["MAIL"] = "550-\x1b[31m" + "x" * 500 + "\r\n550 end"
    failure = refused(plain, message())
    assert failure.message.isprintable()
    assert len(failure.message) < 300


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "DATA"])
def test_a_server_that_falls_silent_is_not_waited_for(plain, post, message, verb: str) -> None:
    post.silent_after = verb
    failure = refused(plain, message(), seconds=0.4)
    assert not failure.final
    assert "did not take the mail within 0.4 seconds" in failure.message


def test_nor_is_one_that_trickles(plain, post, message) -> None:
    post.pause = 0.03
    failure = refused(plain, message(), seconds=0.5)
    assert not failure.final
    assert "within 0.5 seconds" in failure.message
    assert post.mails == []


def test_a_server_that_is_silent_at_parting_has_taken_the_mail(plain, post, message) -> None:
    post.silent_after = "QUIT"
    mail(plain, message())
    assert len(post.mails) == 1


def test_nobody_there_may_come_later(plain, message) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failure = refused(replace(plain, mail_server=f"127.0.0.1:{port}"), message())
    assert not failure.final
    assert failure.message.startswith(f"the mail server 127.0.0.1:{port} cannot be reached: ")


# --- settings and addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"mail_server": ""}, {"mail_server": "a b"}, {"mail_server": "smtp://host"}, {"mail_server": "host:x"},
        {"mail_server": "ana:word@host"}, {"mail_server": ":25"}, {"mail_server": "host:99999"}, {"mail_server": "[::1"},
        {"mail_from": "nobody"}, {"mail_from": "a@b\r\nBcc: c@d"}, {"mail_from": "Ana <ana@example.org>"},
    ],
    ids=str,
)  # fmt: skip
def test_a_setting_that_cannot_be_is_named(plain, post, message, changes: dict[str, str]) -> None:
    failure = refused(replace(plain, **changes), message())
    assert failure.elsewhere if changes == {"mail_server": ""} else failure.final
    assert next(iter(changes)) in failure.message
    assert post.heard == []


@pytest.mark.parametrize(
    ("server", "security", "place"),
    [
        ("mail.example.org", MailSecurity.STARTTLS, ("mail.example.org", 587)),
        ("mail.example.org", MailSecurity.TLS, ("mail.example.org", 465)),
        ("mail.example.org", MailSecurity.NONE, ("mail.example.org", 25)),
        ("mail.example.org:2525", MailSecurity.TLS, ("mail.example.org", 2525)),
        ("[::1]:2525", MailSecurity.NONE, ("::1", 2525)),
        ("[::1]", MailSecurity.NONE, ("::1", 25)),
    ],
)
def test_each_kind_of_encryption_has_its_port(plain, message, monkeypatch, server, security, place) -> None:
    asked = []

    def connect(_line, host, port):
        asked.append((host, port))
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(module.Line, "connect", connect)
    refused(replace(plain, mail_server=server, mail_security=security), message())
    assert asked == [place]


GOOD = ["ana@example.org", "a.b+c@sub.example.org", "ana@localhost", '"a.b"@example.org']
BAD = [
    "", "ana", "@example.org", "ana@", "ana@@example.org", "Ana <ana@example.org>", "ana@example.org, ben@example.org",
    "ana@example.org\nBcc: eve@example.org", "ana@example.org\r", "a b@example.org", "ana@exa mple.org", "ana@\ud800",
    "a" * 250 + "@example.org", "<ana@example.org>", "ana@example.org>", "ana\x00@example.org", "group: ana@example.org;",
    "=?utf-8?q?a=0ABcc:eve?=@example.org", "größe@example.org", "ana@größe.example",
]  # fmt: skip


@pytest.mark.parametrize("address", GOOD, ids=range(len(GOOD)))
def test_an_address_is_one(address: str) -> None:
    check_mail(Email(to=(address,)))


@pytest.mark.parametrize("address", BAD, ids=range(len(BAD)))
def test_what_is_no_address_is_refused_as_it_is_given_and_as_it_is_sent_to(
    plain, post, message, address: str
) -> None:
    with pytest.raises(Invalid, match="is no mail address") as failure:
        check_mail(Email(to=("ana@example.org", address)))
    assert "NAME@HOST" in failure.value.remedy
    str(failure.value).encode()
    assert refused(plain, message(), "ana@example.org", address).final
    assert post.heard == []


@pytest.mark.parametrize(("count", "said"), [(0, "not to 0"), (21, "not to 21")])
def test_a_mail_goes_to_somebody_and_not_to_everybody(count: int, said: str) -> None:
    check_mail(Email(to=("ana@example.org",) * 20))
    with pytest.raises(Invalid, match=said) as failure:
        check_mail(Email(to=("ana@example.org",) * count))
    assert failure.value.remedy
