"""The source of a cell as a syntax tree: IPython's own lines become calls that say what they do.

``!ls``, ``x = !ls`` and ``%%bash`` become ``__shell__("ls")``; magics that only report vanish; ``%time f(x)`` and
``%%time`` leave their Python; any other magic becomes ``__magic__("name", "rest")``. Line numbers stay.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["MAGIC", "SHELL", "LineScanner", "Parsed", "is_special", "parse_cell"]

SHELL, MAGIC = "__shell__", "__magic__"

# They look or set a display option; nothing a value rests on.
_REPORTING = frozenset({
    "alias_magic", "autoawait", "autocall", "automagic", "colors", "config", "dhist", "doctest_mode", "history", "hist",
    "lsmagic", "magic", "matplotlib", "mlops", "notebook", "page", "pdef", "pdoc", "pfile", "pinfo", "pinfo2", "pip_list",
    "pprint", "precision", "psearch", "psource", "pwd", "qtconsole", "quickref", "recall", "rerun_list", "tb", "unload_ext",
    "who", "who_ls", "whos", "xmode", "ls", "ll", "memit_report",
})  # fmt: skip
_BODY = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun", "track", "capture", "debug"})
_SHELLS = frozenset(
    {"bash", "sh", "script", "system", "sx", "!", "cmd", "perl", "ruby", "pypy", "python", "python3"}
)
_TEXT = frozenset({"html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"})

_ASSIGNED = re.compile(
    r"^(?P<indent>\s*)(?P<target>[\w.,\[\]'\" ()*]+?)\s*=\s*(?P<kind>[!%])(?P<rest>[^=].*)$", re.DOTALL
)
_LINE = re.compile(r"^(?P<indent>\s*)(?P<kind>!!|!|%%|%|\?\??)(?P<rest>.*)$", re.DOTALL)
_HELP = re.compile(r"^\s*[%\w.*]+\?\??\s*$")
_PRIVATE = re.compile(r"^\s*%{1,2}(?:timeit|memit|mprun|lprun|debug)\b", re.MULTILINE)
_OPTIONS = re.compile(r"^(?:\s*-\w+(?:[ =]?\d+)?(?=\s|$))*\s*")
_INSERTED = re.compile(r"\{([^{}]+)\}|\$(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A cell as Python. ``tree`` is None where it is no Python even so.

    ``private``: the body ran in a namespace of its own (``%%timeit``): what it assigns may be gone afterwards.
    """

    tree: ast.Module | None
    text: str
    private: bool = False


@lru_cache(maxsize=2048)
def parse_cell(source: str) -> Parsed:
    """Return the syntax tree of a cell, magics and shell lines rewritten; never raises."""
    try:
        text = _cell_magic(source.replace("\r\n", "\n"))
        tree = _tree(text)
        if tree is None:
            text = _rewritten(text)
            tree = _tree(text)
    except RecursionError:
        return Parsed(tree=None, text=source)
    return Parsed(tree=tree, text=text, private=bool(_PRIVATE.search(source)))


def _tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in the user's text is not ours to report
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError):
        return None


def _cell_magic(source: str) -> str:
    """Take off leading ``%%`` lines whose body is Python; turn others into one call."""
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or not lines[first].startswith("%%"):
        return source
    name, _, rest = lines[first][2:].partition(" ")
    body = "\n".join(lines[first + 1 :])
    pad = "\n" * first
    if name in _BODY:
        inside = _cell_magic(body)
        head = ""
        if name == "capture":
            head = "".join(f"{word} = {MAGIC}('capture');" for word in rest.split() if word.isidentifier())
        elif name == "timeit":
            head = _rest_of_timeit(rest)
        return f"{pad}{head or 'pass'}\n{inside}"
    if name in _TEXT:
        return pad + "pass"
    if name in _SHELLS or not name:
        return f"{pad}{_shell(rest + chr(10) + body)}"
    return f"{pad}{_magic(name, rest, body)}"


def _rest_of_timeit(rest: str) -> str:
    code = rest[_OPTIONS.match(rest).end() :].strip()  # type: ignore[union-attr]
    return code if code and _tree(code) is not None else "pass"


def _rewritten(text: str) -> str:
    out: list[str] = []
    scanner = LineScanner()
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        line = lines[i]
        if not scanner.open and is_special(line):
            taken = [line]
            while taken[-1].endswith("\\") and i + 1 < len(lines):
                i += 1
                taken.append(lines[i])
            out.append(_special(" ".join(part.removesuffix("\\") for part in taken)))
            out.extend([""] * (len(taken) - 1))
        else:
            scanner.read(line)
            out.append(line)
        i += 1
    return "\n".join(out)


def is_special(line: str) -> bool:
    """Say whether a line, standing outside of brackets and texts, may be one that only IPython understands."""
    return bool(_LINE.match(line) or _HELP.match(line) or _ASSIGNED.match(line))


def _special(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    if assigned:
        value = _line(assigned["kind"], assigned["rest"])
        return f"{assigned['indent']}{assigned['target']} = {value if value != 'pass' else f'{MAGIC}()'}"
    match = _LINE.match(line)
    if match is None:  # name?
        return "pass"
    return match["indent"] + _line(match["kind"], match["rest"])


def _line(kind: str, rest: str) -> str:
    if kind.startswith("?"):
        return "pass"
    if kind.startswith("!"):
        return _shell(rest.strip())
    name, _, rest = rest.strip().partition(" ")
    if name.endswith("?") or name in _REPORTING:
        return "pass"
    if name in _BODY:
        code = rest[_OPTIONS.match(rest).end() :].strip()  # type: ignore[union-attr]
        return code if code and _tree(code) is not None else ("pass" if not code else _magic(name, rest, ""))
    if name in _SHELLS:
        return _shell(rest)
    return _magic(name, rest.strip(), "")


def _shell(command: str) -> str:
    return f"{SHELL}({command!r}{_inserted(command)})"


def _magic(name: str, rest: str, body: str) -> str:
    return f"{MAGIC}({name!r}, {rest!r}, {body!r}{_inserted(rest)})"


def _inserted(command: str) -> str:
    """Return the expressions IPython puts in place of ``{x}`` and ``$x``, as further arguments."""
    found = [braced or name for braced, name in _INSERTED.findall(command)]
    return "".join(f", ({code})" for code in found if _tree(f"({code})") is not None)


class LineScanner:
    """Whether a line begins inside brackets or a long string."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._continued = False

    @property
    def open(self) -> bool:
        """Inside brackets, a long text, or after a backslash."""
        return bool(self._depth or self._quote or self._continued)

    def read(self, line: str) -> None:
        """Take in the next line."""
        self._continued = line.endswith("\\") and not line.lstrip().startswith("#")
        i = 0
        while i < len(line):
            i = self._in_string(line, i) if self._quote else self._in_code(line, i)
        if len(self._quote) == 1 and not self._continued:
            self._quote = ""

    def _in_string(self, line: str, i: int) -> int:
        if line[i] == "\\":
            return i + 2
        if line.startswith(self._quote, i):
            i += len(self._quote)
            self._quote = ""
            return i
        return i + 1

    def _in_code(self, line: str, i: int) -> int:
        char = line[i]
        if char == "#":
            return len(line)
        if char in "\"'":
            self._quote = char * 3 if line.startswith(char * 3, i) else char
            return i + len(self._quote)
        if char in "([{":
            self._depth += 1
        elif char in ")]}":
            self._depth = max(0, self._depth - 1)
        return i + 1
