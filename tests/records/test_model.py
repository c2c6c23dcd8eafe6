"""Models, their versions, and the names that move between them."""

from __future__ import annotations

from contracts.records import RecordContract
from contracts.samples import alias, version

from jupyter_mlops.records import model
from jupyter_mlops.registry.names import Reference, read_reference


class TestRecords(RecordContract):
    module = model
    required = {
        "SignatureColumn": "name dtype",
        "Signature": "",
        "ModelFile": "path digest size",
        "Manifest": "format kind files",
        "Model": "name created actor",
        "ModelVersion": "model version digest format kind size created actor",
        "Alias": "model name version moved actor",
    }


def test_a_reference_is_read_back_as_what_it_was_taken_from() -> None:
    assert read_reference(version("churn-eu.2", 7).reference) == Reference(model="churn-eu.2", version=7)
    assert read_reference(alias("churn-eu.2", "challenger").reference) == Reference(
        model="churn-eu.2", alias="challenger"
    )
