"""One of each kind of block, with a given text wherever text may stand."""

from __future__ import annotations

from jupyter_mlops.render.blocks import (
    Block,
    Bullets,
    Column,
    Facts,
    Fold,
    Item,
    Line,
    Picture,
    Pictures,
    Series,
    Sparks,
    Table,
    Title,
    Tone,
)


def every_block(text: str) -> tuple[Block, ...]:
    return (
        Title(text, sign=text, tone=Tone.GOOD, state=text, aside=text),
        Line(text, sign=text, tone=Tone.BAD, strong=True),
        Line(text, faint=True),
        Facts(((text, text), ("plain", text))),
        Table((Column(text), Column(text, numeric=True)), ((text, text),), title=text, note=text),
        Table((Column(text),), ((Series(text, ((0, 1.0), (1, 2.0)), ""),),)),
        Bullets(text, (Item(text, text, Tone.WARN), Item(text))),
        Fold(text, text),
        Fold(text, f"+{text}\n-{text}\n {text}", open=True, diff=True),
        Sparks((Series(text, ((0, 1.0), (1, 2.0)), text),)),
        Pictures(text, (Picture(text, text, "data:image/png;base64,AAAA"), Picture(text, text))),
        Pictures(text, (Picture(text, text), Picture(text, text))),
    )
