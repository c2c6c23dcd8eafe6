"""Which packages a notebook imports before it does anything else.

Only what stands in front counts, and only while nothing before it could change what an import does: a variable of the
environment, a path, a module of the project's own. The rest is imported by each kernel, in its place.
"""

from __future__ import annotations

import ast
import re
import site
import sys
import sysconfig
from collections.abc import Iterable
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

__all__ = ["Imports", "installed_roots", "leading_imports"]

Imports = tuple[tuple[str, tuple[str, ...]], ...]  # module, and the names that are taken from it

_OWN = "jupyter_mlops"
# Lines of IPython's that change nothing that an import would see.
_HARMLESS = re.compile(r"%(load_ext\s+(jupyter_mlops|autoreload)|matplotlib|config|autoreload)\b[^\n]*")
_LOADS_US = re.compile(r"^\s*%load_ext\s+jupyter_mlops\b", re.MULTILINE)
_SAYS_NOTHING = frozenset({"warnings.filterwarnings", "warnings.simplefilter"})


def leading_imports(sources: Iterable[str]) -> Imports:
    """Return the imports of installed packages that the cells begin with, each once, in their order.

    Parameters
    ----------
    sources
        The code cells' texts, in order.
    """
    found: dict[str, dict[str, None]] = {}
    for source in sources:
        tree = _parsed(source)
        if tree is not None and _LOADS_US.search(source):
            found.setdefault("jupyter_mlops.magics", {})
        for statement in () if tree is None else tree.body:
            made = _imported(statement)
            if made is None or not all(_is_installed(module) for module, _ in made):
                return _settled(found)
            for module, names in made:
                found.setdefault(module, {}).update(dict.fromkeys(names))
        if tree is None:
            break
    return _settled(found)


def _settled(found: dict[str, dict[str, None]]) -> Imports:
    return tuple((module, tuple(names)) for module, names in found.items())


def _parsed(source: str) -> ast.Module | None:
    lines = ["" if _HARMLESS.fullmatch(line.strip()) else line for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):  # another magic, a command of the shell, or not Python
        return None


def _imported(statement: ast.stmt) -> Imports | None:
    """Return what a statement imports; None where it may change what a later import does."""
    match statement:
        case ast.Import(names=names):
            return tuple((name.name, ()) for name in names)
        case ast.ImportFrom(module=str(module), names=names, level=0) if module != "__future__":
            return ((module, tuple(name.name for name in names)),)
    return () if _is_harmless(statement) else None


def _is_harmless(statement: ast.stmt) -> bool:
    match statement:
        case (
            ast.FunctionDef(args=inside, decorator_list=[])
            | ast.AsyncFunctionDef(args=inside, decorator_list=[])
        ):
            return all(map(_does_nothing, (*inside.defaults, *filter(None, inside.kw_defaults))))
        case ast.Expr(value=value):
            return _says_nothing(value) or _does_nothing(value)
        case ast.Assign(targets=targets, value=value):
            return all(map(_is_name, targets)) and _does_nothing(value)
        case ast.AnnAssign(target=target, value=given):
            return _is_name(target) and (given is None or _does_nothing(given))
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    )


def _is_name(target: ast.expr) -> bool:
    return isinstance(target, ast.Name)


def _does_nothing(value: ast.expr) -> bool:
    """Tell whether an expression only makes a value: no call, and nothing that may be one in disguise."""
    made = (
        ast.Constant,
        ast.Name,
        ast.List,
        ast.Tuple,
        ast.Dict,
        ast.Set,
        ast.UnaryOp,
        ast.expr_context,
        ast.unaryop,
    )
    return all(isinstance(node, made) for node in ast.walk(value))


def _says_nothing(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and ast.unparse(value.func) in _SAYS_NOTHING
        and all(map(_does_nothing, (*value.args, *(word.value for word in value.keywords))))
    )


@lru_cache(maxsize=1024)
def _is_installed(module: str) -> bool:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == _OWN:
        return True
    spec = PathFinder.find_spec(top, list(_package_folders()))
    return spec is not None and spec.origin is not None


def _package_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    users = (site.getusersitepackages(),) if site.ENABLE_USER_SITE else ()
    return tuple(dict.fromkeys((paths["purelib"], paths["platlib"], *site.getsitepackages(), *users)))


def installed_roots() -> tuple[str, ...]:
    """Return the folders of Python's own modules, of installed packages, and of this package, each with a separator."""
    paths = sysconfig.get_paths()
    own = str(Path(__file__).resolve().parents[2])
    folders = (paths["stdlib"], paths["platstdlib"], *_package_folders(), own)
    return tuple(dict.fromkeys(f"{folder}/" for folder in folders))
