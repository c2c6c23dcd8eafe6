"""The interpreter and the repository."""

from __future__ import annotations

import importlib.metadata
import os
import platform

import pytest

from jupyter_mlops.capture import environment as module
from jupyter_mlops.capture.environment import environment, git_state, variables
from tests.repositories import git


def test_the_environment_names_interpreter_and_packages() -> None:
    taken = environment()
    assert (taken.python, taken.implementation) == (
        platform.python_version(),
        platform.python_implementation(),
    )
    assert taken.packages["pandas"] == importlib.metadata.version("pandas")


def test_the_environment_names_the_machine() -> None:
    taken = environment()
    assert taken.platform == platform.platform()
    assert taken.cpus == os.cpu_count()
    assert taken.processor


def test_the_environment_names_the_graphics_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "gpu_names", lambda: ("A", "B"))
    assert environment().gpus == ("A", "B")


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("_packages", lambda: {"pandas": "0.1"}),
        ("_processor", lambda: "another"),
        ("gpu_names", lambda: ("A",)),
    ],
    ids=["packages", "processor", "gpus"],
)
def test_the_digest_is_the_same_for_the_same_environment_and_covers_all_of_it(
    part: str, other: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = environment()
    assert environment() == before
    assert len(before.digest) == 64
    monkeypatch.setattr(module, part, other)
    assert environment().digest != before.digest


def test_commit_branch_and_changed_files(tmp_path) -> None:
    git(tmp_path, "init")
    (tmp_path / "kept.py").write_text("x = 1")
    (tmp_path / ".gitignore").write_text("*.log")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "first")
    commit, branch, changed = git_state(tmp_path)
    assert (len(commit or ""), branch, changed) == (40, "trunk", ())
    (tmp_path / "kept.py").write_text("x = 2")
    (tmp_path / "new file.py").write_text("")
    (tmp_path / "noise.log").write_text("")
    assert git_state(tmp_path) == (commit, "trunk", ("kept.py", "new file.py"))


def test_a_repository_without_a_commit(tmp_path) -> None:
    git(tmp_path, "init")
    (tmp_path / "a.py").write_text("")
    assert git_state(tmp_path) == (None, "trunk", ("a.py",))


def test_outside_a_repository_and_without_a_folder_there_is_no_state(tmp_path) -> None:
    assert git_state(tmp_path) == (None, None, ())
    assert git_state(tmp_path / "missing") == (None, None, ())


def test_without_git_there_is_no_state(tmp_path, monkeypatch) -> None:
    git(tmp_path, "init")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path) == (None, None, ())


def test_a_git_that_never_answers_is_left_alone(tmp_path, monkeypatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("jupyter_mlops.capture.environment._GIT_SECONDS", 0.1)
    assert git_state(tmp_path) == (None, None, ())


def test_variables_are_masked_by_any_name_of_a_secret(monkeypatch) -> None:
    given = {
        "MY_ACCOUNT_KEY": "x1",
        "AUTH_KEY": "x1",
        "API_TOKEN_PROD": "x1",
        "API_KEYS": "x1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert variables([*given, "NOT_SET_AT_ALL"]) == {
        **dict.fromkeys(given, "***"),
        "TOKENIZERS_PARALLELISM": "false",
    }
