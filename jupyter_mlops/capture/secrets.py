"""Masking what must not be kept: passwords, tokens and keys, in the source of a cell and in what else is kept of it.

Texts may be long and anybody's. Every pattern looks from a word that a secret has about it, a bounded way in each
direction and never twice over the same stretch, so that a text costs what its length says, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["MASK", "Masked", "is_secret", "mask_secrets", "mask_tokens"]

MASK = "***"
_WORD = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential)s?+"
    r"(?:[_-]\w{1,60}+)?+"
)
_BEFORE = r"[\w.-]{0,60}?"  # of a name, in front of the word that tells
_WORDS = ("passw", "passphrase", "pwd", "secret", "token", "key", "credential")
# A word begins behind the colour of a terminal, too: "\x1b[33m" ends with a letter.
_START = r"(?:\b|(?<=[;\[]\dm)|(?<=[;\[]\d\dm))"
_CREDENTIAL = r"[ \t]{1,20}+(?=[A-Za-z.~+/_-]{0,200}+[\d=])(?P<value>[\w.~+/=-]{12,4096})"  # of a header
# The two alternatives have no first character in common: an unclosed quote is gone through once.
_QUOTED = r"(?P<value>(?:\\.|(?!(?P=quote))[^\\]){1,20000})(?P=quote)"
_LINE_QUOTED = r"(?P<value>(?:\\.|(?!(?P=quote))[^\\\n]){1,20000})(?P=quote)"


# What a secret looks like: its group "value" goes, what stands before and after it stays. With each such look stand
# hints: a text that has none of them in it, written in small letters, is not looked through.
_Looks = tuple[Sequence[str], Sequence[re.Pattern[str]]]
# Most values of parameters: a word or a number.
_HARMLESS = re.compile(r"[a-z0-9. ]{0,100}")

# Said by a name: these are about source, and would take data and scripts of a page for it.
_NAMED: tuple[_Looks, ...] = (
    (
        _WORDS,
        tuple(
            re.compile(text, flags)
            for text, flags in (
                # password = "x", token: str = 'x', f(api_key="x"), {"secret": "x"}, os.environ["TOKEN"] = "x"
                (
                    (
                        rf"{_WORD}[\"']?+\]?+\s{{0,20}}+(?::\s{{0,20}}+[\w.\[\]| ]{{0,80}}[\w.\[\]| ])?[=:]\s{{0,20}}+[rRbBuU]{{0,2}}"
                        rf"(?P<quote>\"\"\"|'''|\"|'){_QUOTED}"
                    ),
                    re.IGNORECASE | re.DOTALL,
                ),
                # setdefault("API_KEY", "x"), putenv("TOKEN", "x"), getenv's default
                (
                    rf"(?P<q>[\"']){_BEFORE}{_WORD}(?P=q)\s{{0,20}}+,\s{{0,20}}+(?P<quote>[\"']){_LINE_QUOTED}",
                    re.IGNORECASE,
                ),
                # %env TOKEN=x, export TOKEN=x, --token x
                (
                    rf"^[ \t]{{0,20}}+(?:%(?:set_)?env[ \t]{{1,20}}+{_BEFORE}|!.*?){_WORD}[= ][ \t]{{0,20}}+(?P<value>[^\s\"'=]+)",
                    re.IGNORECASE | re.MULTILINE,
                ),
                (
                    rf"^[ \t]{{0,20}}+!.*\s--?{_BEFORE}{_WORD}[= ](?P<value>[^\s\"']+)",
                    re.IGNORECASE | re.MULTILINE,
                ),
            )
        ),
    ),
)
# Said by its own form, wherever it stands; letters that it must begin with are found quickest. Each must look like
# nothing else: class names of a page (sk-text-repr-fallback) and plain words (basic understanding) have no digits.
_FORMED: tuple[_Looks, ...] = tuple(
    (hints, (re.compile(text),))
    for text, hints in (
        (
            r"://(?<=[A-Za-z0-9]://)[^\s/:@\"'<>]{0,100}+:(?P<value>[^\s/\"'{}<>?]{1,200})@",
            ("://",),
        ),
        (rf"earer(?<=[Bb]earer){_CREDENTIAL}", ("bearer ", "bearer\t")),
        (rf"asic(?<=[Bb]asic){_CREDENTIAL}", ("basic ", "basic\t")),
        (rf"{_START}(?P<value>A(?:KIA|SIA)[0-9A-Z]{{16}})\b", ("akia", "asia")),
        (
            rf"{_START}(?P<value>(?:gh[pousr]_|github_pat_|hf_)\w{{16,255}}|(?:glpat|xox[abeprs])-[\w-]{{12,255}})",
            ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hf_", "glpat-", "xox"),
        ),
        (
            (
                r"(?P<value>sk-(?:(?<!\wsk-)|(?<=[;\[]\dmsk-)|(?<=[;\[]\d\dmsk-))(?:[A-Za-z0-9]{2,10}-){0,3}(?=[A-Za-z]{0,40}+\d)[A-Za-z0-9][\w]{15,255}[\w-]{0,255})"
            ),
            ("sk-",),
        ),
        (
            rf"{_START}(?P<value>[srp]k_(?:live|test)_\w{{16,255}}|[sp]k-lf-[\w-]{{16,255}})",
            ("k_live_", "k_test_", "k-lf-"),
        ),
        (
            r"(?P<value>eyJ(?:(?<![\w-]eyJ)|(?<=[;\[]\dmeyJ)|(?<=[;\[]\d\dmeyJ))[\w-]{8,16384}+\.eyJ[\w-]{8,16384}+\.[\w-]{1,16384})",
            ("eyj",),
        ),
        (
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?P<value>(?:[^-]|-(?!----)){1,20000}+)-----END",
            ("private key-----",),
        ),
        # One whose end was cut off: known by its first line, for prose may speak of keys.
        (
            (
                r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:\\[rn]|\s){0,8}+"
                r"(?P<value>[A-Za-z0-9+/=]{40,80}+(?:(?:\\[rn]|\s){1,4}+[A-Za-z0-9+/=]{20,80}+){0,400}+)"
            ),
            ("private key-----",),
        ),
    )
)
_ALL = (*_NAMED, *_FORMED)
# A name whose value is a secret, as opposed to one that merely speaks of it (token_pattern, max_tokens, password_file).
_NAME = re.compile(
    r"(?P<counted>token)$|(?:passw(?:or)?d|passphrase|pwd|secret|(?:api|access|private|secret|account|auth)[_-]?key|credentials?)$",
    re.IGNORECASE,
)
# The marks that a tokenizer puts between texts.
_MARK_NAME = re.compile(
    r"(?:^|[^a-z])(?:bos|eos|pad|unk|sep|cls|mask|special|image|audio|video|start|stop|end|begin|decoder_start)_?token$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text that may be kept, and how many values in it were replaced by three asterisks."""

    text: str
    found: int = 0


def mask_secrets(source: str) -> Masked:
    """Return *source* with the values of obvious secrets replaced; names and line numbers stay."""
    return _masked(source, _ALL)


def mask_tokens(text: str) -> Masked:
    """Return *text* with what has the form of a secret replaced, whatever it is called.

    Tokens, keys, and passwords in addresses: what was shown is no source, and names in it say little.
    """
    return _masked(text, _FORMED)


def is_secret(name: str, value: object) -> bool:
    """Tell whether *value* must not be kept because of the *name* it has; what says nothing (None, "") may be."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and value in {"", MASK}):
        return False
    named, counted = _says_secret(name)
    return named and (isinstance(value, str) or not counted)


@lru_cache(maxsize=4096)
def _says_secret(name: str) -> tuple[bool, bool]:
    """Return whether *name* is one of a secret, and whether it may also be that of a count."""
    found = _NAME.search(name[-60:])
    if found is None or _MARK_NAME.search(name[-60:]):
        return False, False
    return True, found["counted"] is not None


def _masked(text: str, patterns: Iterable[_Looks]) -> Masked:
    if _HARMLESS.fullmatch(text):
        return Masked(text=text)
    low, found = text.lower(), 0

    def masked(match: re.Match[str]) -> str:
        nonlocal found
        value = match["value"]
        if value == MASK:
            return match[0]
        found += 1
        start, end = match.start("value") - match.start(), match.end("value") - match.start()
        return match[0][:start] + MASK + "\n" * value.count("\n") + match[0][end:]

    for hints, some in patterns:
        for hint in hints:
            if hint in low:
                for look in some:
                    text = look.sub(masked, text)
                break
    return Masked(text=text, found=found)
