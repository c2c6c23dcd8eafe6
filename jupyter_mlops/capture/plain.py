"""A cell as plain Python runs it: what only IPython understands is translated where that is exact, else a comment.

A comment says what stood there and that it is left out; nothing vanishes silently.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass, field

from jupyter_mlops.capture.syntax import LineScanner, is_special

__all__ = ["PlainCell", "plain_cell"]

_LOOP = "_loop"
_TIMING = frozenset({"time", "prun", "memit", "capture"})
_ALONE = frozenset({"timeit", "debug", "mprun", "lprun"})  # their body leaves nothing behind
_SHELLS = {"bash": "bash", "sh": "sh"}
_ASSIGNED = re.compile(r"^(?P<indent>\s*)(?P<target>[\w.,\[\]'\" ]+?)\s*=\s*(?P<kind>[!%])(?P<rest>[^=].*)$")
_LINE = re.compile(r"^(?P<indent>\s*)(?P<kind>!!|!|%)(?P<rest>.*)$")
_INSERTED = re.compile(r"\{([^{}]+)\}|\$([\w.]+)")  # as IPython reads them
_OPTIONS = re.compile(r"^(?:-\w+(?:[ =]?\d+)?\s+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCell:
    """A cell as plain Python. ``needs``: modules it uses that the cell did not import, and ``_loop`` for ``await``."""

    text: str
    needs: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Writer:
    names: Collection[str]  # that the cells bind: others in braces belong to the shell
    needs: set[str] = field(default_factory=set)

    def command(self, command: str) -> str:
        """Return the text of a shell command as an expression, the cells' own names put in as IPython does."""
        parts: list[str] = []
        end = 0
        for found in _INSERTED.finditer(command):
            code = found[1] or found[2]
            if self._ours(code):
                parts += [repr(command[end : found.start()]), f"str({code})"]
                end = found.end()
        parts.append(repr(command[end:]))
        return " + ".join(part for part in parts if part != "''") or "''"

    def _ours(self, code: str) -> bool:
        try:
            tree = ast.parse(code.strip(), mode="eval")
        except SyntaxError:
            return False
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        return bool(used) and used <= set(self.names)

    def line(self, line: str) -> str:
        """Return one line of IPython's own as Python."""
        assigned = _ASSIGNED.match(line)
        if assigned is not None and assigned["kind"] == "!":
            self.needs.add("subprocess")
            run = f"subprocess.run({self.command(assigned['rest'].strip())}, shell=True, capture_output=True, text=True)"
            return f"{assigned['indent']}{assigned['target']} = {run}.stdout.splitlines()"
        match = _LINE.match(line)
        indent = line[: len(line) - len(line.lstrip())]
        translated = None
        if match is not None and match["kind"] == "%":
            name, _, rest = match["rest"].strip().partition(" ")
            translated = self._magic(name, rest.strip())
        elif match is not None:
            translated = self._shell(match["rest"].strip())
        if translated is None:
            return _left_out(line, indent)
        return f"{indent}{translated}"

    def _shell(self, command: str) -> str | None:
        if re.match(r"(?:pip3?|conda|mamba|uv)\b", command):
            return None  # packages are installed once, by hand, not by each run of a script
        self.needs.add("subprocess")
        return f"subprocess.run({self.command(command)}, shell=True)"

    def _magic(self, name: str, rest: str) -> str | None:
        if name in _TIMING:
            code = _OPTIONS.sub("", rest)
            return code if code and _parses(code) else None
        if name == "cd" and rest:
            self.needs.add("os")
            return f"os.chdir(os.path.expanduser({self.command(rest)}))"
        if name in {"env", "set_env"} and rest:
            key, equals, value = rest.partition("=") if "=" in rest else rest.partition(" ")
            self.needs.add("os")
            return f"os.environ[{key.strip()!r}] = {self.command(value.strip())}" if equals else None
        if name == "run":
            return self._run(rest)
        if name in {"sx", "system"}:
            return self._shell(rest)
        return None

    def _run(self, rest: str) -> str | None:
        words = shlex.split(rest)
        if len(words) != 1 or not words[0].endswith(".py"):
            return None
        self.needs.add("runpy")
        return f"globals().update(runpy.run_path({words[0]!r}, run_name='__main__'))"

    def body(self, text: str) -> str:
        """Return the lines of a cell below its ``%%`` line."""
        if _parses(text):
            return text
        out: list[str] = []
        scanner = LineScanner()
        lines = iter(text.split("\n"))
        for line in lines:
            if scanner.open or not is_special(line):
                scanner.read(line)
                out.append(line)
                continue
            whole = line
            while whole.endswith("\\"):
                whole = whole[:-1] + " " + next(lines, "").strip()
            out.append(self.line(whole))
        return "\n".join(out)


def plain_cell(source: str, names: Collection[str] = ()) -> PlainCell:
    """Return the cell *source* as plain Python.

    Parameters
    ----------
    source
        The cell as it was executed.
    names
        The names that the cells bind: ``{name}`` and ``$name`` in a shell line stand for their values.
    """
    writer = _Writer(names)
    text = _awaited(_cell(source, writer), writer)
    return PlainCell(text=text, needs=frozenset(writer.needs))


def _cell(source: str, writer: _Writer) -> str:
    lines = source.replace("\r\n", "\n").split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or not lines[first].startswith("%%"):
        return writer.body(source)
    head, text = lines[first], "\n".join(lines[first + 1 :])
    name, _, rest = head[2:].partition(" ")
    if name == "track":
        return _tracked(rest.strip(), text, writer)
    if name in _TIMING:
        return f"{_left_out(head)}\n{_cell(text, writer)}"
    if name in _SHELLS:
        writer.needs.add("subprocess")
        return f"subprocess.run([{_SHELLS[name]!r}, '-c', {text!r}])"
    if name in {"writefile", "file"}:
        mode = "a" if rest.startswith("-a ") else "w"
        return f"with open({rest.removeprefix('-a ').strip()!r}, {mode!r}) as _file:\n    _file.write({text + chr(10)!r})"
    reason = (
        "what it did in the notebook leaves nothing behind" if name in _ALONE else "only IPython knows it"
    )
    commented = "\n".join(f"#     {line}".rstrip() for line in [head, *text.split("\n")])
    return f"# Left out, {reason}:\n{commented}"


def _tracked(rest: str, text: str, writer: _Writer) -> str:
    """A tracked cell speaks to its run by a name; where it does not, a comment is enough."""
    body = _cell(text, writer)
    said = f"# In the notebook this cell was a run of its own: track {rest}".rstrip()
    name, experiment, variable = _track_options(rest)
    try:
        used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    except SyntaxError:
        used = set()
    if variable not in used:
        return f"{said}\n{body}"
    writer.needs |= {"contextlib", "jupyter_mlops"}
    call = f"{name!r}, experiment={experiment!r}" if experiment else repr(name)
    opened = (
        f"_tracked = contextlib.ExitStack()\n{variable} = _tracked.enter_context(jupyter_mlops.track({call}))"
    )
    return f"{said}\n{opened}\n{body}\n_tracked.close()"


def _track_options(rest: str) -> tuple[str, str, str]:
    """Return the run's name, its experiment and the variable it is known by."""
    try:
        words = shlex.split(rest)
    except ValueError:
        words = []
    options, plain = {"-e": "", "--as": "run"}, []
    waiting = ""
    for word in words:
        key, equals, value = word.partition("=")
        if waiting:
            options[waiting], waiting = word, ""
        elif word.startswith("-"):
            key = "-e" if key == "--experiment" else key
            options[key], waiting = value, "" if equals else key
        else:
            plain.append(word)
    return (plain or ["run"])[0], options["-e"], options["--as"]


def _left_out(line: str, indent: str = "") -> str:
    comment = f"{indent}# Left out, only IPython knows it: {line.strip()}"
    return f"{indent}pass  {comment.lstrip()}" if indent else comment


def _awaited(text: str, writer: _Writer) -> str:
    """Give ``await`` at the top level, which IPython allows, a loop to run in."""
    while _parses(text) and (node := _inner_await(ast.parse(text))) is not None:
        writer.needs.add(_LOOP)
        data = text.encode()
        starts = [0]
        for line in data.split(b"\n"):
            starts.append(starts[-1] + len(line) + 1)
        begin = starts[node.lineno - 1] + node.col_offset
        inside = starts[node.value.lineno - 1] + node.value.col_offset
        end = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        data = data[:begin] + f"{_LOOP}.run_until_complete(".encode() + data[inside:end] + b")" + data[end:]
        text = data.decode()
    return text


def _inner_await(node: ast.AST) -> ast.Await | None:
    """Return an await outside of functions that holds no other."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
        return None
    for child in ast.iter_child_nodes(node):
        found = _inner_await(child)
        if found is not None:
            return found
    return node if isinstance(node, ast.Await) else None


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
