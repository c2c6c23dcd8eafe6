"""What a work tree has beyond its commit, as a patch that git itself applies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_mlops.capture import uncommitted as module
from jupyter_mlops.capture.uncommitted import _looked_at, _Part, patch_sentences, uncommitted
from tests.repositories import committed, git

BEFORE = {
    "train.py": "x = 1\n" * 5,
    "pkg/deep.py": "y = 1\n",
    "staged.yaml": "rate: 1\n",
    "gone.py": "z = 1\n",
    "ends.txt": "no newline at the end",
    "windows.txt": "a\r\nb\r\n",
    "with space.txt": "a\n",
    "ünïcode.txt": "a\n",
    "latin.txt": b"caf\xe9\n",
    "notebooks/in.ipynb": "{}\n",
    "logo.bin": b"\0\1",
}


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    write(folder, BEFORE)
    write(folder, {".gitignore": "ignored.py\n"})
    return folder, committed(folder)


@pytest.fixture
def imports(monkeypatch):
    def having(path: Path) -> None:
        made = ModuleType(path.stem)
        made.__file__ = str(path)
        monkeypatch.setitem(sys.modules, f"tests_uncommitted_{path.stem}", made)

    return having


def applied(folder: Path, commit: str, patch: bytes) -> Path:
    """Return a fresh checkout of *commit* with the patch applied."""
    fresh = folder.parent / "fresh"
    git(folder.parent, "clone", "-q", str(folder), str(fresh))
    git(fresh, "checkout", "-q", commit)
    (folder.parent / "it.patch").write_bytes(patch)
    git(fresh, "apply", "--whitespace=nowarn", "../it.patch")
    return fresh


@pytest.mark.parametrize("odd", [False, True], ids=["as it comes", "with strange settings"])
def test_applied_to_a_fresh_checkout_it_brings_back_every_text(tree, imports, odd):
    folder, commit = tree
    if odd:
        for name, value in (
            ("diff.noprefix", "true"),
            ("diff.mnemonicPrefix", "true"),
            ("color.ui", "always"),
            ("diff.external", "false"),
            ("diff.relative", "true"),
            ("diff.renames", "copies"),
        ):
            git(folder, "config", name, value)
    after: dict[str, str | bytes] = {
        "train.py": "x = 2\n" + "x = 1\n" * 5,
        "pkg/deep.py": "y = 2",
        "staged.yaml": "rate: 2\n",
        "ends.txt": "no newline at the end, still",
        "windows.txt": "a\r\nc\r\n",
        "with space.txt": "b\n",
        "ünïcode.txt": "b\n",
        "latin.txt": b"th\xe9\n",
        "added.txt": "staged, and new\n",
        "pkg/new one.py": "w = 1\n\nw = 2",
        "pkg/nöu.py": "w = 3\n",
        "pkg/empty.py": "",
    }
    write(folder, after)
    (folder / "gone.py").rename(folder / "moved.py")
    git(folder, "add", "staged.yaml", "added.txt", "moved.py", "gone.py")
    write(folder, {"notebooks/in.ipynb": "{1}\n", "logo.bin": b"\0\2", "unknown.txt": "not imported\n"})
    write(folder, {"ignored.py": "TOKEN = 1\n"})
    for name in ("pkg/new one.py", "pkg/nöu.py", "pkg/empty.py", "ignored.py", "train.py"):
        imports(folder / name)
    patch = uncommitted(folder / "pkg" / "..", commit)
    assert patch_sentences(patch) == ("logo.bin not in it: binary",)
    fresh = applied(folder, commit, patch)
    for name in (*after, "moved.py"):
        assert (fresh / name).read_bytes() == (folder / name).read_bytes(), name
    assert not (fresh / "gone.py").exists()
    assert (fresh / "notebooks" / "in.ipynb").read_text() == "{}\n"
    assert b"unknown.txt" not in patch
    assert b"ignored.py" not in patch


def test_of_a_folder_in_the_repository_the_whole_of_it_is_told(tree, imports):
    folder, commit = tree
    write(folder, {"train.py": "x = 2\n", "pkg/new.py": "w = 1\n", "outside.py": "v = 1\n"})
    imports(folder / "pkg" / "new.py")
    imports(folder / "outside.py")  # of another project
    fresh = applied(folder, commit, uncommitted(folder / "pkg", commit))
    assert (fresh / "train.py").read_text() == "x = 2\n"
    assert (fresh / "pkg" / "new.py").read_text() == "w = 1\n"
    assert not (fresh / "outside.py").exists()


def test_where_nothing_was_changed_but_a_notebook_there_is_none(tree):
    folder, commit = tree
    assert uncommitted(folder, commit) is None
    write(folder, {"notebooks/in.ipynb": "{1}\n", "unknown.txt": ""})
    assert uncommitted(folder, commit) is None


def test_secrets_are_masked_and_the_patch_says_so(tree):
    folder, commit = tree
    write(folder, {"train.py": 'password = "hunter2"\ntoken = next(tokens)\n'})
    write(folder, {"staged.yaml": "api_key: hunter3\nrate: 2\n"})
    patch = uncommitted(folder, commit)
    assert b"hunter" not in patch
    assert b'+password = "***"\n+token = next(tokens)\n' in patch
    assert b"+api_key: ***\n+rate: 2\n" in patch
    (said,) = patch_sentences(patch)
    assert said.startswith(
        "secrets were left out where *** stands, so staged.yaml, train.py cannot be applied"
    )


def test_what_is_too_large_or_no_text_is_named_and_the_rest_is_kept(tree, monkeypatch):
    folder, commit = tree
    write(folder, {"a_large.txt": "number 1\n" * 100_000, "flat.json": "1, " * 1000, "train.py": "x = 2\n"})
    write(folder, {"svg.txt": "1.5-" * 30, "ends.txt": "b\n" * 200})
    git(folder, "add", "-A")
    patch = uncommitted(folder, commit)
    assert set(patch_sentences(patch)) == {
        "a_large.txt not in it: too large",
        "flat.json, svg.txt not in it: no text",
    }
    assert (applied(folder, commit, patch) / "ends.txt").read_text() == "b\n" * 200
    module._patch.cache_clear()
    monkeypatch.setattr(module, "_LARGEST", 500)
    patch = uncommitted(folder, commit)
    assert b"+x = 2\n" in patch
    assert "a_large.txt, ends.txt not in it: too large" in patch_sentences(patch)


def test_a_change_too_large_to_be_read_whole_does_not_take_the_rest_with_it(tree, monkeypatch):
    folder, commit = tree
    write(folder, {"ends.txt": "b\n", "train.py": "x = 2\n" * 1000})
    monkeypatch.setattr(module, "_READ", 1000)
    module._patch.cache_clear()
    patch = uncommitted(folder, commit)
    assert b"+b\n" in patch
    assert b"x = 2" not in patch
    assert patch_sentences(patch) == ("what git told behind the first megabytes is not in it",)


def test_where_git_does_not_answer_that_is_said(tree, monkeypatch):
    folder, commit = tree
    monkeypatch.setenv("PATH", str(folder))
    assert patch_sentences(uncommitted(folder, commit)) == ("git did not tell them in time",)


def test_looking_changes_nothing_in_the_repository(tree, imports):
    folder, commit = tree
    write(folder, {"train.py": "x = 2\n", "pkg/new.py": "w = 1\n"})
    imports(folder / "pkg" / "new.py")

    def state() -> dict[str, tuple[int, int]]:
        files = sorted(path for path in (folder / ".git").rglob("*") if path.is_file())
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    before = state()
    assert uncommitted(folder, commit)
    assert state() == before
    assert subprocess.run(["git", "diff", "--cached", "--quiet"], cwd=folder, check=False).returncode == 0


@pytest.mark.parametrize(
    "name", [".env", "conf/.env.local", "server.pem", "keys/id_rsa", "aws-credentials.json", ".netrc"]
)
def test_files_that_hold_secrets_by_their_name_are_left_out_and_named(name):
    part = _looked_at(_Part(name, b"diff --git a/x b/x\n+hunter2\n"))
    assert (part.text, part.left_out) == (b"", "not in it: such files hold secrets")


@pytest.mark.parametrize(
    "line",
    [
        "+db_pass: hunter2",
        "+PASS=hunter2",
        "+Server=h;User Id=u;Password=hunter2",
        "+url: http://h/?token=hunter2&x=1",
    ],
)
def test_a_secret_is_masked_however_the_line_is_written(line):
    part = _looked_at(_Part("app.conf", f"diff --git a/x b/x\n{line}\n".encode()))
    assert part.masked
    assert b"hunter2" not in part.text
    assert b"***" in part.text


def test_a_secret_in_the_lines_below_its_name_leaves_the_file_out():
    part = _looked_at(_Part("app.yaml", b"diff --git a/x b/x\n+password: |\n+  hunter2\n"))
    assert part.left_out == "not in it: a secret in a text of several lines"


def test_words_that_only_look_like_one_stay():
    text = b"diff --git a/x b/x\n+compass: north\n+bypass: 1\n+passes: 3\n"
    assert _looked_at(_Part("app.yaml", text)).text == text


def test_a_private_key_that_was_removed_is_masked_too():
    lines = ["-----BEGIN RSA PRIVATE KEY-----", "MIIE" + "hunter2" * 8, "-----END RSA PRIVATE KEY-----"]
    removed = "".join(f"-{line}\n" for line in lines)
    part = _looked_at(_Part("notes.txt", f"diff --git a/x b/x\n{removed}".encode()))
    assert part.masked
    assert b"hunter2" not in part.text


@pytest.mark.parametrize(
    "line",
    [
        '+conn = "host=h password=hunter2 dbname=d"',
        '+token = ("a"\n+         "hunter2")',
        "+u = 'http://h?token=hunter2'",
    ],
)
def test_in_a_program_a_secret_within_a_text_is_masked(line):
    part = _looked_at(_Part("app.py", f"diff --git a/x b/x\n{line}\n".encode()))
    assert part.masked
    assert b"hunter2" not in part.text


def test_in_a_file_of_settings_account_keys_are_masked_as_well():
    assert b"hunter2" not in _looked_at(_Part("a.yaml", b"diff --git a/x b/x\n+account_key: hunter2\n")).text
