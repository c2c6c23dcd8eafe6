from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops import formats
from jupyter_mlops.errors import Invalid, Untrusted
from jupyter_mlops.records.model import Manifest
from tests.contracts.format import manifest_of
from tests.formats.malicious import joblibbed, object_array, pickled


def contents(canary: Path) -> dict[str, bytes]:
    import cloudpickle

    def ring() -> None:
        canary.touch()

    found = {f"pickle {n}": pickled(canary, n) for n in range(6)}
    found |= {
        f"joblib {c}": joblibbed(canary, c) for c in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3))
    }
    found["cloudpickle"] = cloudpickle.dumps(ring)
    found["gzip of a pickle"] = gzip.compress(pickled(canary))
    found["object array"] = object_array(canary)
    found["hdf5"] = b"\x89HDF\r\n\x1a\n" + b"\x00" * 64
    found["yaml with a tag"] = b"!!python/object/apply:os.system ['touch x']"
    return found


@pytest.mark.parametrize("declared", formats.FORMATS)
@pytest.mark.parametrize("name", list(contents(Path("unused"))))
def test_executable_content_is_refused_under_every_declared_format(
    name: str, declared: str, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    saved = formats.Saved(format=declared, kind="x", files={"model.skops": contents(canary)[name]})
    with pytest.raises(Untrusted) as refusal:
        formats.load(manifest_of(saved), saved.files.__getitem__, trust=["builtins.object"])
    assert refusal.value.remedy
    assert not canary.exists()


@pytest.mark.parametrize("declared", ["joblib", "pickle", "cloudpickle"])
def test_nothing_is_saved_with_pickle_even_when_asked_for(declared: str) -> None:
    from sklearn.linear_model import Ridge

    with pytest.raises(Untrusted, match="runs whatever code") as refusal:
        formats.save(Ridge(), format=declared)
    assert "run.log_model(model)" in refusal.value.remedy


def test_bytes_of_a_pickle_are_no_model_to_log(tmp_path: Path) -> None:
    with pytest.raises(Untrusted, match="pickle"):
        formats.save(pickled(tmp_path / "canary"))


def test_an_unknown_format_is_named_with_those_there_are() -> None:
    with pytest.raises(Invalid, match="no format 'h5'") as refusal:
        formats.save(object(), format="h5")
    assert "skops" in refusal.value.remedy


def test_the_refusal_imports_no_reader_of_the_pickle_family(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(pickled(tmp_path / "canary"))
    code = """
import sys, hashlib
from jupyter_mlops import formats
from jupyter_mlops.records.model import Manifest, ModelFile
content = open(sys.argv[1], "rb").read()
file = ModelFile(path="model.skops", digest=hashlib.sha256(content).hexdigest(), size=len(content))
try:
    formats.load(Manifest(format="skops", kind="x", files=(file,)), lambda path: content)
except PermissionError:
    print(sorted({"joblib", "cloudpickle", "dill", "torch", "sklearn"} & set(sys.modules)))
"""
    out = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model")], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"
    assert not (tmp_path / "canary").exists()


def test_a_model_without_files_is_refused() -> None:
    with pytest.raises(Untrusted, match="0 files"):
        formats.load(Manifest(format="skops", kind="x", files=()), lambda path: b"")
