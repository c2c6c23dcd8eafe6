"""Each dependency stands in docs/architecture.md with the reason it is worth having, and nothing else does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_NAME = re.compile(r"[\w.-]+")
FOR_THE_HOUSE = frozenset({"test"})  # extras whose packages are told as a whole


def names(requirements: list[str]) -> set[str]:
    found = {match[0].lower() for line in requirements if (match := _NAME.match(line))}
    return found - {"jupyter-mlops"}


def told() -> dict[str, tuple[str | None, str]]:
    """Return each package of the table, and each extra as ``extra NAME``: the extra it belongs to, and the reason."""
    page = (HOUSE / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.split("## Dependencies, each with its reason")[1].split("\n## ")[0]
    found: dict[str, tuple[str | None, str]] = {}
    for line in table.splitlines():
        if not line.startswith("| ") or line.startswith("| package"):
            continue
        first, reason, _ = (cell.strip() for cell in line.strip("|").split("|"))
        extra, _, packages = first.rpartition(":")
        if first.startswith("extra") and not extra:
            extra, packages = first, ""
        extra_name = extra.removeprefix("extra").strip(" `") or None
        if extra_name:
            found[f"extra {extra_name}"] = (extra_name, reason)
        for package in re.findall(r"`([^`]+)`", packages):
            found[package.lower()] = (extra_name, reason)
    return found


def test_every_package_that_is_installed_with_us_has_its_reason():
    table = told()
    required = names(PROJECT["dependencies"])
    assert required == {name for name, (extra, _) in table.items() if extra is None}
    assert [name for name, (_, reason) in table.items() if len(reason) < 10] == []


@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_every_extra_has_its_reason(extra):
    table = told()
    assert f"extra {extra}" in table
    if extra not in FOR_THE_HOUSE:
        packages = names(PROJECT["optional-dependencies"][extra])
        assert packages == {
            name for name, (of, _) in table.items() if of == extra and not name.startswith("extra ")
        }
