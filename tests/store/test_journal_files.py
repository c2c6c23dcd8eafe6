"""Which journal files there are, whose they are, and which nobody writes any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.store.journal_files import abandoned, lock_of, numbers, remove_files, segments


def laid(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"x")


def names(paths: object) -> list[str]:
    return [path.name for path in paths]  # type: ignore[attr-defined]


def test_a_files_name_says_writer_and_segment_also_where_the_runs_own_has_dots() -> None:
    assert numbers(Path("run.0.000003.journal")) == (0, 3)
    assert numbers(Path("a.run.of.3.1073741824.000012.journal")) == (1073741824, 12)


def test_segments_come_in_the_order_they_were_written_beyond_a_million_too(tmp_path: Path) -> None:
    laid(
        tmp_path,
        "run.0.1000000.journal",
        "run.0.999999.journal",
        "run.0.000002.journal",
        "run.268435456.000000.journal",
    )
    assert names(segments(tmp_path, "run")) == [
        "run.0.000002.journal",
        "run.0.999999.journal",
        "run.0.1000000.journal",
        "run.268435456.000000.journal",
    ]


def test_a_run_whose_id_begins_like_anothers_has_only_its_own_files(tmp_path: Path) -> None:
    laid(tmp_path, "a.0.000000.journal", "a.b.0.000000.journal", "ab.0.000000.journal", "a.b.0.lock")
    assert names(segments(tmp_path, "a")) == ["a.0.000000.journal"]
    assert len(segments(tmp_path)) == 3
    remove_files(tmp_path, "a", 0)
    assert sorted(names(tmp_path.iterdir())) == ["a.b.0.000000.journal", "a.b.0.lock", "ab.0.000000.journal"]


def test_only_the_one_writers_files_are_removed_its_lock_among_them(tmp_path: Path) -> None:
    laid(tmp_path, "run.0.lock", "run.0.000000.journal", "run.0.000001.journal")
    laid(tmp_path, "run.7.lock", "run.7.000000.journal")
    remove_files(tmp_path, "run", 0)
    assert sorted(names(tmp_path.iterdir())) == ["run.7.000000.journal", "run.7.lock"]
    remove_files(tmp_path, "run", 0)  # somebody else was faster


def test_where_deleting_is_not_allowed_the_files_stay_and_nothing_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid(tmp_path, "run.0.lock", "run.0.000000.journal")

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "unlink", refused)
    remove_files(tmp_path, "run", 0)
    assert names(segments(tmp_path)) == ["run.0.000000.journal"]


def test_a_folder_that_is_not_there_or_is_none_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "none", tmp_path / "file"):
        assert segments(folder) == []
        assert list(abandoned(folder)) == []


def test_files_of_another_form_are_left_to_whose_they_are(tmp_path: Path) -> None:
    strange = ["notes.journal", "run.journal", "run.0.journal", "run.x.000000.journal", "run.0.000000.orphan"]
    laid(tmp_path, *strange, "run.0.000000.journal")
    assert names(segments(tmp_path)) == ["run.0.000000.journal"]
    ((owner, writer, paths),) = abandoned(tmp_path)
    assert (owner, writer, names(paths)) == ("run", 0, ["run.0.000000.journal"])
    assert set(strange) <= set(names(tmp_path.iterdir()))


def test_a_writer_that_lives_is_passed_over_and_those_beside_it_are_found(tmp_path: Path) -> None:
    laid(
        tmp_path,
        "run.0.000000.journal",
        "run.5.000000.journal",
        "run.5.000001.journal",
        "other.0.000000.journal",
    )
    lock = lock_of(tmp_path, "run", 0)
    found = [(owner, writer, len(paths)) for owner, writer, paths in abandoned(tmp_path)]
    assert found == [("other", 0, 1), ("run", 5, 2)]
    lock.release()
    assert len(list(abandoned(tmp_path))) == 3


def test_while_one_opener_folds_a_second_finds_nothing_and_afterwards_all(tmp_path: Path) -> None:
    laid(tmp_path, "run.0.000000.journal")
    for _ in abandoned(tmp_path):
        assert list(abandoned(tmp_path)) == []
    assert len(list(abandoned(tmp_path))) == 1


def test_an_opener_that_breaks_off_lets_the_lock_go(tmp_path: Path) -> None:
    laid(tmp_path, "run.0.000000.journal")
    going = abandoned(tmp_path)
    next(going)
    going.close()
    assert len(list(abandoned(tmp_path))) == 1


def test_what_another_opener_has_folded_meanwhile_is_no_longer_given_out(tmp_path: Path) -> None:
    laid(tmp_path, "a.0.000000.journal", "b.0.000000.journal", "b.0.000001.journal")
    going = abandoned(tmp_path)
    assert next(going)[0] == "a"
    (tmp_path / "b.0.000000.journal").unlink()
    owner, _, paths = next(going)
    assert (owner, names(paths)) == ("b", ["b.0.000001.journal"])
    going.close()
