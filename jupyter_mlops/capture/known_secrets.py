"""Secrets that this process was given: masked wherever text is kept, in every form in which they may stand there.

A job's worker and its kernel each know theirs. Nothing of it leaves the memory of a process.
"""

from __future__ import annotations

import base64
import html
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from jupyter_mlops.capture.secret_looks import MASK

__all__ = ["SHORTEST", "Secret", "forget", "forms_of", "keep", "mask_known"]

SHORTEST = 4  # characters: anything shorter is found in any text
_SHORTEST_PART = 8  # characters of a piece of base64, or a picture would have it by chance
_SHORTEST_LINE = 16  # of a secret of several lines, each is one that is as long
_SKIPPED = (
    (0, 0),
    (1, 2),
    (2, 3),
)  # bytes in front of a secret, and the characters of base64 that hold bits of them

_uses: Counter[str] = Counter()
_known: tuple[
    str, ...
] = ()  # every form of every secret, the longest first: one may be the beginning of another


class Secret(str):
    """Text that does not show itself: what a parameter declared as ``Secret`` is in the kernel of a job."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def get_secret_value(self) -> str:
        """Return the plain text, as ``SecretStr`` of pydantic does."""
        return str.__str__(self)


def keep(value: str) -> Secret:
    """Remember that *value* is a secret, and return it as one that does not show itself."""
    _uses[value] += 1
    _look_for_all()
    return Secret(value)


def forget(value: str) -> None:
    """Know no more that *value* is a secret, once this was said as often as ``keep`` was: two jobs may share one."""
    _uses[value] -= 1
    if _uses[value] <= 0:
        del _uses[value]
    _look_for_all()


def _look_for_all() -> None:
    global _known  # noqa: PLW0603  # replaced as a whole, so that another thread never sees a part
    _known = _longest_first(form for value in list(_uses) for form in forms_of(value))


def mask_known(text: str) -> tuple[str, int]:
    """Return *text* without the secrets that are known here, and how many places that were."""
    found = 0
    for form in _known:
        if form in text:
            found += text.count(form)
            text = text.replace(form, MASK)
    return text, found


def forms_of(value: str) -> tuple[str, ...]:
    """Return how *value* may stand in a text, the longest first: itself, escaped, quoted for an address, in base64."""
    return _longest_first(form for form in _forms(value) if len(form) >= SHORTEST)


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(forms), key=lambda form: (-len(form), form)))


def _forms(value: str) -> Iterator[str]:
    yield value
    yield repr(value)[1:-1]
    yield from (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield from (quote(value, safe=""), quote(value), quote_plus(value))
    yield from (html.escape(value), html.escape(value, quote=False))
    content = value.encode("utf-8", "surrogatepass")
    yield content.hex()
    yield from (base64.b64encode(content).decode(), base64.urlsafe_b64encode(content).decode())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield from _within_base64(encode, content)
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----"))


def _within_base64(encode: object, content: bytes) -> Iterator[str]:
    """Yield what base64 has of *content* wherever it begins in what is encoded."""
    assert callable(encode)
    for before, skipped in _SKIPPED:
        whole = (before + len(content)) * 8 // 6  # characters that hold nothing else
        part = encode(bytes(before) + content).decode()[skipped:whole]
        if len(part) >= _SHORTEST_PART:
            yield part
