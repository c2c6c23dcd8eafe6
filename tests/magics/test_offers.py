"""A ``%%track`` line is completed like any other: its options, the values they take, the experiments there are."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from jupyter_mlops.magics import offers, track
from jupyter_mlops.magics.options import FLAGS
from jupyter_mlops.tracking import finish_run, start_run
from jupyter_mlops.workspace import open_workspace
from tests.magics.kernels import Kernel
from tests.magics.shells import a_shell

BODY = "\nmodel = 1\nmodel.real"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ws = open_workspace(tmp_path, environ={})
    for experiment in ("air/pm25", "air/no2", "two words"):
        finish_run(ws, run=start_run(ws, name="first", experiment=experiment).id)
    ws.store.close()
    offers.EXPERIMENTS.names(offers._FIND, 60)  # read, however slow
    return tmp_path


@pytest.fixture
def shell(tmp_path):
    with a_shell(tmp_path / "ipython") as shell:
        track.register(shell)
        yield shell
        track.unregister(shell)


def completed(shell, head: str, behind: str = BODY) -> set[str]:
    """What is offered at the end of *head*, the rest of the cell behind it."""
    with provisionalcompleter():
        return {found.text for found in shell.Completer.completions(head + behind, len(head))}


@pytest.mark.parametrize(
    ("head", "offered"),
    [
        ("%%track x --", {flag for flag in FLAGS if flag.startswith("--")}),
        ("%%track x -", set(FLAGS)),
        ("%%track x --ta", {"--tag"}),
        ("%%track x -e air --o", {"--on-rerun"}),
        ("%%track x --on-rerun ", {"continue", "replace", "fork"}),
        ("%%track x --on-rerun re", {"replace"}),
        ("%%time\n%%track x --res", {"--resume"}),
        ("%%track x -e air/", {"air/pm25", "air/no2"}),
        ("%%track x --experiment air/p", {"air/pm25"}),
        ("%%track x --experiment 'two w", {"two words"}),
        ("%%track x -e two", {"'two words'"}),
        ("%%track 'x y' --ta", {"--tag"}),
    ],
)
def test_what_may_stand_there_is_offered_with_the_whole_cell_behind_it(project, shell, head, offered):
    assert completed(shell, head) == offered


@pytest.mark.parametrize(
    ("head", "behind"),
    [
        ("%%tracker x --", BODY),
        ("x = 1\n%%track x --", BODY),
        ("%%writefile f.py\n%%track x --", BODY),
        ("%%track x --as r", BODY),
        ("%%track x\nmodel --ta", ""),
    ],
)
def test_elsewhere_and_where_nobody_can_guess_it_is_silent(project, shell, head, behind):
    assert completed(shell, head, behind) & {*FLAGS, "air/pm25"} == set()


def test_it_is_registered_once_and_leaves_nothing(shell):
    before = len(shell.Completer.custom_matchers)
    track.register(shell)
    assert len(shell.Completer.custom_matchers) == before
    track.unregister(shell)
    track.unregister(shell)
    assert len(shell.Completer.custom_matchers) == before - 1


def test_without_a_workspace_the_options_are_offered_and_none_is_made(tmp_path, monkeypatch, shell):
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert "--tag" in completed(shell, "%%track x --t")
    assert offers._experiments(offers._FIND) == []
    assert list(folder.iterdir()) == []


@pytest.mark.kernel
def test_a_front_end_is_answered_with_the_same(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops")
        kernel.execute(
            "from jupyter_mlops.magics import offers\noffers.EXPERIMENTS.names(offers._FIND, 60)"
        )  # read, however slow
        head = "%%track x -e air/p"
        told = kernel.client.complete(head + BODY, len(head), reply=True, timeout=60)["content"]
    assert [head[: told["cursor_start"]] + one for one in told["matches"]] == ["%%track x -e air/pm25"]
