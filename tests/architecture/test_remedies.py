"""Whoever is refused is told what to do next: no error of ours is raised without its remedy."""

import ast
from pathlib import Path

from jupyter_mlops import errors

HOUSE = Path(__file__).parents[2] / "jupyter_mlops"
MODULES = sorted(p for p in HOUSE.rglob("*.py") if "_labextension" not in p.parts)
KINDS = frozenset(errors.__all__)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def empty(node: ast.expr) -> bool:
    """Whether a remedy may come out empty, as far as it can be read off the place."""
    if isinstance(node, ast.IfExp):
        return empty(node.body) or empty(node.orelse)
    return isinstance(node, ast.Constant) and not node.value


def without_remedy(text: str) -> list[int]:
    """The lines of *text* that make one of our errors, or a function that does, and need not say what to do."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and called(node) in KINDS:
            told = {keyword.arg: keyword.value for keyword in node.keywords}
            if None not in told and ("remedy" not in told or empty(told["remedy"])):
                found.append(node.lineno)
        if (
            isinstance(node, ast.FunctionDef)
            and isinstance(node.returns, ast.Name)
            and node.returns.id in KINDS
        ):
            arguments = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            defaults = dict(zip((a.arg for a in arguments), node.args.defaults, strict=True))
            if "remedy" in defaults and ast.unparse(defaults["remedy"]) == "''":
                found.append(node.lineno)
    return found


def test_every_error_is_raised_with_a_remedy():
    found = [
        f"{path.relative_to(HOUSE)}:{line}"
        for path in MODULES
        if path != HOUSE / "errors.py"
        for line in without_remedy(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_search_finds_what_is_left_out_empty_or_may_be():
    assert without_remedy("raise Invalid('x')") == [1]
    assert without_remedy("raise errors.Invalid('x', remedy='')") == [1]
    assert without_remedy("raise Invalid('x', remedy='do' if y else '')") == [1]
    assert without_remedy("def f(at, remedy='') -> Invalid: ...") == [1]
    assert (
        without_remedy("raise Invalid('x', remedy='do')\nraise Invalid('x', **told)\nraise ValueError('x')")
        == []
    )
