"""Replaced attributes and function bodies, and the way back to the very objects that stood there before."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from jupyter_mlops.capture.estimators.frames import SKIPPED

__all__ = ["ABSENT", "Patches"]

ABSENT: Any = object()


class Patches:
    """A list of what was replaced."""

    def __init__(self) -> None:
        self._attributes: list[tuple[Any, str, Any, Any]] = []
        self._bodies: list[tuple[FunctionType, CodeType, CodeType, bool]] = []
        self._undone: list[Callable[[], None]] = []

    def attribute(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace ``owner.name`` by ``make(what owner itself holds there, or ABSENT)``."""
        before = vars(owner).get(name, ABSENT)
        after = make(before)
        setattr(owner, name, after)
        self._attributes.append((owner, name, before, after))

    def body(self, function: FunctionType, make: Callable[[FunctionType], Callable[..., Any]]) -> None:
        """Have *function* call ``make(a twin of it that does the work)``, and stay the object it is.

        Whoever imported the function before, in whatever module, is observed; it still pickles by its name, and
        nothing of ours is left in anybody's hands afterwards. A replaced module attribute can do neither.
        """
        before = function.__code__
        twin = FunctionType(
            before, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        twin.__kwdefaults__ = function.__kwdefaults__
        signed = not hasattr(function, "__wrapped__") and not hasattr(function, "__signature__")
        if signed:
            vars(function)["__signature__"] = inspect.signature(function)
        vars(twin).update(vars(function))  # its signature too
        after = _detour(before, make(twin))
        function.__code__ = after
        self._bodies.append((function, before, after, signed))

    def undone(self, call: Callable[[], None]) -> None:
        """Have *call* called when everything is put back: for hooks that a library itself takes away again."""
        self._undone.append(call)

    def undo(self) -> tuple[str, ...]:
        """Put everything back; return what somebody else had replaced meanwhile and so was left alone."""
        left = []
        for owner, name, before, after in reversed(self._attributes):
            if vars(owner).get(name, ABSENT) is not after:
                left.append(f"{getattr(owner, '__name__', owner)}.{name}")
            elif before is ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        for function, body, detour, signed in reversed(self._bodies):
            if function.__code__ is detour:
                function.__code__ = body
            else:
                left.append(function.__name__)
            if signed:
                vars(function).pop("__signature__", None)
        for call in self._undone:
            call()
        self._attributes.clear()
        self._bodies.clear()
        self._undone.clear()
        return tuple(left)


def _detour(body: CodeType, hook: Callable[..., Any]) -> CodeType:
    """Return code that calls *hook*, fit to stand in a function that had *body*."""
    code = _template(len(body.co_freevars))
    return code.replace(
        co_consts=tuple(hook if constant == _PLACE else constant for constant in code.co_consts),
        co_freevars=body.co_freevars,
        co_name=body.co_name,
        co_qualname=body.co_qualname,
    )


_PLACE = "the hook"


@cache
def _template(closure: int) -> CodeType:
    """Return code that has as many variables of its closure as is said.

    They must be in the code itself, and not in its list of names alone: a frame takes them over with an instruction of its own,
    and whoever reads the variables of one that has not done so (each traceback that IPython prints) ends the process.
    """
    names = [f"free_{place}" for place in range(closure)]
    lines = [
        "def enclosing():",
        *(f"    {name} = None" for name in names),
        "    def detour(*args, **kwargs):",
        "        __tracebackhide__ = True",
        f"        hook = {_PLACE!r}",
        "        return hook(*args, **kwargs)",
        *(f"        {name}" for name in names),
        "    return detour",
    ]
    enclosing = _code_in(compile("\n".join(lines), SKIPPED, "exec"))
    return _code_in(enclosing)


def _code_in(code: CodeType) -> CodeType:
    return next(constant for constant in code.co_consts if isinstance(constant, CodeType))
