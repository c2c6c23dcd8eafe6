"""The workspace of this place: settled once, and anew as soon as anything it depends on has changed."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_mlops.errors import Forbidden, Invalid, NotFound
from jupyter_mlops.tracking import here as place
from jupyter_mlops.tracking.here import here, in_job


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that has a workspace, stood in; and how often its settings were read."""
    folder = tmp_path / "project"
    (folder / ".mlops").mkdir(parents=True)
    (folder / "deep" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(place, "_latest", None)
    for name in tuple(os.environ):
        if name.startswith("JUPYTER_MLOPS_"):
            monkeypatch.delenv(name)
    return folder


@pytest.fixture
def reads(monkeypatch):
    read, counted = place.read_settings, []

    def read_and_count(*given):
        counted.append(given)
        return read(*given)

    monkeypatch.setattr(place, "read_settings", read_and_count)
    return counted


def test_the_same_place_gives_the_same_workspace_and_reads_its_settings_no_more(project, reads):
    first = here()
    asked = len(reads)
    assert here() is here() is first
    assert len(reads) == asked
    assert first.settings.folder == project / ".mlops"


def test_a_workspace_is_itself_and_a_folder_that_is_named_is_looked_up(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    named = here(other)
    assert here(named) is named
    assert named.settings.folder == other / ".mlops"
    assert here().settings.folder == project / ".mlops"


def test_another_working_folder_is_another_place(project, tmp_path, monkeypatch):
    first = here()
    monkeypatch.chdir(project / "deep" / "deeper")
    assert here() is first  # found upward
    (tmp_path / "else" / ".mlops").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "else")
    assert here().settings.folder == tmp_path / "else" / ".mlops"
    monkeypatch.chdir(project)
    assert here() is first


def test_a_nearer_folder_wins_as_soon_as_it_is_there(project, monkeypatch):
    monkeypatch.chdir(project / "deep" / "deeper")
    assert here().settings.folder == project / ".mlops"
    (project / "deep" / ".mlops").mkdir()
    assert here().settings.folder == project / "deep" / ".mlops"
    (project / "deep" / ".mlops").rmdir()
    assert here().settings.folder == project / ".mlops"


def test_what_is_written_into_the_settings_file_holds_at_once(project):
    assert not here().settings.autolog
    (project / ".mlops" / "config.toml").write_text("autolog = true\n")
    assert here().settings.autolog
    (project / ".mlops" / "config.toml").write_text("autolog = maybe\n")
    with pytest.raises(Invalid):
        here()
    (project / ".mlops" / "config.toml").unlink()
    assert not here().settings.autolog


def test_the_environment_holds_at_once(project, tmp_path, monkeypatch):
    here()
    monkeypatch.setenv("JUPYTER_MLOPS_DISABLED", "1")
    assert here().settings.disabled
    monkeypatch.delenv("JUPYTER_MLOPS_DISABLED")
    assert not here().settings.disabled
    (tmp_path / "named").mkdir()
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(tmp_path / "named"))
    assert here().settings.folder == tmp_path / "named" / ".mlops"
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(tmp_path / "nowhere" / "at" / "all"))
    with pytest.raises(NotFound):
        here()


def test_a_named_link_that_is_turned_leads_elsewhere_and_an_empty_name_is_none(
    project, tmp_path, monkeypatch
):
    for name in ("a", "b"):
        (tmp_path / name / ".mlops").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a")
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(link))
    assert here().settings.folder == tmp_path / "a" / ".mlops"
    link.unlink()
    link.symlink_to(tmp_path / "b")
    assert here().settings.folder == tmp_path / "b" / ".mlops"
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", "~")
    for name in ("a", "b"):
        monkeypatch.setenv("HOME", str(tmp_path / name))
        assert here().settings.folder == tmp_path / name / ".mlops"
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", "")
    monkeypatch.chdir(project / "deep" / "deeper")
    assert here().settings.folder == project / ".mlops"
    (project / "deep" / ".mlops").mkdir()
    assert here().settings.folder == project / "deep" / ".mlops"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="accounts have no numbers here")
def test_whom_the_environment_allows_may_change(project, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_ALLOWED_OWNERS", f"uid-{os.getuid() + 12345}")
    if os.getuid() != 0:
        pytest.skip("only root gives a folder away")
    os.chown(project / ".mlops", os.getuid() + 12345, -1)
    assert here().settings.folder == project / ".mlops"
    monkeypatch.delenv("JUPYTER_MLOPS_ALLOWED_OWNERS")
    with pytest.raises(Forbidden):
        here()


def test_threads_that_ask_side_by_side_while_the_place_changes_all_get_an_answer(project):
    config = project / ".mlops" / "config.toml"
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            for number in range(30):
                config.write_text(f"lease_seconds = {10 + number}\n")
                asked = [pool.submit(here) for _ in range(32)]
                assert {each.result().settings.lease_seconds for each in asked} == {10.0 + number}
    finally:
        sys.setswitchinterval(before)


def test_what_changes_while_it_is_read_is_not_remembered(project, monkeypatch):
    read, config = place.read_settings, project / ".mlops" / "config.toml"

    def read_and_change(*given):
        found = read(*given)
        config.write_text("lease_seconds = 77\n")
        return found

    monkeypatch.setattr(place, "read_settings", read_and_change)
    assert here().settings.lease_seconds == 30
    monkeypatch.setattr(place, "read_settings", read)
    assert here().settings.lease_seconds == 77


def test_a_place_without_a_folder_is_looked_at_each_time(project, reads, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", "memory://")
    first = here()
    asked = len(reads)
    assert here() is first
    assert len(reads) > asked


def test_a_folder_that_is_not_made_yet_may_come_to_lie_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "_latest", None)
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert here().settings.folder == tmp_path / "a" / "b" / ".mlops"
    (tmp_path / "a" / "pyproject.toml").touch()
    assert here().settings.folder == tmp_path / "a" / ".mlops"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="accounts have no numbers here")
def test_a_folder_that_has_changed_hands_is_refused(project, monkeypatch):
    here()
    nobody = os.getuid() + 12345
    if os.getuid() == 0:
        os.chown(project / ".mlops", nobody, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: nobody)
        monkeypatch.setattr(place, "_latest", None)
    with pytest.raises(Forbidden):
        here()


def test_a_jobs_kernel_knows_that_it_is_one(monkeypatch):
    monkeypatch.delenv("JUPYTER_MLOPS_JOB", raising=False)
    assert not in_job()
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "j1")
    assert in_job()


def test_two_threads_that_ask_first_get_one_store_in_memory(tmp_path, monkeypatch):
    """Each makes one; both go away with the same."""
    import threading

    meet, make = threading.Barrier(2, timeout=30), place.workspace_later
    monkeypatch.setattr(place, "_workspaces", {})
    monkeypatch.setattr(place, "workspace_later", lambda *given: (meet.wait(), make(*given))[1])
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: here("memory://"), range(2))
    assert one is other
