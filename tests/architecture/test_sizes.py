"""A module is something one can read at a sitting."""

from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "jupyter_mlops"
LIMIT = 400
FRONT = Path(__file__).parents[2] / "labextension"
MODULES = sorted(p for p in HOUSE.rglob("*.py") if "_labextension" not in p.parts)


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_a_module_has_at_most_400_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LIMIT


@pytest.mark.parametrize(
    "module",
    sorted(p for p in (FRONT / "src").rglob("*.ts") if p.name != "wire.ts"),
    ids=lambda p: p.relative_to(FRONT).as_posix(),
)
def test_a_module_of_the_front_end_has_at_most_400_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LIMIT


def test_no_file_promises_to_be_finished_later():
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    found = [
        f"{path.relative_to(HOUSE)}: {mark}"
        for path in MODULES
        for mark in marks
        if mark in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_domain_packages_only_hand_their_verbs_on():
    import ast

    books = [
        "tracking",
        "registry",
        "datasets",
        "ledger",
        "jobs",
        "review",
        "serving",
        "monitoring",
        "automation",
        "releases",
        "reports",
        "transfer",
    ]  # fmt: skip
    acting = []
    for name in books:
        tree = ast.parse((HOUSE / name / "__init__.py").read_text(encoding="utf-8"))
        acting += [
            f"{name}/__init__.py:{node.lineno}"
            for node in tree.body
            if not isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr))
            and not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        ]

    assert acting == []
