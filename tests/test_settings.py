"""Where a workspace lies. What wins over what, and how it is shown, stands in doors/test_settings.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_mlops import settings as module
from jupyter_mlops.errors import Forbidden, Invalid
from jupyter_mlops.settings import FOLDER, Settings, account, find_folder, read_settings


def at(start: Path, workspace: str | Path | None = None, /, **environ: str) -> Settings:
    return read_settings(workspace, start=start, environ=environ)


def test_the_nearest_folder_above_is_found_and_no_file_of_that_name(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / "a" / "b" / FOLDER).write_text("a file")
    assert find_folder(deep) == tmp_path / FOLDER
    (tmp_path / "a" / FOLDER).mkdir()
    assert find_folder(deep) == at(deep).folder == tmp_path / "a" / FOLDER


@pytest.mark.parametrize("mark", [".git", ".hg", "pyproject.toml"])
def test_where_there_is_none_it_belongs_into_the_projects_root(tmp_path: Path, mark: str) -> None:
    deep = tmp_path / "notebooks" / "eda"
    deep.mkdir(parents=True)
    (tmp_path / mark).mkdir()
    found = at(deep)
    assert (found.folder, found.root) == (tmp_path / FOLDER, tmp_path)
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize("named", ["project", "project/.mlops"])
def test_a_project_may_be_named_by_its_folder_or_its_hidden_one(tmp_path: Path, named: str) -> None:
    found = at(tmp_path, tmp_path / named)
    assert (found.root, found.folder) == (tmp_path / "project", tmp_path / "project" / FOLDER)
    assert at(tmp_path, JUPYTER_MLOPS_WORKSPACE=str(tmp_path / named)) == found
    assert found.store == f"sqlite:///{found.folder}/store.db"
    assert found.journal == found.folder / "journal"  # type: ignore[operator]


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid, match="is not a folder") as refusal:
        at(tmp_path, tmp_path / "file")
    assert refusal.value.remedy


@pytest.mark.parametrize("named", ["~nobody-of-that-name/project", "x" * 5000, "a\x00b", "loop"])
def test_a_name_that_leads_nowhere_is_refused_in_words(
    tmp_path: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(Invalid) as refusal:
        at(tmp_path, named)
    assert refusal.value.remedy


def test_a_store_by_its_url_needs_a_place_for_files(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no place for files") as refusal:
        at(tmp_path, "postgresql://ana:secret@db/mlops")
    assert "JUPYTER_MLOPS_BLOBS" in refusal.value.remedy
    assert "secret" not in str(refusal.value)
    found = at(tmp_path, "postgresql://db/mlops", JUPYTER_MLOPS_BLOBS="s3://bucket/x")
    assert (found.folder, found.root, found.blobs) == (None, tmp_path, "s3://bucket/x")
    assert at(tmp_path, "memory://").blobs == "memory://"


def test_a_child_process_is_led_to_this_very_workspace(tmp_path: Path) -> None:
    folder = at(tmp_path, tmp_path)
    assert at(Path("/"), **folder.explicit).folder == folder.folder
    url = at(tmp_path, "postgresql://db/mlops", JUPYTER_MLOPS_BLOBS="s3://bucket/x")
    assert dict(url.explicit) == {
        "JUPYTER_MLOPS_STORE": "postgresql://db/mlops",
        "JUPYTER_MLOPS_BLOBS": "s3://bucket/x",
    }


@pytest.mark.parametrize("of", ["{0}/project", "{0}/project/.mlops", "postgresql://db/mlops"])
def test_a_place_that_is_named_outright_is_not_that_of_the_job_around_it(tmp_path: Path, of: str) -> None:
    """The kernel of a job is told where its own workspace is; a notebook may open another beside it."""
    told = {
        "JUPYTER_MLOPS_WORKSPACE": of.format(tmp_path),
        "JUPYTER_MLOPS_STORE": "postgresql://db/mlops",
        "JUPYTER_MLOPS_BLOBS": "s3://bucket/x",
    }
    other = at(tmp_path, tmp_path / "elsewhere", **told)
    assert other.store == f"sqlite:///{tmp_path / 'elsewhere' / FOLDER / 'store.db'}"
    assert other.blobs == f"file://{tmp_path / 'elsewhere' / FOLDER / 'blobs'}"
    for same in (None, of.format(tmp_path)):
        own = at(tmp_path, same, **told)
        assert (own.store, own.blobs) == ("postgresql://db/mlops", "s3://bucket/x")


@pytest.mark.parametrize("of", ["{0}/file", "~nobody-of-that-name/x"])
def test_a_place_that_is_named_outright_asks_nothing_of_one_that_leads_nowhere(
    tmp_path: Path, of: str
) -> None:
    (tmp_path / "file").write_text("")
    told = {"JUPYTER_MLOPS_WORKSPACE": of.format(tmp_path)}
    assert at(tmp_path, tmp_path / "w", **told).root == tmp_path / "w"
    told["JUPYTER_MLOPS_STORE"] = "postgresql://db/mlops"
    assert at(tmp_path, tmp_path / "w", **told).store.startswith("sqlite:")


def test_a_store_that_is_named_outright_has_not_the_files_of_the_job_around_it(tmp_path: Path) -> None:
    told = {
        "JUPYTER_MLOPS_WORKSPACE": str(tmp_path / "project"),
        "JUPYTER_MLOPS_STORE": "sqlite:////project/.mlops/store.db",
        "JUPYTER_MLOPS_BLOBS": "file:///project/.mlops/blobs",
    }
    with pytest.raises(Invalid, match="no place for files"):
        at(tmp_path, "sqlite:////other.db", **told)
    assert at(tmp_path, "sqlite:////project/.mlops/store.db", **told).blobs == "file:///project/.mlops/blobs"


@pytest.mark.parametrize(
    ("said", "off"),
    [("1", True), ("true", True), ("x", True), ("0", False), ("", False), ("no", False), ("false", False)],
)
def test_one_variable_turns_all_recording_off(tmp_path: Path, said: str, off: bool) -> None:
    assert at(tmp_path, JUPYTER_MLOPS_DISABLED=said).disabled is off


@pytest.mark.parametrize("text", ["store = ", "\x00", "a = 1\na = 2"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "config.toml").write_text(text)
    with pytest.raises(Invalid, match=r"config\.toml cannot be read"):
        at(tmp_path)


# --- a workspace of somebody else's ------------------------------------------------------------------------------


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace above the working folder that belongs to another account; its name."""
    (tmp_path / FOLDER).mkdir()
    import pwd  # exists where accounts have numbers

    owner = pwd.getpwuid((tmp_path / FOLDER).stat().st_uid).pw_name
    me = os.getuid() + 12_345
    monkeypatch.setattr(os, "getuid", lambda: me)
    return owner


def test_what_is_found_upward_and_not_ours_is_refused_with_its_owner(tmp_path: Path, foreign: str) -> None:
    with pytest.raises(Forbidden, match=f"belongs to {foreign}") as refusal:
        at(tmp_path)
    assert f"JUPYTER_MLOPS_ALLOWED_OWNERS={foreign}" in refusal.value.remedy
    assert refusal.value.data["owner"] == foreign


def test_it_is_used_where_it_is_named_or_its_owner_is_allowed(tmp_path: Path, foreign: str) -> None:
    assert at(tmp_path, tmp_path).root == tmp_path
    assert at(tmp_path, JUPYTER_MLOPS_ALLOWED_OWNERS=f"nobody,{foreign}").root == tmp_path
    assert read_settings(start=tmp_path, environ={}, allowed_owners=(foreign,)).root == tmp_path


def test_a_foreign_workspace_cannot_let_itself_in(tmp_path: Path, foreign: str) -> None:
    """Its own file is its owner's word: it says nothing about who is trusted here."""
    (tmp_path / FOLDER / "config.toml").write_text(f"allowed_owners = ['{foreign}']\n")
    with pytest.raises(Forbidden):
        at(tmp_path)


def test_a_foreign_file_is_not_even_read(tmp_path: Path, foreign: str) -> None:
    (tmp_path / FOLDER / "config.toml").write_text("this is no toml")
    with pytest.raises(Forbidden):
        at(tmp_path)


def test_an_account_without_a_name_is_called_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(module.getpass, "getuser", nobody)
    assert account() == f"uid-{os.getuid()}"


def test_paths_in_the_file_count_from_its_folder_and_not_from_where_somebody_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project" / ".mlops"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('journal = "../points"\nroot = "../.."\n')
    monkeypatch.chdir(tmp_path)
    found = read_settings(folder, environ={})
    assert (found.journal, found.root) == (tmp_path / "project" / "points", tmp_path)
    (folder / "config.toml").write_text(f'journal = "{tmp_path}/elsewhere"\n')
    assert read_settings(folder, environ={}).journal == tmp_path / "elsewhere"
