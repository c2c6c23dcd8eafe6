"""``%mlops`` while it waits: the commands behind it are imported when somebody says the first word."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult

    from jupyter_mlops.magics.mlops import Mlops
    from jupyter_mlops.workspace import Workspace

__all__ = ["Entry", "register", "unregister"]

_NAME = "mlops"
# What comes alive in a cell: by name, so that no module is imported for it.
_LIVE = (
    ("jupyter_mlops.records.review", "Review"),
    ("jupyter_mlops.records.run", "Run"),
    ("jupyter_mlops.records.comparison", "RunComparison"),
    ("jupyter_mlops.records.query", "Page"),
)


class Entry:
    """The magic as the shell knows it; what it says is said by ``magic``."""

    def __init__(self, shell: Any, ws: Workspace | None = None) -> None:
        self._shell, self._given = shell, ws
        self.matcher: Any = None

    @cached_property
    def magic(self) -> Mlops:
        """The commands, imported when they are first wanted."""
        from jupyter_mlops.magics.mlops import Mlops

        return Mlops(self._shell, self._given)

    def __call__(self, line: str) -> Any:
        """Run one line; give back its record."""
        return self.magic(line)

    def getdoc(self) -> str:
        """Return what ``%mlops?`` shows."""
        return self.magic.getdoc()

    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """Offer words behind ``%mlops``, and nothing elsewhere."""
        if f"%{_NAME} " not in context.line_with_cursor:
            return {"completions": []}
        return self.magic.complete(context)

    def show_live(self, record: object) -> None:
        """Show a record as a widget."""
        self.magic.show_live(record)


def register(shell: Any, ws: Workspace | None = None) -> None:
    """Add ``%mlops`` and its completion to *shell*."""
    from IPython.core.completer import context_matcher

    unregister(shell)
    entry = Entry(shell, ws)
    shell.register_magic_function(entry, "line", _NAME)

    @context_matcher()  # type: ignore[untyped-decorator]
    def mlops_matcher(context: CompletionContext) -> SimpleMatcherResult:
        return entry.complete(context)

    entry.matcher = mlops_matcher
    shell.Completer.custom_matchers.append(mlops_matcher)
    for module, name in _LIVE:
        shell.display_formatter.ipython_display_formatter.for_type_by_name(module, name, entry.show_live)


def unregister(shell: Any) -> None:
    """Take both away again."""
    entry = shell.magics_manager.magics["line"].get(_NAME)
    if isinstance(entry, Entry):
        del shell.magics_manager.magics["line"][_NAME]
        shell.Completer.custom_matchers.remove(entry.matcher)
        _forget(shell.display_formatter.ipython_display_formatter, entry)


def _forget(formatter: Any, entry: Entry) -> None:
    """Take the widgets back: a printer moves from the one table to the other when its type is first seen."""
    for printers in (formatter.deferred_printers, formatter.type_printers):
        for kind in [
            kind for kind, printer in printers.items() if getattr(printer, "__self__", None) is entry
        ]:
            del printers[kind]
