"""Two people at two machines, one PostgreSQL and one object store: what docs/sharing.md says, typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from store.sql.postgres import execute, server
from store.swift import KEY, SECRET, make_bucket, s3

from journeys.installed import HOUSE, Said, Terminal

pytestmark = pytest.mark.kernel
PAGE = (HOUSE / "docs" / "sharing.md").read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in PAGE.splitlines() if line.startswith("    jupyter mlops ")]
NOTEBOOK = (
    "# %% [parameters]\nalpha: float = 1.0",
    "%load_ext jupyter_mlops\nimport pandas as pd\nfrom sklearn.linear_model import Ridge\nfrom sklearn.metrics import r2_score",
    (
        "%%track fit\n"
        "data = pd.DataFrame({'a': range(40), 'b': [n * n % 7 for n in range(40)]})\n"
        "model = Ridge(alpha=alpha).fit(data, 2 * data.a + data.b)\n"
        "run.log_metric('r2', r2_score(2 * data.a + data.b, model.predict(data)))"
    ),
)
LOAD = "python -c 'import jupyter_mlops as mlops; print(type(mlops.load_model(\"line@champion\")).__name__)'"


@pytest.fixture(scope="module")
def shared() -> Iterator[dict[str, str]]:
    """What each of them has in the environment."""
    with server() as address, s3() as endpoint:
        execute(address.format("postgres"), "CREATE DATABASE mlops")
        make_bucket(endpoint, "ours")
        yield {
            "JUPYTER_MLOPS_STORE": address.format("mlops"),
            "JUPYTER_MLOPS_BLOBS": "s3://ours/mlops",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }


def person(name: str, folder: Path, bin_: Path, shared: dict[str, str]) -> Terminal:
    """Somebody with a project of the same name on a machine of their own."""
    place = folder / name / "project"
    place.mkdir(parents=True)
    (place / "pyproject.toml").write_text("")
    prompt = Terminal(place, bin_)
    prompt.environment.update(shared, LOGNAME=name, HOME=str(folder / name))
    return prompt


class Reader:
    """Types the page's commands in their order, with ids of its own for those of the page."""

    def __init__(self) -> None:
        self.left = list(COMMANDS)
        self.ids: dict[str, str] = {}

    def types(self, prompt: Terminal, begins: str, *, more: str = "", code: int = 0) -> Said:
        line = self.left.pop(0)
        assert line.startswith(begins), line
        for told, own in self.ids.items():
            line = line.replace(told, own)
        return prompt.type(line + more, code=code)


def test_one_trains_another_decides_and_both_load_it(
    tmp_path: Path, bin_: Path, shared: dict[str, str]
) -> None:
    ana, bo = (person(name, tmp_path, bin_, shared) for name in ("ana", "bo"))
    cells = [nbformat.v4.new_code_cell(source) for source in NOTEBOOK]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), ana.folder / "train.ipynb")
    reader = Reader()
    reader.types(ana, "jupyter mlops upgrade")
    reader.types(ana, "jupyter mlops doctor")
    reader.types(ana, "jupyter mlops policy set line")

    report = json.loads(reader.types(ana, "jupyter mlops run", more=" --json").out)

    assert (report["status"], report["grade"], report["version"]) == ("succeeded", "clean", 1)
    (found,) = json.loads(reader.types(bo, "jupyter mlops runs", more=" --json").out)["items"]
    assert (found["params"]["alpha"], found["metrics"]["r2"]) == (0.5, pytest.approx(1, abs=0.01))
    reader.ids |= {"a3f91c": found["id"][-6:], "c4d81f": report["review"][-6:]}
    assert "Ridge(alpha=alpha)" in reader.types(bo, "jupyter mlops slice").out
    assert "No champion yet" in reader.types(bo, "jupyter mlops review show").out
    refused = ana.type(f"jupyter mlops review decide {report['review']} approve", code=3)
    assert "lets nobody approve their own" in refused.err
    decided = json.loads(reader.types(bo, "jupyter mlops review decide", more=" --json").out)
    assert decided["status"] == "approved"
    assert reader.left == []
    for each in (ana, bo):
        assert each.type(LOAD).out.strip() == "Ridge"
        verified = json.loads(each.type("jupyter mlops verify --json").out)
        assert (verified["ok"], verified["reviews"]) == (True, 1)
    assert not (bo.folder / ".mlops" / "store.db").exists()
    assert not (ana.folder / ".mlops" / "blobs").exists()


def test_what_lay_in_a_folder_moves_in(tmp_path: Path, bin_: Path, shared: dict[str, str]) -> None:
    cleo = person("cleo", tmp_path, bin_, {})
    track = "import jupyter_mlops as m; r = m.track('old').__enter__(); r.log_metric('mae', 4.0)"
    cleo.type(f'python -c "{track}"')
    cleo.type("jupyter mlops export team.zip")
    cleo.environment.update(shared)
    cleo.type("jupyter mlops upgrade")
    cleo.type("jupyter mlops import team.zip")
    (moved,) = json.loads(cleo.type("jupyter mlops runs \"name = 'old'\" --json").out)["items"]
    assert moved["metrics"]["mae"] == 4.0
    assert json.loads(cleo.type("jupyter mlops verify --json").out)["ok"]
