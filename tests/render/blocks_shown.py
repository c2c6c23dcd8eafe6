"""One of each kind of block, with a given text wherever text may stand."""

from __future__ import annotations

from jupyter_mlops.render.blocks import (
    Axis,
    Block,
    Box,
    Bullets,
    Column,
    Facts,
    Flow,
    Fold,
    Item,
    Line,
    Overlay,
    Picture,
    Pictures,
    Scatter,
    Series,
    Sparks,
    Strands,
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
        Overlay(
            text, (Series(text, ((0, 1.0), (1, 2.0)), text), Series(text, (), "")), (text, text), (text, text)
        ),
        Strands(text, (text, text), (_axis(text), _axis(text)), (0, None), 1),
        Scatter(text, (text, text), _axis(text), _axis(text), (None, 3), 0),
        Flow(text, (Box(text, text, text, (), text, Tone.GOOD), Box(text, text, text, (0,), faint=True))),
        Pictures(text, (Picture(text, text, "data:image/png;base64,AAAA"), Picture(text, text))),
        Pictures(text, (Picture(text, text), Picture(text, text))),
    )


def _axis(text: str) -> Axis:
    return Axis(text, (0.0, 1.0), (text, text), text, f"{text}s")
