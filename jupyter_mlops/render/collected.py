"""What was erased for good, or would be: named, counted, and that nothing brings it back."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.records.collected import Collected
from jupyter_mlops.render.blocks import Block, Bullets, Item, Line, Tone
from jupyter_mlops.render.words import counted, size, value

__all__ = ["collected_blocks"]

_SHOWN = 20


def collected_blocks(collected: Collected) -> Iterator[Block]:
    """The consequence first, then whom it meets, then what can still be had back."""
    what = (
        f"{counted(len(collected.runs), 'run')} and {counted(collected.blobs, 'file')} that nobody else needs"
    )
    if not collected.runs:
        yield Line("Nothing would be erased." if collected.dry else "Nothing was erased.")
    elif collected.dry:
        said = f"This would erase for good: {what} ({size(collected.size)}). Nothing brings them back."
        yield Line(said, "⚠", Tone.WARN, strong=True)
    else:
        yield Line(f"Erased for good: {what} ({size(collected.size)}).", strong=True)
    if collected.runs:
        names = collected.names or ("",) * len(collected.runs)
        runs = list(zip(names, collected.runs, strict=True))
        items = [Item(f"{value(name, 40)} {run[-6:]}".strip()) for name, run in runs[:_SHOWN]]
        if more := len(runs) - len(items):
            items.append(Item(f"and {counted(more, 'more run')}, which .runs has too"))
        yield Bullets("Runs", tuple(items))
        if not collected.dry:
            yield Line("The ledger keeps a line for each.", faint=True)
    if collected.kept:
        yield Line(
            f"{counted(collected.kept, 'run')} stayed: a run that is part of it is still there.", faint=True
        )
    if collected.waiting:
        them = "it is" if collected.waiting == 1 else "they are"
        kept = f"{counted(collected.waiting, 'deleted run')} can still be restored, until {them} old enough to be collected."
        yield Line(kept, faint=True)
