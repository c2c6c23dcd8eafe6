"""Secrets that are told by their own form, wherever they stand: tokens, keys, passwords in addresses.

Each must look like nothing else: class names of a page (sk-text-repr-fallback), names in a program
(hf_dataset_to_dataframe) and plain words (basic understanding) are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

__all__ = ["FORMED", "MASK", "mask_formed", "without_value"]


MASK = "***"
_LITERAL = re.compile(r"(\"|')((?:\\.|(?!\1)[^\\])+)\1", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a secret looks like: the group ``value`` of ``pattern`` goes, what stands before and after it stays.

    A text is only looked through where it holds one of ``hints``, written in small letters. Few ever do, so a pattern is
    compiled when it is first wanted: all of them together would be a sixth of the time that loading takes.
    """

    written: str
    hints: Sequence[str]
    flags: int = 0

    @property
    def pattern(self) -> re.Pattern[str]:
        """What is looked for."""
        return _compiled(self.written, self.flags)


@cache
def _compiled(written: str, flags: int) -> re.Pattern[str]:
    return re.compile(written, flags)


def mask_formed(text: str, low: str) -> tuple[str, int]:
    """Return *text* (and in small letters *low*) without what has the form of a secret, and how much that was."""
    found = 0

    def masked(match: re.Match[str]) -> str:
        nonlocal found
        if match["value"] == MASK:
            return match[0]
        found += 1
        return without_value(match)

    for look in FORMED:
        for hint in look.hints:
            if hint in low:
                text = look.pattern.sub(masked, text)
                break
    return text, found


def without_value(match: re.Match[str]) -> str:
    """Return what *match* has found with a mask in place of its value; as many lines as before, and Python stays Python."""
    value, groups = match["value"], match.groupdict()
    start, end = match.start("value") - match.start(), match.end("value") - match.start()
    # A line ends within single quotes only behind a backslash.
    line_end = "\\\n" if len(groups.get("quote") or "") == 1 else "\n"
    behind = match[0][end:]
    if groups.get("further"):
        first = len(behind) - len(groups["further"])
        behind = behind[:first] + _LITERAL.sub(rf"\1{MASK}\1", behind[first:])
    return match[0][:start] + MASK + line_end * value.count("\n") + behind


def _beginning(letters: str, *, behind: str = r"\w") -> str:
    r"""Return a pattern for *letters* (of one width) where a word begins.

    That is no letter in front of it, or one that only means a colour of a terminal ("\x1b[33m"), the end of a line in a
    text that was written down ("\\n"), or a character of an address ("%3D"). The letters come first: they are found quickest.
    """
    fronts = (r"[;\[]\dm", r"[;\[]\d\dm", r"\\[nrt]", r"%[0-9A-Fa-f]{2}")
    return rf"{letters}(?:(?<!{behind}{letters})|{'|'.join(f'(?<={front}{letters})' for front in fronts)})"


def _tokens(*forms: tuple[str, str, Sequence[str]]) -> tuple[Look, ...]:
    """Return the looks of tokens: the letters each begins with, what follows them, and hints."""
    return tuple(
        Look(written=f"(?P<value>{_beginning(letters)}{rest})", hints=hints) for letters, rest, hints in forms
    )


_CREDENTIAL = r"[ \t]{1,20}+(?=[A-Za-z.~+/_-]{0,200}+[\d=])(?P<value>[\w.~+/=-]{12,4096})"  # of a header
_WEB_TOKEN = _beginning("eyJ", behind=r"[\w-]")
_KEY = r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_KEY_HINTS = ("private key-----", "private key block-----")
# Lines may be those of a patch, a quotation or a table.
_NEXT_LINE = r"(?:[-+>|] {0,4}+)?+"

FORMED: tuple[Look, ...] = (
    Look(
        # A password with a slash or question mark in it is none that begins like a port.
        written=(
            r"://(?<=[A-Za-z0-9]://)(?!\[)[^\s/:@\"'<>]{0,100}+:"
            r"(?P<value>[^\s/\"'{}<>?]{1,200}(?=@)|(?!\d{1,5}[/?#])[^\s\"'{}<>@]{1,200}+)@(?!sha256:)"
        ),
        hints=("://",),
    ),
    Look(
        # Here anything is one; what stands for it in an explanation is not.
        written=(
            r"uthorization[\"']?+\]?+\s{0,5}+[:=]\s{0,5}+[rbf]{0,2}[\"']?+(?:basic|bearer|token)[ \t]{1,20}+"
            r"(?!authenti|realm|scheme|&lt;|\$)(?P<value>[^\s\"'<>{}\\\x1b*]{8,4096})"
        ),
        flags=re.IGNORECASE,
        hints=("authorization",),
    ),
    Look(
        # Whoever has an address that is signed can read what lies there, until it expires.
        written=(
            r"[?&](?:x-(?:amz|goog)-signature|x-amz-security-token|signature|sig|access_token)="
            r"(?P<value>[^\s&#\"'<>{}\\*]{8,4096})"
        ),
        flags=re.IGNORECASE,
        hints=("signature=", "sig=", "-token=", "_token="),
    ),
    Look(written=rf"earer(?<=[Bb]earer){_CREDENTIAL}", hints=("bearer ", "bearer\t")),
    Look(written=rf"asic(?<=[Bb]asic){_CREDENTIAL}", hints=("basic ", "basic\t")),
    *_tokens(
        (r"A(?:KIA|SIA)", r"[0-9A-Z]{16}\b", ("akia", "asia")),
        (r"gh[pousr]_", r"[A-Za-z0-9]{30,255}", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
        (r"github_pat_", r"\w{16,255}", ("github_pat_",)),
        (r"hf_", r"[A-Za-z0-9]{30,255}", ("hf_",)),
        (r"glpat-", r"[\w-]{12,255}", ("glpat-",)),
        (r"xox[abeprs]-", r"[\w-]{12,255}", ("xox",)),
        (r"xapp-", r"\d-[\w-]{20,255}", ("xapp-",)),
        (
            r"sk-",
            # Keys of a project, an account, a router and of Anthropic may have hyphens anywhere.
            (
                r"(?:(?:proj|svcacct|admin|or-v1|ant-[a-z]{2,10}\d\d)-[\w-]{20,255}|"
                r"(?:[A-Za-z0-9]{2,10}-){0,3}(?=[A-Za-z]{0,40}+\d|[A-Za-z]{40})[A-Za-z0-9]\w{15,255}[\w-]{0,255})"
            ),
            ("sk-",),
        ),
        (r"[srp]k_(?:live|test)_", r"[A-Za-z0-9]{16,255}", ("k_live_", "k_test_")),
        (r"[sp]k-lf-", r"[\w-]{16,255}", ("k-lf-",)),
        (r"AIza", r"[\w-]{35}", ("aiza",)),
        (r"gsk_", r"[A-Za-z0-9]{40,255}", ("gsk_",)),
        (r"npm_", r"[A-Za-z0-9]{36}", ("npm_",)),
        (r"pypi-AgE", r"[\w-]{50,1024}", ("pypi-age",)),
        (r"SG\.", r"[\w-]{16,64}+\.[\w-]{16,255}", ("sg.",)),
        (r"dapi", r"[0-9a-f]{32}", ("dapi",)),
        (r"r8_", r"[A-Za-z0-9]{37}", ("r8_",)),
    ),
    Look(
        written=rf"(?P<value>{_WEB_TOKEN}[\w-]{{8,16384}}+\.eyJ[\w-]{{8,16384}}+\.[\w-]{{1,16384}})",
        hints=("eyj",),
    ),
    Look(
        written=rf"{_KEY}(?P<value>(?:[^-]|-(?!----)|-(?=-----END)){{1,20000}}+)-----END",
        hints=_KEY_HINTS,
    ),
    # One whose end was cut off: known by its first line, for prose may speak of keys.
    Look(
        written=(
            rf"{_KEY}(?:\\[rn]|\s){{0,8}}+{_NEXT_LINE}"
            rf"(?P<value>[A-Za-z0-9+/=]{{40,80}}+(?:(?:\\[rn]|\s){{1,4}}+{_NEXT_LINE}[A-Za-z0-9+/=]{{20,80}}+){{0,400}}+)"
        ),
        hints=_KEY_HINTS,
    ),
)
