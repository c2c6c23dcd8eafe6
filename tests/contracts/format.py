"""What every format must do. A format's own tests subclass this and give it a model to store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlops import formats
from jupyter_mlops.errors import MlopsError, Untrusted
from jupyter_mlops.records.model import Manifest, ModelFile


def manifest_of(saved: formats.Saved) -> Manifest:
    return Manifest(
        format=saved.format,
        kind=saved.kind,
        files=formats.files_of(saved),
        types=saved.types,
        requirements=saved.requirements,
    )


class FormatContract:
    """Subclass with ``name`` and ``model()``."""

    name: str

    def model(self) -> Any:
        raise NotImplementedError

    def saved(self) -> formats.Saved:
        return formats.save(self.model())

    def test_the_natural_format_of_the_model_is_this_one(self) -> None:
        assert self.saved().format == self.name
        assert formats.named(self.name).accepts(self.model())

    def test_equal_models_give_equal_bytes(self) -> None:
        assert dict(formats.save(self.model()).files) == dict(formats.save(self.model()).files)

    def test_one_changed_byte_is_refused_before_anything_is_built(self) -> None:
        saved = self.saved()
        ((path, content),) = saved.files.items()
        damaged = bytearray(content)
        damaged[len(damaged) // 2] ^= 1
        with pytest.raises(Untrusted, match="digest"):
            formats.load(manifest_of(saved), {path: bytes(damaged)}.__getitem__)

    def test_another_declared_format_is_refused(self) -> None:
        saved = self.saved()
        other = "onnx" if self.name == "skops" else "skops"
        with pytest.raises(Untrusted, match=f"declared as {other}"):
            formats.load(replace(manifest_of(saved), format=other), saved.files.__getitem__)

    @pytest.mark.parametrize(
        "path",
        ["../outside", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "http://x/y", "x\n", "", ".", "./a"],
    )
    def test_a_path_that_leaves_the_model_is_never_opened(self, path: str) -> None:
        saved = self.saved()
        opened: list[str] = []
        manifest = replace(manifest_of(saved), files=(ModelFile(path=path, digest="0" * 64, size=1),))
        with pytest.raises(Untrusted, match="only distinct paths inside the model"):
            formats.load(manifest, lambda p: opened.append(p) or b"")  # type: ignore[func-returns-value]
        assert opened == []

    def test_a_cut_off_file_with_a_fitting_digest_is_refused_in_words(self) -> None:
        saved = self.saved()
        ((path, content),) = saved.files.items()
        cut = replace(saved, files={path: content[: len(content) // 2]})
        with pytest.raises(MlopsError) as refusal:
            formats.load(manifest_of(cut), cut.files.__getitem__)
        assert refusal.value.remedy

    def test_a_second_file_is_refused(self) -> None:
        saved = self.saved()
        ((path, content),) = saved.files.items()
        two = replace(saved, files={path: content, f"more-{path}": content})
        with pytest.raises(Untrusted, match="one file"):
            formats.load(manifest_of(two), two.files.__getitem__)
