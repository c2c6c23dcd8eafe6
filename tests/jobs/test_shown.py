"""What a run showed, kept as files with it, beside what its repetition showed."""

from __future__ import annotations

from jobs.outputs.test_images import drawn, sine
from jupyter_mlops.jobs.outputs import Rules
from jupyter_mlops.jobs.shown import compare_shown
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking.log import log_artifact
from jupyter_mlops.tracking.runs import finish_run, start_run
from jupyter_mlops.workspace import Workspace

RULES = Rules()
KINDS = {"txt": "text/plain", "png": "image/png", "json": "application/json", "html": "text/html"}


def with_files(ws: Workspace, **files: bytes | str) -> Run:
    """Return an ended run with files; ``stdout_txt`` stands for ``stdout.txt``, ``figures__a_png`` for ``figures/a.png``."""
    run = start_run(ws, name="shows")
    for name, content in files.items():
        path, _, ending = name.replace("__", "/").rpartition("_")
        given = content if isinstance(content, bytes) else content.encode()
        log_artifact(
            ws, run=run.id, content=given, name=f"{path}.{ending}", media_type=KINDS.get(ending, "text/plain")
        )
    return finish_run(ws, run=run.id)


def test_each_kind_of_file_is_compared_as_it_was_shown(ws) -> None:
    other = drawn(lambda axes: axes.plot([0, 1], [1, 0]))
    original = with_files(
        ws, stdout_txt="took 2 s\nmae 1.5", figures__a_png=drawn(sine), outputs__o_json='{"a": 1, "b": 2}',
        outputs__t_html="<table><tr><th>m</th></tr><tr><td>1</td></tr></table>",
    )  # fmt: skip
    again = with_files(
        ws, stdout_txt="took 9 s\nmae 1.75", figures__a_png=other, outputs__o_json='{"b": 2, "a": 1}',
        outputs__t_html="<table><tr><th>m</th></tr><tr><td>2</td></tr></table>",
    )  # fmt: skip

    shown = compare_shown(ws, original, again, None, RULES)

    said = {one.part: one.says for one in shown.outputs}
    assert shown.compared
    assert set(said) == {"stdout", "figures/a.png", "outputs/t.html"}
    assert said["stdout"] == "line 2 was 1.5 and is 1.75"
    assert said["outputs/t.html"] == "table row 1 column m: was 1 and is 2"
    assert "of what is drawn differs" in said["figures/a.png"]


def test_the_same_is_compared_and_says_nothing_and_what_is_gone_is_named(ws) -> None:
    original = with_files(ws, stdout_txt="a", stderr_txt="b")
    same = compare_shown(
        ws, original, with_files(ws, stdout_txt="a", stderr_txt="b", outputs__n_txt="c"), None, RULES
    )
    (gone,) = compare_shown(ws, original, with_files(ws, stdout_txt="a"), None, RULES).outputs
    assert (same.compared, same.outputs) == (True, ())
    assert str(gone) == "cell 1 stderr: is gone"


def test_where_nothing_was_kept_nothing_is_compared(ws) -> None:
    original = with_files(ws, models__m_txt="a")
    assert not compare_shown(ws, original, with_files(ws), None, RULES).compared


def test_text_that_calls_itself_data_is_compared_as_text(ws) -> None:
    original, again = with_files(ws, outputs__o_json="{"), with_files(ws, outputs__o_json="[")
    (found,) = compare_shown(ws, original, again, None, RULES).outputs
    assert found.says == "was { and is ["
