"""What a cell shows, seen in passing: text streams and displays. What the user sees is not touched.

In what is kept of it, what looks like a token, a key or an address with a password is masked, and in text that is no
page or drawing also what has the name of a secret in a dict, the environment or a connection string; pixels are not.

Nothing is replaced but methods on the shell's own instances, and ``undo`` takes those away again.
"""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jupyter_mlops.capture.outputs import Output, display_outputs, figures, output_mark
from jupyter_mlops.capture.secrets import Masked, mask_shown, mask_tokens

__all__ = ["Seen", "Shown"]

_LONGEST_STREAM = 1_000_000  # characters kept of a stream: its first and its last half
_MOST_DISPLAYS = 100
_MOST_BYTES = 32 << 20
_NO_TEXT = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf"})
_PAGES = frozenset({"text/html", "image/svg+xml"})  # whose scripts have names of any kind
_A_PART = 16  # bytes at least that a number or a container takes, as JSON
_PLAIN = frozenset({int, float, bool, type(None)})
_UNBROKEN = 20_000  # characters in which a stream that is cut has an end of a line, or a space
_PIECES = 1_000  # of a stream, until they are put together
_HASHED = 2 << 20  # bytes of displays hashed for a cell that is not tracked


class Seen:
    """What one cell has shown until now."""

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep  # a tracked cell's outputs become files; of others only digests are taken
        self.displays: list[Mapping[str, Any]] = []
        self.digests: list[str] = []
        self._bytes = 0
        self.masked = 0  # secrets, in the files made of it

    def add(self, bundle: Mapping[str, Any]) -> None:
        """Take note of one display."""
        # A display may be given anything; only texts name a media type.
        bundle = _named(bundle)
        self._bytes += _weight(bundle, (_MOST_BYTES if self.keep else _HASHED) - self._bytes)
        if self._bytes <= _HASHED and (mark := output_mark(bundle)):
            self.digests.append(mark)
        if self.keep and len(self.displays) < _MOST_DISPLAYS and self._bytes <= _MOST_BYTES:
            self.displays.append(bundle)

    def files(self) -> list[Output]:
        """Return the displays as files, images as figures; each content once. What makes no file is left out."""
        found: dict[str, Output] = {}
        for bundle in self.displays:
            try:
                self._file_of(bundle, found)
            except Exception:  # noqa: BLE001, S112 - one display of many, of whatever the user's libraries make
                continue
        return list(found.values())

    def _file_of(self, bundle: Mapping[str, Any], found: dict[str, Output]) -> None:
        image = any(kind.startswith("image/") for kind in bundle)
        folder, noun = ("figures", "figure") if image else ("outputs", "output")
        place = 1 + sum(output.name.startswith(f"{folder}/") for output in found.values())
        for output in display_outputs(bundle, f"{noun}-{place}")[:1]:
            kept = self.without_secrets(output)
            found.setdefault(kept.digest, _inside(folder, kept))

    def without_secrets(self, output: Output) -> Output:
        """Return *output* as it may be kept: what looks like a secret in its text is masked, and counted."""
        if output.media_type in _NO_TEXT:
            return output
        masked = _masked(output)
        self.masked += masked.found
        return (
            _file(output.name, masked.text.encode("latin-1"), output.media_type) if masked.found else output
        )


def _named(bundle: Mapping[Any, Any]) -> dict[str, Any]:
    return {kind: part for kind, part in bundle.items() if isinstance(kind, str)}


def _masked(output: Output) -> Masked:
    # A character a byte, so that text of any encoding comes out as it went in.
    text = output.content.decode("latin-1")
    return mask_tokens(text) if output.media_type in _PAGES else mask_shown(text)


def _weight(bundle: Mapping[str, Any], most: int) -> int:
    """Return about how many bytes *bundle* takes; of more than *most* it is not looked at how much more.

    It is looked through here because writing it as JSON first, in the user's cell, is the work that is to be spared.
    """
    weight, left = 0, list(bundle.values())
    while left and weight <= most:
        part = left.pop()
        if isinstance(part, (str, bytes)):
            weight += len(part)
        elif isinstance(part, Mapping):
            weight += _A_PART * (1 + len(part))
            if weight <= most:
                weight += sum(len(name) for name in part if isinstance(name, str))
                left += part.values()
        elif isinstance(part, (list, tuple)):
            weight += _A_PART * (1 + len(part))
            if weight <= most and not set(map(type, part)) <= _PLAIN:
                left += part
        else:
            weight += _A_PART
    return weight


def _inside(folder: str, output: Output) -> Output:
    return Output(
        name=f"{folder}/{output.name}",
        content=output.content,
        media_type=output.media_type,
        digest=output.digest,
    )


class _Text:
    """The beginning and the end of a stream."""

    def __init__(self) -> None:
        self.head: list[str] = []
        self.tail: deque[str] = deque()
        self._small: list[str] = []  # the last pieces, still to be put together: a loop prints millions
        self._head = self._tail = self._length = self.lost = 0

    def add(self, text: str) -> None:
        """Take in what was written, in a time that rests on its own length alone."""
        self._small.append(text)
        self._length += len(text)
        if len(self._small) >= _PIECES or self._length > _LONGEST_STREAM // 2:
            self._put_together()

    def _put_together(self) -> None:
        text = "".join(self._small)
        self._small, self._length = [], 0
        half = _LONGEST_STREAM // 2
        first = text[: half - self._head]
        if first:
            self.head.append(first)
            self._head += len(first)
        rest = text[len(first) :]
        if len(rest) > half:
            self.lost += len(rest) - half
            rest = rest[-half:]
        if rest:
            self.tail.append(rest)
            self._tail += len(rest)
        while self.tail and self._tail - len(self.tail[0]) >= half:
            gone = len(self.tail.popleft())
            self._tail -= gone
            self.lost += gone

    def __str__(self) -> str:
        self._put_together()
        head, tail = "".join(self.head), "".join(self.tail)
        whole = len(head) + len(tail) + self.lost
        if whole <= _LONGEST_STREAM:
            return head + tail
        # Nothing is cut in the middle of a word, which may be a secret that nobody would know by its half.
        head = head[: _last_break(head)]
        tail = tail[-(_LONGEST_STREAM // 2) :]
        tail = tail[_first_break(tail) :]
        return f"{head}\n… {whole - len(head) - len(tail)} characters …\n{tail}"


def _last_break(text: str) -> int:
    for mark in ("\n", " "):
        at = text.rfind(mark, max(0, len(text) - _UNBROKEN))
        if at >= 0:
            return at + 1
    return len(text)


def _first_break(text: str) -> int:
    for mark in ("\n", " "):
        at = text.find(mark, 0, _UNBROKEN)
        if at >= 0:
            return at + 1
    return 0


class Shown:
    """Watches one shell: displays always, text streams while a tracked cell runs."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._patched: list[tuple[Any, str]] = []
        self._streams: list[tuple[Any, Any, Any]] = []  # stream, what stood on it before, what we put there
        self.texts: dict[str, _Text] = {}
        self.seen: Seen | None = None
        self._aside = False
        self._figures: frozenset[int] = frozenset()
        self._wrap(shell.display_pub, "publish", self._publishing)
        self._wrap(shell.displayhook, "write_format_data", self._resulting)

    def _wrap(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        setattr(owner, name, make(getattr(owner, name)))
        self._patched.append((owner, name))

    def _publishing(self, publish: Any) -> Any:
        def publish_and_see(data: Any, *args: Any, **more: Any) -> Any:
            if not more.get("update"):
                self._see(data)
            return publish(data, *args, **more)

        return publish_and_see

    def _resulting(self, write: Any) -> Any:
        def write_and_see(format_dict: Any, *args: Any, **more: Any) -> Any:
            self._see(format_dict)
            return write(format_dict, *args, **more)

        return write_and_see

    def _see(self, data: Any) -> None:
        try:
            if self.seen is not None and not self._aside and isinstance(data, Mapping):
                self.seen.add(data)
        except Exception:  # noqa: BLE001, S110 - looking must not break showing
            pass

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Show something of our own, which is no output of the cell."""
        self._aside = True
        try:
            yield
        finally:
            self._aside = False

    def begin(self, *, keep: bool) -> None:
        """A cell begins; *keep* its outputs as files, its text included."""
        self.seen = Seen(keep=keep)
        self.texts = {}
        if not keep:
            return
        self._figures = _open_figures()
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            self.texts[name] = _Text()
            self._tee(stream, self.texts[name])

    def _tee(self, stream: Any, text: _Text) -> None:
        write = stream.write

        def write_and_keep(written: Any, *args: Any, **more: Any) -> Any:
            done = write(written, *args, **more)
            try:
                if isinstance(written, str):
                    text.add(written)
            except Exception:  # noqa: BLE001, S110 - listening must not break writing
                pass
            return done

        before = getattr(stream, "__dict__", {}).get("write")
        try:
            stream.write = write_and_keep
        except AttributeError:
            return  # a stream that cannot be listened to
        self._streams.append((stream, before, write_and_keep))

    def end(self) -> tuple[Seen, list[Output]]:
        """A cell has ended: return what was seen, and the files it makes where it was kept."""
        seen = self.seen or Seen(keep=False)
        self.seen = None
        self._hush()
        if not seen.keep:
            return seen, []
        files = seen.files()
        drawn = self._new_figures({output.digest for output in files})
        seen.digests += [f"{output.media_type}:{output.digest}" for output in drawn]
        files += drawn
        texts = ((name, str(text)) for name, text in self.texts.items())
        files += [seen.without_secrets(_stream_file(name, text)) for name, text in texts if text]
        _tell_masked(seen)
        return seen, files

    def _new_figures(self, known: set[str]) -> list[Output]:
        """Figures that stay open where no inline backend shows and closes them."""
        if not _open_figures() - self._figures:
            return []
        return [output for output in figures() if output.digest not in known]

    def _hush(self) -> None:
        for stream, before, ours in reversed(self._streams):
            if vars(stream).get("write") is not ours:
                continue  # somebody else listens through us: leave them be
            if before is None:
                del stream.write
            else:
                stream.write = before  # IPython itself puts one on the stream
        self._streams.clear()

    def undo(self) -> None:
        """Take everything away that was put on the shell."""
        self._hush()
        for owner, name in self._patched:
            vars(owner).pop(name, None)
        self._patched.clear()


def _open_figures() -> frozenset[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return frozenset(pyplot.get_fignums()) if pyplot is not None else frozenset()


def _tell_masked(seen: Seen) -> None:
    """Have the run of the cell, which still goes on, say that not all of what it showed is kept as it was."""
    from jupyter_mlops.tracking.active import current_run

    run = current_run() if seen.masked else None
    if run is not None:
        run.note_masked()


def _stream_file(name: str, text: str) -> Output:
    return _file(f"{name}.txt", text.encode("utf-8", "surrogatepass"), "text/plain")


def _file(name: str, content: bytes, media_type: str) -> Output:
    return Output(
        name=name, content=content, media_type=media_type, digest=hashlib.sha256(content).hexdigest()
    )
