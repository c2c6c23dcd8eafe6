"""Messages of the desktop, by the program that each system has for it.

What people wrote is handed to these programs as arguments or in the environment, never within their code.
"""

from __future__ import annotations

import html
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.notifications.channels.wording import text_of, title_of
from jupyter_mlops.records.notification import Notification

__all__ = ["Command", "command_for", "send_desktop"]

_APPLICATION = "jupyter-mlops"
_APPLESCRIPT = (
    "on run argv",
    "display notification (item 3 of argv) with title (item 1 of argv) subtitle (item 2 of argv)",
    "end run",
)
_TITLE, _TEXT = "TOAST_TITLE", "TOAST_TEXT"
# PowerShell's own name: Windows shows nothing of an application that it does not know.
_POWERSHELL = rf"""
$ErrorActionPreference = 'Stop'
$manager = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$kind = [Windows.UI.Notifications.ToastTemplateType, Windows.UI.Notifications, ContentType = WindowsRuntime]::ToastText02
$xml = $manager::GetTemplateContent($kind)
$places = $xml.GetElementsByTagName('text')
$null = $places.Item(0).AppendChild($xml.CreateTextNode($env:{_TITLE}))
$null = $places.Item(1).AppendChild($xml.CreateTextNode($env:{_TEXT}))
$toast = [Windows.UI.Notifications.ToastNotification, Windows.UI.Notifications, ContentType = WindowsRuntime]::new($xml)
$name = '{{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}}\WindowsPowerShell\v1.0\powershell.exe'
$manager::CreateToastNotifier($name).Show($toast)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program that shows a message."""

    words: tuple[str, ...]  # the program and its arguments
    variables: Mapping[str, str] = field(default_factory=dict)  # what it has in its environment beside ours
    remedy: str  # what to do where it is not there


def command_for(message: Notification, platform: str) -> Command:
    """Return what shows *message* on a *platform*, as ``sys.platform`` names it."""
    title, text = title_of(message), text_of(message)
    if platform == "darwin":
        script = (word for line in _APPLESCRIPT for word in ("-e", line))
        # The first argument is ours: one that begins with a dash would be taken for an option there.
        return Command(
            words=("osascript", *script, _APPLICATION, title, text),
            remedy="it belongs to macOS, so look at PATH",
        )
    if platform == "win32":
        return Command(
            words=("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", _POWERSHELL),
            variables={_TITLE: title, _TEXT: text},
            remedy="it belongs to Windows, so look at PATH",
        )
    # The text may hold marks of HTML, and notify-send reads escapes such as \n in it.
    shown = html.escape(text, quote=False).replace("\\", "\\\\")
    return Command(
        words=("notify-send", f"--app-name={_APPLICATION}", "--", title, shown),
        remedy="install it, for example as the package libnotify-bin",
    )


def send_desktop(
    message: Notification, *, environ: Mapping[str, str], seconds: float, platform: str = sys.platform
) -> None:
    """Show *message* on the desktop of this machine.

    Raises
    ------
    Undelivered
        The program for it is not there, failed or did not end.
    """
    command = command_for(message, platform)
    program = command.words[0]
    try:
        done = subprocess.run(
            command.words,
            env={**environ, **command.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Undelivered(f"{program} did not end within {seconds:g} seconds", final=False) from None
    except (FileNotFoundError, PermissionError):
        raise Undelivered(
            f"{program} is not there to show messages on this desktop: {command.remedy}", final=True
        ) from None
    except OSError as failure:  # no process can be started now
        raise Undelivered(f"{program} cannot be started: {failure.strerror}", final=False) from None
    if done.returncode:
        raise Undelivered(
            f"{program} ended with code {done.returncode}: is somebody logged in at this desktop?",
            final=False,
        )
