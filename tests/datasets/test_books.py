from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.datasets import find_datasets, get_dataset, load_data, register_dataset, register_frame
from jupyter_mlops.errors import Conflict, Forbidden, Invalid, NotFound, Untrusted
from jupyter_mlops.ledger import history
from jupyter_mlops.records.dataset import Contract
from jupyter_mlops.workspace import Workspace

CSV = "time,pm25,wind\n1,12.5,NW\n2,,SE\n3,0.1,NW\n"


@pytest.fixture
def file(ws: Workspace) -> Path:
    path = ws.settings.root / "air.csv"
    path.write_text(CSV)
    return path


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "value": rng.normal(size=40),
            "small": rng.normal(size=40).astype("float32"),
            "count": rng.integers(0, 9, 40),
            "text": rng.choice(["a", "b, c", 'say "d"'], 40),
            "flag": rng.random(40) > 0.5,
            "when": pd.date_range("2026-01-01", periods=40, freq="h"),
            "missing": [np.nan, 1.0] * 20,
        }
    )


def test_a_file_is_kept_with_digest_columns_profile_and_event(ws: Workspace, file: Path) -> None:
    kept = register_dataset(ws, "air", "air.csv", licence="CC BY 4.0")
    assert (kept.name, kept.version, kept.rows, kept.licence, kept.source) == (
        "air",
        1,
        3,
        "CC BY 4.0",
        "air.csv",
    )
    assert list(kept.columns) == ["time", "pm25", "wind"]
    assert kept.profile is not None
    assert kept.profile.columns[1].nulls == 1
    assert history(ws, "air:1")[0].data["digest"] == kept.digest
    assert get_dataset(ws, "air@v1") == kept


@pytest.mark.parametrize("reference", ["air", "air:1", "air@v1"])
def test_what_is_loaded_is_what_was_registered(ws: Workspace, file: Path, reference: str) -> None:
    register_dataset(ws, "air", str(file))
    file.unlink()
    pd.testing.assert_frame_equal(load_data(ws, reference), pd.read_csv(pd.io.common.StringIO(CSV)))


def test_the_same_content_is_kept_once_and_other_content_is_the_next_version(
    ws: Workspace, file: Path
) -> None:
    first = register_dataset(ws, "air", "air.csv")
    assert register_dataset(ws, "air", "air.csv") == first
    file.write_text(CSV + "4,1.0,SE\n")
    assert register_dataset(ws, "air", "air.csv").version == 2
    assert load_data(ws, "air").shape == (4, 3)
    assert load_data(ws, "air:1").shape == (3, 3)
    assert find_datasets(ws).total == 2
    assert find_datasets(ws, "name = 'air' and version = 1").total == 1


def test_a_frame_comes_back_with_every_type(ws: Workspace) -> None:
    given = frame()
    register_frame(ws, "mixed", given)
    pd.testing.assert_frame_equal(load_data(ws, "mixed"), given)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(odd=[object()] * len(f)),
        lambda f: f["value"],
        lambda f: [1, 2],
    ],
)
def test_a_frame_that_would_not_come_back_is_refused_instead_of_changed(ws: Workspace, change: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        register_frame(ws, "odd", change(frame()))
    assert refusal.value.remedy
    assert find_datasets(ws).total == 0


def test_a_changed_byte_is_refused(sql_ws: Workspace) -> None:
    (sql_ws.settings.root / "air.csv").write_text(CSV)
    kept = register_dataset(sql_ws, "air", "air.csv")
    place = Path(sql_ws.settings.blobs.removeprefix("file://"))
    path = next(p for p in place.rglob("*") if p.is_file() and str(kept.file)[2:] in p.name)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"12.5", b"12.6"))
    with pytest.raises(Untrusted, match="bytes were changed"):
        load_data(sql_ws, "air")


def test_a_record_turned_to_another_file_is_refused(ws: Workspace, file: Path) -> None:
    register_dataset(ws, "air", "air.csv")
    file.write_text(CSV.replace("NW", "SW"))
    other = register_dataset(ws, "other", "air.csv")
    with ws.store.write() as tx:
        tx.datasets.replace(replace(tx.datasets.get("air", 1), file=other.file))
    with pytest.raises(Untrusted, match="reads differently"):
        load_data(ws, "air")


# --- contracts ------------------------------------------------------------------------------------------------------


def test_a_contract_is_kept_and_binds_the_versions_after_it(ws: Workspace, file: Path) -> None:
    contract = Contract(columns={"pm25": "float64"}, not_null=("time",), minimum_rows=2)
    assert register_dataset(ws, "air", "air.csv", contract=contract).contract == contract
    file.write_text("time,pm25,wind\n1,low,NW\n")
    with pytest.raises(Invalid) as refusal:
        register_dataset(ws, "air", "air.csv")
    assert len(refusal.value.data["broken"]) == 2  # type: ignore[arg-type]
    file.write_text("time,wind\n,NW\n2,NW\n")
    with pytest.raises(Invalid, match="'pm25' is missing; 'time' misses 1 of 2 values"):
        register_dataset(ws, "air", "air.csv")


def test_a_contract_is_checked_again_at_every_load(ws: Workspace, file: Path) -> None:
    kept = register_dataset(ws, "air", "air.csv")
    with ws.store.write() as tx:
        tx.datasets.replace(replace(kept, contract=Contract(not_null=("pm25",))))
    with pytest.raises(Invalid, match="misses 1 of 3"):
        load_data(ws, "air")


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "a b", "../x", "latest", "é", "x" * 101, "a:b", "a@b", ".x"])
def test_names_that_could_be_mistaken_are_refused(ws: Workspace, file: Path, name: str) -> None:
    with pytest.raises(Invalid):
        register_dataset(ws, name, "air.csv")


def test_a_name_that_differs_in_capitals_only_is_refused(ws: Workspace, file: Path) -> None:
    register_dataset(ws, "air", "air.csv")
    with pytest.raises(Conflict, match="capitals only"):
        register_dataset(ws, "Air", "air.csv")


def test_what_is_not_there_is_answered_with_what_is(ws: Workspace, file: Path) -> None:
    with pytest.raises(NotFound, match="None is registered yet"):
        get_dataset(ws, "air")
    register_dataset(ws, "air", "air.csv")
    for reference, known in [("wind", "air"), ("air:7", "air:1")]:
        with pytest.raises(NotFound) as refusal:
            get_dataset(ws, reference)
        assert known in refusal.value.remedy
    with pytest.raises(Invalid):
        get_dataset(ws, "air:x")


@pytest.mark.parametrize(
    ("name", "content"), [("x.pkl", b"\x80\x04."), ("x.csv", b"\xff\xfe\x00"), ("x.csv", b"")]
)
def test_what_is_no_table_is_refused(ws: Workspace, name: str, content: bytes) -> None:
    (ws.settings.root / name).write_bytes(content)
    with pytest.raises(Invalid):
        register_dataset(ws, "air", name)


def test_a_confined_workspace_reads_nothing_outside_its_root(
    ws: Workspace, file: Path, tmp_path_factory: Any
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text(CSV)
    (ws.settings.root / "link.csv").symlink_to(outside)
    beside = ws.settings.root.parent / f"{ws.settings.root.name}-secret"
    beside.mkdir()
    (beside / "x.csv").write_text(CSV)
    confined = replace(ws, settings=replace(ws.settings, confined=True))
    for path in (
        str(outside),
        "link.csv",
        "../../etc/passwd",
        f"../{beside.name}/x.csv",
        str(beside / "x.csv"),
    ):
        with pytest.raises(Forbidden):
            register_dataset(confined, "air", path)
    assert register_dataset(confined, "air", "air.csv").version == 1
    assert register_dataset(ws, "open", str(outside)).version == 1
