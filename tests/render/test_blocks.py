"""Blocks are what text and HTML both draw: no kind is forgotten by either, and no colour speaks alone."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator

import pytest

from jupyter_mlops.render.blocks import (
    Block,
    Bullets,
    Flow,
    Item,
    Line,
    Overlay,
    Scatter,
    Strands,
    Title,
    Tone,
)
from jupyter_mlops.render.html import html_of
from jupyter_mlops.render.text import text_of
from jupyter_mlops.render.views import blocks_of
from tests.render.blocks_shown import every_block
from tests.render.every_record import filled, record_kinds
from tests.render.records_shown import a_review, a_run, approved, failed_run

KINDS = typing.get_args(Block)


def held(thing: object) -> int:
    """How often a block holds the text it was made with."""
    if isinstance(thing, str):
        return thing.count("marked")
    if isinstance(thing, tuple):
        return sum(map(held, thing))
    if dataclasses.is_dataclass(thing):
        return sum(held(getattr(thing, field.name)) for field in dataclasses.fields(thing))
    return 0


def toned(blocks: tuple[Block, ...]) -> Iterator[Title | Line | Item]:
    for block in blocks:
        if isinstance(block, (Title, Line)):
            yield block
        elif isinstance(block, Bullets):
            yield from block.items


def test_the_samples_hold_every_kind_of_block() -> None:
    assert {type(block) for block in every_block("x")} == set(KINDS)


# Pictures of what a table or a list beside them says in words; tests/render/test_drawings.py and test_flows.py.
DRAWN = (Overlay, Strands, Scatter, Flow)
WORDED = [block for block in every_block("marked") if not isinstance(block, DRAWN)]


@pytest.mark.parametrize("block", WORDED, ids=lambda block: type(block).__name__)
def test_every_text_a_block_holds_is_said_once_in_text_and_once_in_html(block: Block) -> None:
    assert text_of([block]).count("marked") == held(block)
    assert re.sub(r"<[^>]*>", " ", html_of([block])).count("marked") == held(block)


def test_no_record_says_by_a_colour_what_no_sign_says_too() -> None:
    records = [filled(kind) for kind in record_kinds()] + [a_run(), failed_run(), a_review(), approved()]
    seen = set()
    for record in records:
        for part in toned(tuple(blocks_of(record))):
            seen.add(part.tone)
            assert part.tone is Tone.PLAIN or part.sign, part

    assert len(seen) > 3


def test_every_tone_but_the_plain_one_has_a_colour_of_its_own_with_a_fallback() -> None:
    drawn = {tone: html_of([Line("x", sign="s", tone=tone)]) for tone in Tone}
    colours = {tone: re.findall(r"[;,(] ?var\(--jp-[\w-]+, (#\w+)\)", html) for tone, html in drawn.items()}

    assert colours.pop(Tone.PLAIN) == []
    assert all(len(found) == 1 for found in colours.values())
    assert len({found[0] for found in colours.values()}) == len(colours)


def test_a_block_is_a_value() -> None:
    assert every_block("x") == every_block("x")
    assert len({*every_block("x"), *every_block("x")}) == len(every_block("x"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Line("x").text = "y"  # type: ignore[misc]
