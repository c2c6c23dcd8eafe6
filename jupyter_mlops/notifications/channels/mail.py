"""Messages as mails, over the server that the settings name."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from jupyter_mlops.errors import Invalid
from jupyter_mlops.notifications.channels.deadline import Line, within
from jupyter_mlops.notifications.channels.references import read_variable
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.notifications.channels.wording import line, text_of, title_of
from jupyter_mlops.records.notification import Email, Notification
from jupyter_mlops.settings import MailSecurity, Settings, account

__all__ = ["check_mail", "send_mail"]

_MOST = 20  # receivers
_LONGEST = 254  # characters of an address, as SMTP has it
_PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}
_FINAL = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """Where mails are handed in, and as whom."""

    host: str
    port: int
    security: MailSecurity
    user: str
    password: str

    def __str__(self) -> str:
        return f"the mail server {self.host}:{self.port}"


def check_mail(channel: Email) -> None:
    """Refuse addresses that no mail can be sent to.

    Raises
    ------
    Invalid
        There is none, there are too many, or one is no address.
    """
    if not 1 <= len(channel.to) <= _MOST:
        raise Invalid(
            f"a mail goes to 1 to {_MOST} addresses, not to {len(channel.to)}",
            remedy="Give fewer, or the address of a mailing list."
            if channel.to
            else "Give at least one address.",
        )
    for address in channel.to:
        if not _is_address(address):
            raise Invalid(
                f"{address!r:.300} is no mail address",
                remedy="Give it as NAME@HOST, without the person's name.",
            )


def send_mail(
    settings: Settings, channel: Email, message: Notification, *, environ: Mapping[str, str], seconds: float
) -> None:
    """Hand a mail with *message* in at the server of the settings.

    Raises
    ------
    Undelivered
        It was not taken, or not for everybody.
    """
    server = _server(settings, environ)
    mail = _mail(settings, channel, message)
    refused: dict[str, tuple[int, bytes]] = {}
    try:
        within(seconds, lambda way: refused.update(_hand_in(way, server, mail)))
    except TimeoutError:
        raise Undelivered(f"{server} did not take the mail within {seconds:g} seconds", final=False) from None
    except smtplib.SMTPException as failure:
        raise _understood(server, failure) from None
    except ssl.SSLCertVerificationError as failure:
        raise Undelivered(
            f"the certificate of {server} is not trusted: {failure.verify_message}", final=False
        ) from None
    except OSError as failure:
        why = failure.strerror or type(failure).__name__
        raise Undelivered(f"{server} cannot be reached: {why}", final=False) from None
    except ValueError:  # what the server said, or a password that is no ASCII
        raise Undelivered(f"{server} cannot be spoken to with these settings", final=True) from None
    if refused:
        # Final: the others would have the mail twice.
        raise Undelivered(
            f"{server} took the mail for {len(channel.to) - len(refused)} of {len(channel.to)} addresses; "
            f"it refused {_listed(refused)}",
            final=True,
        )


def _is_address(text: str) -> bool:
    if len(text) > _LONGEST or not _is_word(text) or "=?" in text:  # an encoded word: see the subject
        return False
    try:
        found = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError, AttributeError):  # IndexError: of an empty part
        return False
    return bool(found.username and found.domain)


def _is_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _server(settings: Settings, environ: Mapping[str, str]) -> _Server:
    if not settings.mail_server:
        raise Undelivered(
            "no mail server is set: write mail_server into the workspace's config.toml",
            final=False,
            elsewhere=True,
        )
    try:
        parts = urlsplit(f"//{settings.mail_server}")
        host, port = parts.hostname, parts.port or _PORTS[settings.mail_security]
    except ValueError:
        host = None
    if not host or parts.netloc != settings.mail_server or "@" in parts.netloc or not _is_word(host):
        raise Undelivered("the setting mail_server is not of the form HOST or HOST:PORT", final=True)
    password = ""
    if settings.mail_user:
        if settings.mail_security is MailSecurity.NONE and not _is_here(host):
            raise Undelivered(
                f"mail_password would go to {host} for everybody on the way to read: "
                "set mail_security to starttls or tls, or leave mail_user out",
                final=True,
            )
        password = read_variable(settings.mail_password, "the setting mail_password", environ)
    return _Server(
        host=host,
        port=port,
        security=settings.mail_security,
        user=settings.mail_user,
        password=password,
    )


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _sender(settings: Settings) -> Address:
    with suppress(MessageError, ValueError, IndexError):
        sender = (
            Address(addr_spec=settings.mail_from)
            if settings.mail_from
            else Address(username=account(), domain=socket.gethostname())
        )
        if _is_address(sender.addr_spec):
            return sender
    raise Undelivered("mails need a sender: set mail_from to an address NAME@HOST", final=True)


def _mail(settings: Settings, channel: Email, message: Notification) -> EmailMessage:
    mail, sender = EmailMessage(), _sender(settings)
    mail["From"] = sender
    if not all(map(_is_address, channel.to)):
        raise Undelivered("one of the receivers is no mail address", final=True)
    mail["To"] = [Address(addr_spec=each) for each in channel.to]
    # Held apart: what looks like an encoded word would be decoded, line breaks and all.
    mail["Subject"] = f"[jupyter-mlops] {title_of(message)}".replace("=?", "=\u200b?")
    mail["Date"] = format_datetime(message.made.astimezone(UTC))
    mail["Message-ID"] = f"<{message.id}@{sender.domain}>"  # the same at every try
    mail["Auto-Submitted"] = "auto-generated"  # so that nobody's absence is answered to it
    mail.set_content(text_of(message) or title_of(message))
    return mail


class _Client(smtplib.SMTP):
    """Speaks over a connection that ends when its time is up."""

    def __init__(self, way: Line, server: _Server, context: ssl.SSLContext) -> None:
        self._way, self._context = way, context if server.security is MailSecurity.TLS else None
        # Named, so that no look-up of our own name is waited for.
        super().__init__(server.host, server.port, local_hostname=_own_name())

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        connection = self._way.connect(host, port)
        if self._context is None:
            return connection
        return self._context.wrap_socket(connection, server_hostname=host)


def _own_name() -> str:
    name = socket.gethostname()
    return (
        name if "." in name and name.isascii() else "[127.0.0.1]"
    )  # as the standard asks of who has no name


def _hand_in(way: Line, server: _Server, mail: EmailMessage) -> Mapping[str, tuple[int, bytes]]:
    """Return the addresses that were refused, where others were not."""
    context = ssl.create_default_context()
    with closing(_Client(way, server, context)) as client:
        if server.security is MailSecurity.STARTTLS:
            client.starttls(context=context)
        if server.user:
            client.login(server.user, server.password)
        refused = client.send_message(mail)
        # The mail is taken: what is said at parting must not make anybody send it again.
        with suppress(OSError):
            client.putcmd("quit")
        return refused


def _understood(server: _Server, failure: smtplib.SMTPException) -> Undelivered:
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        final = all(code in _FINAL for code, _ in failure.recipients.values())
        return Undelivered(f"{server} refused {_listed(failure.recipients)}", final=final)
    if isinstance(failure, smtplib.SMTPAuthenticationError):
        # Without its words: servers have been seen to repeat what they were sent.
        said = f"did not let mail_user in ({failure.smtp_code})"
        return Undelivered(f"{server} {said}", final=failure.smtp_code in _FINAL)
    if isinstance(failure, smtplib.SMTPResponseException) and failure.smtp_code < 0:
        return Undelivered(f"{server} gave an answer that is no SMTP", final=False)
    if isinstance(failure, smtplib.SMTPResponseException):
        said = f"refused the mail: {_said(failure.smtp_code, failure.smtp_error)}"
        return Undelivered(f"{server} {said}", final=failure.smtp_code in _FINAL)
    if isinstance(failure, smtplib.SMTPNotSupportedError):
        said = f"cannot do what is asked of it: {line(str(failure))} Look at mail_security and mail_user"
        return Undelivered(f"{server} {said}", final=True)
    return Undelivered(f"{server} broke off: {line(str(failure))}", final=False)


def _listed(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return ", ".join(f"{address} ({_said(*answer)})" for address, answer in refused.items())


def _said(code: int, words: bytes | str) -> str:
    return line(f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}")
