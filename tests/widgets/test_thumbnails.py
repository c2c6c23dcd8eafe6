"""Pictures that compared runs left behind: those that differ, beside each other, and none that nobody could look at."""

from __future__ import annotations

import base64

from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking import compare_runs, find_artifacts, finish_run, get_run, log_artifact, start_run
from jupyter_mlops.widgets.thumbnails import thumbnails


def left(ws, name: str, **pictures: bytes) -> Run:
    """An ended run with the files ``figures/NAME``; two underscores stand for a dot."""
    run = start_run(ws, name=name).id
    for file, content in pictures.items():
        log_artifact(ws, run=run, content=content, name=f"figures/{file.replace('__', '.')}")
    finish_run(ws, run=run)
    return get_run(ws, run)


def shown(ws, *runs: Run) -> list[dict[str, object]]:
    return thumbnails(ws, compare_runs(ws, [run.id for run in runs]))


def address(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def test_a_picture_that_differs_stands_once_a_run_in_the_order_of_the_comparison(ws):
    one = left(ws, "one", errors__png=b"1", same__png=b"s", photo__jpg=b"j")
    two = left(ws, "two", errors__png=b"2", same__png=b"s", photo__jpg=b"j")
    three = left(ws, "three", errors__png=b"2", same__png=b"s", photo__jpg=b"k")
    assert shown(ws, two, one, three) == [
        {"name": "figures/errors.png", "images": [address(b"2"), address(b"1"), address(b"2")]},
        {
            "name": "figures/photo.jpg",
            "images": [address(b"j", "jpeg"), address(b"j", "jpeg"), address(b"k", "jpeg")],
        },
    ]


def test_a_run_without_the_picture_has_an_empty_place(ws):
    one, two = left(ws, "one", errors__png=b"1"), left(ws, "two")
    assert shown(ws, one, two) == [{"name": "figures/errors.png", "images": [address(b"1"), None]}]
    assert shown(ws, two, left(ws, "three")) == []


def test_only_pictures_a_page_may_show_and_that_are_small_enough_go_along(ws):
    files = {"drawing__svg": b"<svg/>", "table__html": b"<p>", "notes__txt": b"x", "page__pdf": b"%PDF"}
    one = left(ws, "one", **files, large__png=b"1" * 300_001, fits__png=b"1" * 300_000)
    two = left(ws, "two", large__png=b"2" * 300_001)
    log_artifact(ws, run=one.id, content=b"1", name="elsewhere.png")
    assert [picture["name"] for picture in shown(ws, one, two)] == ["figures/fits.png"]


def test_a_picture_whose_bytes_are_gone_costs_its_place_and_not_the_comparison(ws):
    one, two = left(ws, "one", errors__png=b"1"), left(ws, "two", errors__png=b"2")
    (file,) = find_artifacts(ws, run=one.id)
    ws.blobs.remove(file.digest)
    assert shown(ws, one, two) == [{"name": "figures/errors.png", "images": [None, address(b"2")]}]


def test_no_more_than_can_stand_beside_each_other(ws):
    runs = [left(ws, f"r{n}", **{f"p{m}__png": f"{n}{m}".encode() for m in range(8)}) for n in range(5)]
    assert [picture["name"] for picture in shown(ws, *runs[:4])] == [f"figures/p{m}.png" for m in range(6)]
    assert shown(ws, *runs) == []
