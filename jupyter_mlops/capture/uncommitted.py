"""What a work tree has beyond its commit, as a patch: ``git apply`` puts it into a checkout of that commit.

Text only, secrets masked, and of bounded size; a line at its head says what is not in it. Notebooks are left out: their cells are recorded
as they ran, and the rest of their files is output.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from jupyter_mlops.capture.environment import git_output
from jupyter_mlops.capture.secret_names import TELLING
from jupyter_mlops.capture.secrets import mask_secrets

__all__ = ["patch_sentences", "uncommitted"]

_LARGEST = 1_000_000  # bytes of a patch
_LARGEST_PART = 250_000  # of what it says of one file; more is data, and masking it would take long
_READ = 4 * _LARGEST  # of what git says; smaller changes behind a large one are still found
_LONGEST_LINE = 1_000  # characters; beyond, it is data, and masking it would take long
_NUMBERS = re.compile(
    rb"\b(?:\w++[.-]++){20}"
)  # the same: masking looks at what stands before each of the dots
_MOST_NAMED = 20
_MOST_NEW = 200  # untracked files that are imported
_SAFE = frozenset(map(chr, range(ord(" "), ord("~") + 1))) - set('"\\')
_PLAIN = (  # whatever the user has git do in other places
    "-c",
    "diff.noprefix=false",
    "-c",
    "diff.mnemonicPrefix=false",
    "-c",
    "core.quotePath=false",
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-renames",
    "--no-relative",
    "--full-index",
    "--ignore-submodules=all",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--submodule=short",
)
_NO_NOTEBOOKS = (":/", ":(top,exclude,glob)**/*.ipynb")
_BINARY = re.compile(rb"^(?:Binary files .* differ|GIT binary patch)$", re.MULTILINE)
_START = re.compile(rb"^diff --git ", re.MULTILINE)
_APART = re.compile(r"[\\/](?:site|dist)-packages[\\/]|[\\/]\.")
# Where no quotes are needed: token: x in YAML, TOKEN=x in an .env file. In Python it would be an expression.
_UNQUOTED = re.compile(
    rf"^(?P<name>[-+ ]\s*(?:export\s+|set\s+)?[\"']?[\w.-]*(?:{TELLING}|(?<![a-z])pass(?![a-z]))"
    r"[\w.-]*[\"']?\s*[:=]\s*)(?!\*\*\*|[\"'\s])(?P<value>[^\s#,]+)",
    re.IGNORECASE | re.MULTILINE,
)
# Within a line: Server=h;User Id=u;Password=x
_WITHIN = re.compile(
    rf"(?P<name>[;&?](?:{TELLING})=)(?!\*\*\*)(?P<value>[^;&\s\"']+)",
    re.IGNORECASE,
)
# A text in the lines below its name, whose end is not told by itself: such a file is left out.
_BELOW = re.compile(
    r"^[-+ ]\s*[\"']?[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|key|credential)[\w.-]*[\"']?\s*:\s*[|>][-+]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
# What such files hold is secret, however it is written.
_SECRET_FILES = re.compile(
    r"(?:^|/)(?:\.env(?:\..*)?|\.netrc|\.pgpass|\.pypirc|id_(?:rsa|dsa|ecdsa|ed25519)|[^/]*credentials?[^/]*|[^/]*\.(?:pem|key|p12|pfx|jks))$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Part:
    """What has become of one file."""

    name: str
    text: bytes
    masked: bool = False
    left_out: str = ""  # why


def uncommitted(folder: Path, commit: str) -> bytes | None:
    """Return what the work tree around *folder* has beyond *commit*; None where that is nothing. Asks git a few times.

    Of tracked files all that was changed, staged or not; of untracked ones those that this process has imported from *folder*,
    unless they are ignored.
    """
    said = git_output(folder, *_PLAIN, commit, "--", *_NO_NOTEBOOKS, most=_READ)
    if said is None:
        return _written(commit, [], ["git did not tell them in time"])
    return _patch(commit, said, tuple(_untracked(folder)))


@lru_cache(maxsize=1)  # cell after cell it is the same
def _patch(commit: str, said: bytes, new: Sequence[_Part]) -> bytes | None:
    parts = [_looked_at(part) for part in (*_parts(said), *new)]
    kept, left = _fitting(parts)
    sentences = [f"{_named(sorted(names))} {why}" for why, names in left.items()]
    if len(said) >= _READ:
        sentences.append("what git told behind the first megabytes is not in it")
    masked = [part.name for part in kept if part.masked]
    if masked:
        sentences.append(
            f"secrets were left out where *** stands, so {_named(masked)} cannot be applied as it is"
        )
    return _written(commit, kept, sentences) if kept or sentences else None


def patch_sentences(patch: bytes) -> tuple[str, ...]:
    """Return what is to be said of a patch: what is not in it as it is in the work tree."""
    lines = patch.split(b"\n", _MOST_NAMED)[1:]
    head = next((at for at, line in enumerate(lines) if not line.startswith(b"# ")), len(lines))
    return tuple(line[2:].decode("utf-8", "replace") for line in lines[:head])


def _written(commit: str, parts: Sequence[_Part], sentences: Sequence[str]) -> bytes:
    title = f"what was not committed, against {commit}"
    head = "".join(f"# {line}\n" for line in (title, *sentences))
    return head.encode("utf-8", "surrogateescape") + b"".join(part.text for part in parts)


def _named(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return ", ".join([*names[:_MOST_NAMED], *more])


def _fitting(parts: Sequence[_Part]) -> tuple[list[_Part], dict[str, list[str]]]:
    """Return what has room, the small ones first, in its old order; and the names of the others by what is to be said of them."""
    room, chosen = _LARGEST, set()
    left: dict[str, list[str]] = {}
    for at in sorted(range(len(parts)), key=lambda at: len(parts[at].text)):
        part = parts[at]
        why = part.left_out or ("not in it: too large" if len(part.text) > room else "")
        if why:
            left.setdefault(why, []).append(part.name)
        else:
            chosen.add(at)
            room -= len(part.text)
    return [part for at, part in enumerate(parts) if at in chosen], left


def _parts(said: bytes) -> Iterator[_Part]:
    """Return what git says of each file; a last one that is cut off is none."""
    starts = [match.start() for match in _START.finditer(said)]
    for start, end in pairwise([*starts, len(said)]):
        if end == len(said) >= _READ:
            return
        text = said[start:end]
        both = text.partition(b"\n")[0][len(b"diff --git ") :]
        # Nothing is told as renamed, so that both names are the same behind a/ and b/.
        name = both[: len(both) // 2].removeprefix(b'"').removeprefix(b"a/").removesuffix(b'"')
        yield _Part(name.decode("utf-8", "surrogateescape"), text)


def _untracked(folder: Path) -> Iterator[_Part]:
    """Return the files that are imported here and that git does not know, as if they were new."""
    files = _imported(folder)
    if not files:
        return
    said = git_output(
        folder, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", *files, most=_LARGEST
    )
    top = git_output(folder, "rev-parse", "--show-toplevel") if said else None
    for name in (said or b"").split(b"\0") if top else ():
        text = name.decode("utf-8", "surrogateescape")
        if text:
            yield from _new(Path(os.fsdecode((top or b"").removesuffix(b"\n"))) / text, text)


def _imported(folder: Path) -> list[str]:
    inside = f"{folder.resolve()}{os.sep}"
    found = set()
    for path in (
        *sys.argv[:1],
        *map(_file_of, tuple(sys.modules.values())),
    ):  # a script that is over has no module
        if isinstance(path, str) and path.endswith(".py"):
            real = os.path.realpath(path)
            if real.startswith(inside) and not _APART.search(real[len(inside) - 1 :]):
                found.add(real)
    return sorted(found)[:_MOST_NEW]


def _file_of(module: object) -> object:
    try:
        return object.__getattribute__(module, "__dict__").get("__file__")
    except AttributeError:  # other packages put anything at all into sys.modules
        return None


def _new(path: Path, name: str) -> Iterator[_Part]:
    try:
        if path.stat().st_size > _LARGEST_PART:
            yield _Part(name, b"", left_out="not in it: too large")
            return
        content = path.read_bytes()
    except OSError:
        return
    a, b = (_quoted(f"{side}/{name}") for side in "ab")
    head = f"diff --git {a} {b}\nnew file mode 100644\n"
    lines = content.split(b"\n")
    end = b"" if lines[-1] == b"" else b"\\ No newline at end of file\n"
    lines = lines[:-1] if lines[-1] == b"" else lines
    if lines:
        tab = "\t" if " " in b else ""
        head += f"--- /dev/null\n+++ {b}{tab}\n@@ -0,0 +1,{len(lines)} @@\n"
    body = b"".join(b"+" + line + b"\n" for line in lines)
    yield _Part(name, head.encode("utf-8", "surrogateescape") + body + end)


def _quoted(name: str) -> str:
    """Return *name* as git writes it: in quotes where a character needs them."""
    if name.isprintable() and not set(name) & set('"\\'):
        return name
    raw = name.encode("utf-8", "surrogateescape")
    plain = (chr(byte) if chr(byte) in _SAFE else f"\\{byte:03o}" for byte in raw)
    return f'"{"".join(plain)}"'


def _looked_at(part: _Part) -> _Part:
    """Return *part* with its secrets masked; what is no text is left out."""
    if part.left_out:
        return part
    plain = not part.name.endswith(".py")
    why = _why_not(part, plain=plain)
    if why:
        return _Part(part.name, b"", left_out=f"not in it: {why}")
    text = part.text.decode("utf-8", "surrogateescape")
    masked = _WITHIN.sub(r"\g<name>***", _UNQUOTED.sub(r"\g<name>***", text)) if plain else text
    masked = mask_secrets(masked).text
    if masked == text:
        return part
    return _Part(part.name, masked.encode("utf-8", "surrogateescape"), masked=True)


def _why_not(part: _Part, *, plain: bool) -> str:
    """Return why a file is left out; empty where it is not."""
    reasons = {
        "such files hold secrets": plain and _SECRET_FILES.search(part.name),
        "binary": _BINARY.search(part.text) or b"\0" in part.text,
        "too large": len(part.text) > _LARGEST_PART,
        "no text": max(map(len, part.text.split(b"\n"))) > _LONGEST_LINE or _NUMBERS.search(part.text),
    }
    found = next((why for why, so in reasons.items() if so), "")
    if not found and plain and _BELOW.search(part.text.decode("utf-8", "surrogateescape")):
        return "a secret in a text of several lines"
    return found
