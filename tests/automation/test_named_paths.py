"""The files that a path or a pattern in a pipeline's file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.automation.named_paths import paths_named
from jupyter_mlops.errors import Forbidden


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a file in a folder, and one beside the project."""
    folder = tmp_path / "project"
    (folder / "raw").mkdir(parents=True)
    (folder / "raw" / "a.csv").write_text("1")
    (tmp_path / "secret.csv").write_text("1")
    return folder


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("raw/a.csv", ["a.csv"]),
        ("raw/../raw/*.csv", ["a.csv"]),
        ("**/*.csv", ["a.csv"]),
        ("raw", ["raw"]),
        ("raw/none.csv", []),
        ("a\x00b", []),
    ],
)
def test_what_lies_in_the_project_is_found_also_where_the_workspace_is_confined(
    project: Path, pattern: str, names: list[str]
) -> None:
    for within in (None, project.resolve()):
        assert [path.name for path in paths_named(project, pattern, within)] == names


@pytest.mark.parametrize("name", ["secret.csv", "none.csv"])
@pytest.mark.parametrize(
    "pattern", ["../{}", "raw/../../{}", "../*/../{}", "raw/**/../../{}", "link/{}", "link/{}*"]
)
def test_what_lies_outside_is_refused_in_the_same_words_whether_or_not_it_is_there(
    project: Path, pattern: str, name: str
) -> None:
    (project / "link").symlink_to(project.parent, target_is_directory=True)
    said = pattern.format(name)
    assert bool(list(paths_named(project, said, None))) is (name == "secret.csv")
    with pytest.raises(Forbidden, match="lies outside the project's folder"):
        list(paths_named(project, said, project.resolve()))


def test_an_absolute_path_is_refused_outside_and_taken_inside(project: Path) -> None:
    inside = str(project / "raw" / "a.csv")
    assert list(paths_named(project, inside, project.resolve())) == [Path(inside)]
    for outside in ("secret.csv", "none.csv", "*.csv"):
        with pytest.raises(Forbidden):
            list(paths_named(project, str(project.parent / outside), project.resolve()))
    assert list(paths_named(project, str(project.parent / "none.csv"), None)) == []


def test_a_link_that_a_wildcard_meets_is_followed_before_it_is_read(project: Path) -> None:
    (project / "raw" / "b.csv").symlink_to(project.parent / "secret.csv")
    assert len(list(paths_named(project, "raw/*.csv", None))) == 2
    with pytest.raises(Forbidden):
        list(paths_named(project, "raw/*.csv", project.resolve()))
