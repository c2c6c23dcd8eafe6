"""Pictures that compared runs left behind: those that differ, as data, and no more than a page takes."""

from __future__ import annotations

import base64

from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking import compare_runs, find_artifacts, finish_run, get_run, log_artifact, start_run
from jupyter_mlops.widgets.thumbnails import LIVE, STILL, thumbnails
from tests.widgets.pictures import a_picture


def left(ws, name: str, **pictures: bytes) -> Run:
    """An ended run with the files ``figures/NAME``; two underscores stand for a dot."""
    run = start_run(ws, name=name).id
    for file, content in pictures.items():
        log_artifact(ws, run=run, content=content, name=f"figures/{file.replace('__', '.')}")
    finish_run(ws, run=run)
    return get_run(ws, run)


def beside(ws, *runs: Run) -> RunComparison:
    return compare_runs(ws, [run.id for run in runs])


def names(ws, comparison: RunComparison, bounds=STILL) -> list[list[str]]:
    """What is shown of each row: the runs whose picture goes along."""
    found = thumbnails(ws, comparison, bounds)
    return [
        [
            run.name
            for run, file in zip(comparison.runs, row.files, strict=True)
            if file and file.digest in found
        ]
        for row in comparison.figures
    ]


def test_what_differs_goes_along_as_data_and_what_is_the_same_does_not(ws):
    same, old, new = a_picture(9), a_picture(3), a_picture(4, kind="JPEG")
    one = left(ws, "one", errors__png=old, same__png=same)
    two = left(ws, "two", errors__png=old, same__png=same, photo__jpg=new)
    found = thumbnails(ws, beside(ws, one, two), STILL)
    assert list(found.values()) == [f"data:image/jpeg;base64,{base64.b64encode(new).decode()}"]
    assert thumbnails(ws, beside(ws, one, left(ws, "three", errors__png=old, same__png=same)), LIVE) == {}


def test_only_pixels_go_along(ws):
    one = left(ws, "one", drawing__svg=b"<svg/>", table__html=b"<p>", notes__txt=b"x", page__pdf=b"%PDF")
    assert thumbnails(ws, beside(ws, one, left(ws, "two")), LIVE) == {}


def test_a_picture_whose_bytes_are_gone_or_too_many_costs_its_place_and_not_the_comparison(ws):
    one = left(ws, "one", errors__png=a_picture(1), large__png=b"1" * 5_000_001)
    two = left(ws, "two", errors__png=a_picture(2))
    (file,) = [file for file in find_artifacts(ws, run=one.id) if "errors" in file.name]
    ws.blobs.remove(file.digest)
    assert names(ws, beside(ws, one, two)) == [["two"], []]


def test_a_saved_notebook_holds_a_dozen_small_ones_and_what_stands_beside_each_other_goes_as_a_whole(ws):
    runs = [
        left(ws, f"r{n}", **{f"p{m}__png": a_picture(400 + m, 300 + n, noisy=True) for m in range(5)})
        for n in range(3)
    ]
    compared = beside(ws, *runs)
    assert [len(row) for row in names(ws, compared)] == [3, 3, 3, 3, 0]
    assert [len(row) for row in names(ws, compared, LIVE)] == [3, 3, 3, 3, 3]
    still = thumbnails(ws, compared, STILL).values()
    assert max(map(len, still)) <= 40_000 * 4 / 3 + 100
