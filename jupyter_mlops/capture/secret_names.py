"""Secrets that are told by the name they have: in source, in a line for the shell, in what a cell shows, and of parameters.

The patterns look from the word that tells; what stands about it is asked of the few places that were found.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jupyter_mlops.capture.secret_looks import MASK, without_value

__all__ = ["NAMED", "SHOWN", "TELLING", "NameLook", "mask_named", "says_secret"]

_STEMS = ("passw", "passphrase", "pwd", "secret", "token", "credential")
_KEYS = ("api", "access", "private", "account", "auth")  # secret_key begins with a stem
_BEFORE_KEY = tuple(f"{word}{between}" for word in _KEYS for between in ("", "_", "-", "_-"))
# The words themselves, in any case, for whoever looks for them in files that are no Python.
TELLING = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|private|account|auth|secret)_?-?key|credential"
)
# db_password, password1, apiKeyProd, TOKEN_PROD; not tokenizer.
_WORD = re.compile(
    rf"(?:{TELLING})"
    r"s?+\d{0,3}+(?:(?:[_-]|(?-i:(?<=[a-z\d])(?=[A-Z])))\w{1,60}+){0,3}+",
    re.IGNORECASE,
)
_NAME_LETTERS = f"{string.ascii_letters}{string.digits}_.-"
# What a name with such a word in front of it is about (token_pattern, access_key_column, tokenLevel).
_ABOUTS = (
    "pattern|policy|policie|type|level|field|column|col|file|path|dir|name|regex|len|length|count|limit|format|map|dim|"
    "kind|mode|strategy|prefix|suffix|url|uri|embedding|mixer|dropout|pooling|stdin|str"
)
_ABOUT = re.compile(rf"[_-](?i:{_ABOUTS})s?$|[a-z\d](?:{'|'.join(map(str.title, _ABOUTS.split('|')))})s?$")
# In front of "token": the marks that a tokenizer puts between texts, and counts.
_MARKS = (
    r"(?:^|[^a-z])(?:bos|eos|pad|unk|sep|cls|mask|special|image|audio|video|start|stop|end|begin|decoder_start|"
    r"max|min|n|num"
)
_MARK = re.compile(rf"{_MARKS})[_-]?$", re.IGNORECASE)
_MARKS_OR_NEW = re.compile(rf"{_MARKS}|new)[_-]?$", re.IGNORECASE)  # max_new_tokens; a new_token may be one
_COUNT = re.compile(r"\d{1,7}")
_NOTHING = frozenset({"none", "null", "true", "false", "..."})
# A name whose value is a secret, as opposed to one that merely speaks of it (token_pattern, max_tokens, password_file).
_NAME = re.compile(
    r"(?:(?P<counted>tokens?)(?:[_-]?\d{1,3}|[_-]?prod(?:uction)?|[_-]?live|[_-]?staging)?|"
    r"(?:passw(?:or)?d|passphrase|pwd|secret|(?:api|access|private|secret|account|auth)[_-]?key|credential)s?"
    r"(?:[_-]?(?:\d{1,3}|prod(?:uction)?|live|staging|dev|test|old|new|backup))?)$",
    re.IGNORECASE,
)
_LONG = 16  # characters: no word, no count
_RENAMES = re.compile(r"(?:columns\s{0,5}=|rename\()\s{0,5}$")
_ENV = re.compile(r"[ \t]{0,20}%(?:set_)?env[ \t]{1,20}[\w.-]{0,60}")
_VARIABLE = re.compile(r"(?:env: |export |declare -x )?[A-Z0-9_]{0,60}")
_NEIGHBOUR = re.compile(r"[^\s,]{1,200}(?<!,)[ \t]{1,4}\w{1,40}=[^\s=]")
_RUNNER = re.compile(r"(?:system|[pP]open|output|run|call|magic)\(")
# A line for the shell, or for a magic that takes no Python; with the lines that go on behind a backslash.
_SHELL_LINE = re.compile(
    r"^[ \t]{0,40}+(?:[\w.,\[\]'\" ()*]{1,80}?=[ \t]{0,10}+)?"
    r"(?:!|%%?(?!(?:time|timeit|prun|memit|mprun|lprun|debug|track|capture|mlops)\b)[A-Za-z])(?:[^\\\n]++|\\.)*+",
    re.MULTILINE | re.DOTALL,
)
_SHELL_CELL = re.compile(
    r"^[ \t]{0,40}+%%(?:(?:bash|sh|zsh|script|system|sx|cmd)\b|!|(?:writefile|file)[ \t][^\n]{0,200}\.(?:env|sh)\b).*",
    re.MULTILINE | re.DOTALL,
)


@lru_cache(maxsize=4096)
def says_secret(name: str) -> tuple[bool, bool]:
    """Return whether *name* is one of a secret, and whether it may also be that of a count."""
    found = _NAME.search(name[-60:])
    if found is None:
        return False, False
    if found["counted"] is None:
        return True, False
    return not _is_mark(found["counted"], name[-60:][: found.start()]), True


def _is_mark(word: str, before: str) -> bool:
    """Tell whether a token is one of a tokenizer, or of a count, by what stands in front of the *word* in its name."""
    marks = _MARKS_OR_NEW if word[5:6] in {"s", "S"} else _MARK
    return before.rstrip("_-")[-1:].isalpha() and marks.search(before[-20:]) is not None


@dataclass(slots=True, kw_only=True)
class _Place:
    """A word in a text that tells of a secret, or of a part of its name."""

    text: str
    start: int
    end: int
    token: bool  # which may be one of a text, too
    in_shell: bool

    def name(self) -> tuple[str, str]:
        """Return what the name begins with, in front of the word, and the two characters in front of that."""
        before = self.text[max(0, self.start - 60) : self.start]
        rest = before.rstrip(_NAME_LETTERS)
        return before[len(rest) :], rest[-2:]

    def line(self, most: int) -> str:
        """Return what stands in front of the word in its line, *most* characters of it."""
        return self.text[max(0, self.start - most) : self.start].rpartition("\n")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLook:
    """What a secret looks like behind a word that tells.

    ``pattern`` begins behind the word, with one of ``after``; its group ``value`` goes. It is tried where ``begins``
    allows it, so that nothing long is gone through in vain, and counts where ``holds`` says so.
    """

    pattern: re.Pattern[str]
    after: frozenset[str]
    begins: Callable[[_Place], bool] | None = None
    holds: Callable[[_Place, re.Match[str]], bool] | None = None

    def match(self, place: _Place) -> re.Match[str] | None:
        """Return the match behind *place* if a secret is in it."""
        if self.begins is not None and not self.begins(place):
            return None
        found = self.pattern.match(place.text, place.end)
        if found is None or found["value"] == MASK:
            return None
        return found if self.holds is None or self.holds(place, found) else None


def mask_named(text: str, low: str, looks: Sequence[NameLook], *, source: bool) -> tuple[str, int]:
    """Return *text* (and in small letters *low*) without what *looks* find, and how much that was.

    In *source* there are lines and cells for the shell, too.
    """
    starts = _word_starts(low)
    if not starts:
        return text, 0
    shell = _shell_lines(text) if source else ()
    parts: list[str] = []
    done = at = 0
    for start in starts:
        if start < done:
            continue
        while at < len(shell) and shell[at][1] <= start:
            at += 1
        match = _found(text, start, looks, in_shell=at < len(shell) and shell[at][0] <= start)
        if match is not None:
            parts += (text[done : match.start()], without_value(match))
            done = match.end()
    return "".join([*parts, text[done:]]) if parts else text, len(parts) // 2


def _found(text: str, start: int, looks: Sequence[NameLook], *, in_shell: bool) -> re.Match[str] | None:
    word = _WORD.match(text, start)
    if word is None:
        return None
    end = word.end()
    after, place = text[end : end + 1], None
    for look in looks:
        if after not in look.after:
            continue
        if place is None:
            token = text[start : start + 5].lower() == "token"
            place = _Place(text=text, start=start, end=end, token=token, in_shell=in_shell)
            if not _tells(place):
                return None
        match = look.match(place)
        if match is not None:
            return match
    return None


def _word_starts(low: str) -> list[int]:
    """Return where words stand in *low*, a text in small letters, that tell of secrets."""
    found: list[int] = []
    for stem in _STEMS:
        at = low.find(stem)
        while at >= 0:
            found.append(at)
            at = low.find(stem, at + 3)
    at = low.find("key")
    while at >= 0:
        before = low[max(0, at - 9) : at]
        if before.endswith(_BEFORE_KEY):
            found += [at - len(word) for word in _BEFORE_KEY if before.endswith(word)]
        at = low.find("key", at + 3)
    found.sort()
    return found


def _shell_lines(text: str) -> Sequence[tuple[int, int]]:
    """Return from where to where *text* is for the shell, or for a magic that takes no Python."""
    if "!" not in text and "%" not in text:
        return ()
    cell = _SHELL_CELL.search(text) if "%%" in text else None
    spans = [match.span() for match in _SHELL_LINE.finditer(text)]
    return [
        *(span for span in spans if cell is None or span[0] < cell.start()),
        *([cell.span()] if cell else []),
    ]


def _tells(place: _Place) -> bool:
    """Tell whether the name is one of a secret, not of what has to do with one."""
    word = place.text[place.start : place.end]
    if len(word) > len("tokens") and _ABOUT.search(word[-40:]):
        return False
    if not place.token:
        return True
    return not _is_mark(word, place.text[max(0, place.start - 20) : place.start])


def _is_assigned(place: _Place, match: re.Match[str]) -> bool:
    # token == "the" is asked of words in a text
    return not (match["same"] and place.token) and not _is_renamed(place)


def _is_renamed(place: _Place) -> bool:
    """Tell whether a name is that of a column which gets another one: rename(columns={"token": "word"})."""
    before, opened, inside = place.text[max(0, place.start - 500) : place.start].rpartition("{")
    return bool(opened) and "}" not in inside and _RENAMES.search(before[-20:]) is not None


def _is_shown(place: _Place, match: re.Match[str]) -> bool:
    # {'token': 'word'} is what models of language show
    value = match["value"]
    return _is_assigned(place, match) and (
        not place.token or len(value) >= _LONG or any(map(str.isdigit, value))
    )


def _is_value(place: _Place, match: re.Match[str]) -> bool:
    """Tell whether a value without quotes may be a secret: it is not said to be none, and no number of tokens."""
    value = match["value"]
    if len(value) > _LONG:
        return True
    return value.rstrip(",)").lower() not in _NOTHING and not (place.token and _COUNT.fullmatch(value))


def _is_pair(place: _Place, match: re.Match[str]) -> bool:
    return place.name()[1][-1:] == match["q"]


def _is_in_shell(place: _Place) -> bool:
    return place.in_shell


def _is_flag_in_shell(place: _Place) -> bool:
    return place.in_shell and _is_flag(place)


def _is_flag(place: _Place) -> bool:
    return place.name()[0][:1] == "-"


def _is_env(place: _Place) -> bool:
    return place.in_shell and _ENV.fullmatch(place.line(120)) is not None


def _is_flag_in_text(place: _Place, match: re.Match[str]) -> bool:
    """Tell a flag with its value from prose about it: by the value, or by who is called with it."""
    value = match["value"]
    if not _is_value(place, match):
        return False
    if not (value.isalpha() and (value.islower() or value.isupper())):
        return True
    line = place.line(200)
    return "(" in line and _RUNNER.search(line) is not None


def _is_in_text(place: _Place) -> bool:
    """Tell an assignment within a text (host=h password=x) from one in Python (connect(host, password=given))."""
    begun, front = place.name()
    if front[-1:] in {";", "&", "?", '"', "'"}:
        return True
    if front[-1:] in {" ", "\t"} and (front[0].isalnum() or front[0] in "._!\"'"):
        name = place.start - len(begun)
        return place.text[max(0, name - 7) : name].rstrip() != "lambda"
    return (not front or front[-1].isspace()) and _NEIGHBOUR.match(place.text, place.end + 1) is not None


def _is_in_address(place: _Place) -> bool:
    return place.name()[1][-1:] in {";", "&", "?"}


def _is_variable(place: _Place) -> bool:
    """Tell whether a line is one that says a variable of the environment, as env and export write it."""
    if not place.text[place.start : place.end].isupper():
        return False
    return _VARIABLE.fullmatch(place.line(75)) is not None


# The two alternatives have no first character in common: an unclosed quote is gone through once.
_QUOTED = r"(?P<value>(?:\\.|(?!(?P=quote))[^\\]){1,20000})(?P=quote)"
_LINE_QUOTED = r"(?P<value>(?:\\.|(?!(?P=quote))[^\\\n]){1,20000})(?P=quote)"
# A text that is filled in: "{user}-{number}".
_FILLED_IN = r"(?!(?:\{[^{}\"'\n]{0,80}\}[\w/:.@-]{0,3}){1,6}+(?P=quote))"
# Further texts behind a first one belong to it: in brackets, behind a backslash, in a line further in.
_FURTHER = (
    r"(?P<further>(?:(?(bracket)[\s+\\-]{0,80}+|[ \t+]{0,20}+(?:\\?\n[-+]?[ \t]{1,80}+\+?[ \t]{0,20}+)?+)"
    r"[rRbBuUfF]{0,2}(?:\"(?:\\.|[^\"\\\n]){0,5000}+\"|'(?:\\.|[^'\\\n]){0,5000}+')){1,50}+)?+"
)
# password = "x", token: str = 'x', f(api_key="x"), {"secret": "x"}, os.environ["TOKEN"] = "x", (pwd := "x"),
# api_key = SecretStr("x"), token = ("x" "y"). What is called must be a class: get("TOKEN") says no secret.
_ASSIGNED = re.compile(
    r"[\"']?+\]?+\s{0,20}+"
    r"(?:(?::\s{0,20}+[\w.\[\]| ]{0,80}[\w.\[\]| ])?(?::=|[=:])|(?P<same>[=!]=))\s{0,20}+"
    r"(?P<bracket>(?:(?:\w{1,30}\.){0,2}[A-Z]\w{0,40}|str|bytes)?\(\s{0,20}+)?"
    rf"[rRbBuUfF]{{0,2}}(?P<quote>\"\"\"|'''|\"|'){_FILLED_IN}{_QUOTED}{_FURTHER}",
    re.DOTALL,
)
_UNQUOTED = r"(?P<value>[^\s;&\"'<>{}]{1,5000}+)"
_MAYBE_QUOTED = (
    r"(?P<quote>[\"'])?(?P<value>(?(quote)(?!\s)(?:\\.|(?!(?P=quote))[^\\\n]){1,5000}|[^\s\"'|;&<>]{1,5000}))"
)
# No place for a secret, and no flag.
_SOMETHING = r"(?![\"']?(?:[=$<{\[+,)]|%[sr(]))"
_NO_CALL = r"(?![\w.]{1,60}+[(\[])"
_FLAGGED = re.compile(rf"[ \t]{{1,20}}+(?!-){_SOMETHING}{_MAYBE_QUOTED}", re.DOTALL)
_SPACE = frozenset(" \t")
_EQUAL = frozenset("=")
_NAMES_END = frozenset("\"'] \t\r\n\f\v:=!")

NAMED: tuple[NameLook, ...] = (
    NameLook(pattern=_ASSIGNED, after=_NAMES_END, holds=_is_assigned),
    # setdefault("API_KEY", "x"), putenv("TOKEN", "x"), getenv's default
    NameLook(
        pattern=re.compile(
            rf"(?P<q>[\"'])\s{{0,20}}+,\s{{0,20}}+(?P<quote>[\"']){_LINE_QUOTED}",
        ),
        after=frozenset("\"'"),
        holds=_is_pair,
    ),
    # %env TOKEN x
    NameLook(
        pattern=re.compile(rf"[ \t]{{1,20}}+{_SOMETHING}{_MAYBE_QUOTED}", re.DOTALL),
        after=_SPACE,
        begins=_is_env,
        holds=_is_value,
    ),
    # !tool --token x, !TOKEN=x tool
    NameLook(pattern=_FLAGGED, after=_SPACE, begins=_is_flag_in_shell, holds=_is_value),
    NameLook(
        pattern=re.compile(rf"=[ \t]{{0,20}}+{_SOMETHING}{_MAYBE_QUOTED}", re.DOTALL),
        after=_EQUAL,
        begins=_is_in_shell,
        holds=_is_value,
    ),
    # os.system("x --token y"), and the same in a message
    NameLook(pattern=_FLAGGED, after=_SPACE, begins=_is_flag, holds=_is_flag_in_text),
    # A text such as "host=h password=x", "Server=h;Pwd=x;", "https://h/p?token=x"
    NameLook(
        pattern=re.compile(f"={_SOMETHING}{_NO_CALL}{_UNQUOTED}"),
        after=_EQUAL,
        begins=_is_in_text,
        holds=_is_value,
    ),
)
# In text that is shown: what a name says in a dict or JSON, in the environment, in an address or a connection string.
SHOWN: tuple[NameLook, ...] = (
    NameLook(pattern=_ASSIGNED, after=_NAMES_END, holds=_is_shown),
    NameLook(
        pattern=re.compile(r"=(?P<value>\S{1,5000}+)"), after=_EQUAL, begins=_is_variable, holds=_is_value
    ),
    NameLook(
        pattern=re.compile(f"={_SOMETHING}{_UNQUOTED}"), after=_EQUAL, begins=_is_in_address, holds=_is_value
    ),
)
