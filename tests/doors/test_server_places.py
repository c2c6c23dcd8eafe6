"""REST: which workspace a request is about; none reaches outside the root."""

import json
from pathlib import Path

import pytest

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.actor import Door
from jupyter_mlops.server.places import Places, folder_of
from jupyter_mlops.tracking import start_run
from jupyter_mlops.workspace import open_workspace

pytest_plugins = ["pytest_jupyter.jupyter_server"]


async def test_looking_makes_no_workspace(ask, jp_root_dir):
    status, page = await ask("GET", "runs")

    assert (status, page["items"], page["total"], page["kind"]) == (200, [], 0, "Run")
    assert list(jp_root_dir.iterdir()) == []


async def test_the_workspace_of_the_root_is_read(ask, project):
    _, page = await ask("GET", "runs", query="experiment = 'air'")

    assert [run["id"] for run in page["items"]] == [project.id]


async def test_the_notebooks_own_workspace_is_found_from_its_path(ask, project, jp_root_dir):
    inner = open_workspace(jp_root_dir / "team", environ={})
    start_run(inner, name="inner")
    inner.store.close()
    (jp_root_dir / "team" / "notebooks").mkdir()

    _, page = await ask("GET", "runs", path="team/notebooks/train.ipynb")
    _, state = await ask("GET", "workspace", path="team/notebooks/train.ipynb")

    assert [run["name"] for run in page["items"]] == ["inner"]
    assert Path(state["folder"]) == jp_root_dir / "team" / ".mlops"


CLIMBING = [
    "../x.ipynb",
    "a/../../x",
    "/etc/passwd",
    "C:/x",
    "C:x",
    "..\\x",
    "\\\\host\\s",
    "a\x00b",
    "a\nb",
    "~/x",
    "~root/x",
]


@pytest.mark.parametrize("path", CLIMBING)
async def test_a_path_that_climbs_is_refused(ask, project, path):
    status, said = await ask("GET", "runs", path=path)

    assert (status, said["code"]) == (400, "invalid")


@pytest.mark.parametrize("path", ["%2e%2e%2fx", "%252e%252e%252fx", "$HOME/x", "{x}", "CON", "a.", "a "])
async def test_an_odd_path_is_only_a_name_below_the_root(ask, project, path):
    status, page = await ask("GET", "runs", path=path)

    assert (status, page["total"]) == (200, 1)


async def test_a_link_that_leads_out_is_refused(ask, project, jp_root_dir, tmp_path):
    outside = tmp_path / "outside"
    open_workspace(outside, environ={}).store.close()
    (jp_root_dir / "link").symlink_to(outside)

    status, said = await ask("GET", "runs", path="link/x.ipynb")

    assert (status, said["code"]) == (403, "forbidden")


def test_a_folder_is_found_for_a_folder_too(tmp_path):
    (tmp_path / "a").mkdir()

    assert folder_of(tmp_path, "a") == tmp_path / "a"
    assert folder_of(tmp_path, "a/x.ipynb") == tmp_path / "a"


async def test_jobs_may_not_read_or_write_outside_the_root(ask, project, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text("{}", encoding="utf-8")
    before = sorted(p.name for p in tmp_path.iterdir())

    for notebook in (str(secret), "../secret.ipynb"):
        status, said = await ask("POST", "jobs", body=json.dumps({"notebook": notebook}))
        assert status in {400, 403, 404}
        assert "secret" not in json.dumps(said["data"]) or status == 403
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_workspace_that_was_deleted_and_made_anew_is_opened_anew(tmp_path):
    import shutil

    open_workspace(tmp_path, environ={}).store.close()
    places = Places(tmp_path)
    first = places.at("", write=True)
    start_run(first, name="old")
    shutil.rmtree(tmp_path / ".mlops")
    (tmp_path / "in-its-place").mkdir()  # so that the new folder cannot get the old one's number
    assert places.at("", write=False).settings.store == "memory://"

    second = places.at("", write=True)

    with second.store.read() as tx:
        from jupyter_mlops.records.query import Query

        assert tx.runs.find(Query()).total == 0
    places.close()


def test_the_server_speaks_through_its_own_door(tmp_path):
    open_workspace(tmp_path, environ={}).store.close()

    places = Places(tmp_path)
    ws = places.at("", write=False)

    assert ws.actor.via is Door.SERVER
    assert ws.settings.confined
    places.close()


def test_a_named_workspace_that_is_not_there_is_refused_as_in_the_shell(tmp_path):
    places = Places(tmp_path, str(tmp_path / "a" / "b"))

    for write in (False, True):
        with pytest.raises(NotFound, match="there is no workspace at"):
            places.at("", write=write)
    assert list(tmp_path.iterdir()) == []
