"""What stands beside a run: a model in the words of one line, and nothing where nothing is known."""

from __future__ import annotations

from jupyter_mlops.records.beside import KeptModel, RunBeside
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.comparison import MetricRow
from jupyter_mlops.records.model import Manifest, ModelFile, Signature, SignatureColumn

MANIFEST = Manifest(
    format="skops",
    kind="sklearn.linear_model.Ridge",
    files=(ModelFile(path="a", digest="d", size=1500), ModelFile(path="b", digest="d", size=500)),
    signature=Signature(inputs=(SignatureColumn(name="TEMP", dtype="float64"),)),
)


def test_a_model_comes_to_its_format_the_weight_of_all_its_files_and_the_columns_it_takes() -> None:
    assert KeptModel.of("small", MANIFEST) == KeptModel(
        name="small", format="skops", kind="sklearn.linear_model.Ridge", size=2000, columns=1
    )


def test_it_comes_back_from_the_wire_as_it_went_also_where_hardly_anything_is_known() -> None:
    row = MetricRow(name="mae", values=(None, 41.2))
    full = RunBeside(run="r", before="b", metrics=(row,), counts=(2, None), failed=2, steps=9, models=(KeptModel.of("m", MANIFEST),))  # fmt: skip

    for told in (full, RunBeside(run="r")):
        assert decode(RunBeside, encode(told)) == told
