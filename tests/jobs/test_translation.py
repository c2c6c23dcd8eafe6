"""Values in other languages: no name and no text acts, and what cannot be written is refused before anything starts."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.translators import papermill_translators

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import submit_job
from jupyter_mlops.jobs.translation import Language, check_translated, language_called, translated
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.parameter import Unread
from jupyter_mlops.records.run import Grade
from tests.jobs.running import executed, install_kernel, run, run_of, text_of

R, JULIA, BASH = (
    language_called("ir", "r"),
    language_called("julia-1.10", "julia"),
    language_called("bash", "bash"),
)
POWERSHELL = language_called(".net-powershell", "PowerShell")
HOSTILE = [
    '"); system("touch mark"); ("',
    "$(touch mark)",
    "`touch mark`",
    "$(run(`touch mark`))",
    "${PATH}",
    "\\",
    '\\"',
    "'; touch mark; '",
    "\u2019; touch mark; \u2019",
    "a\nb = 1\n# c",
    "é \u2028 \U0001f600",
]


def written(language: Language, value: object) -> str:
    ready = check_translated(language, "value = 0\nvalue=0", {"value": value})
    (_, line) = translated(language, ready).split("\n", 1)
    return line


@pytest.mark.parametrize(
    ("language", "value", "line"),
    [
        (R, None, "value = NULL"),
        (R, True, "value = TRUE"),
        (R, 2.5, "value = 2.5"),
        (R, -math.inf, None),
        (R, [1, "a"], 'value = list(1, "a")'),
        (R, {"a": [False]}, 'value = list("a" = list(FALSE))'),
        (R, 'a"b\\c\n', 'value = "a\\"b\\\\c\\U{a}"'),
        (R, "é1", 'value = "\\U{e9}1"'),
        (JULIA, None, "value = nothing"),
        (JULIA, {"a": [1, True]}, 'value = Dict("a" => [1, true])'),
        (JULIA, "$(run(`rm`)) $x", 'value = "\\$(run(`rm`)) \\$x"'),
        (JULIA, "é1", 'value = "\\U000000e91"'),
        (POWERSHELL, "it's $(x) \u2019", "$value = 'it''s $(x) \u2019\u2019'"),
        (BASH, "it's", "value='it'\"'\"'s'"),
        (BASH, ["a b", 1], "value=('a b' 1)"),
    ],
    ids=lambda value: value.name if isinstance(value, Language) else "",
)
def test_values_are_written_by_the_rules_of_the_language(
    language: Language, value: object, line: str | None
) -> None:
    if line is None:
        with pytest.raises(Invalid, match="must be finite"):
            written(language, value)
    else:
        assert written(language, value) == line


@pytest.mark.parametrize("language", [R, JULIA], ids=["r", "julia"])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_stays_between_its_quotes(language: Language, text: str) -> None:
    line = written(language, text)

    inside = line.removeprefix('value = "').removesuffix('"')
    assert line == f'value = "{inside}"'
    assert "\n" not in line
    bare = inside.replace("\\\\", "").replace('\\"', "").replace("\\$", "")
    assert '"' not in bare
    assert language is R or "$" not in bare
    assert not bare.endswith("\\")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_does_nothing_in_a_real_shell(text: str, tmp_path: Path) -> None:
    code = written(BASH, text) + '\nprintf %s "$value"'

    done = subprocess.run(["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_may_act_is_refused_where_the_rules_are_not_known(text: str) -> None:
    scala = language_called("scala", "scala")

    with pytest.raises(Invalid, match="signs that may act in scala") as refused:
        written(scala, {"a": [text]})

    assert refused.value.data == {"name": "value", "rule": "text"}
    assert written(scala, ["data/air 2.csv", 5]) == 'val value = Seq("data/air 2.csv", 5)'


@pytest.mark.parametrize(
    "name", ["a;b", "a b", "a\nb", "1a", "", "a=1", "_a", "$a", "a.b", "é", "if", "done", "other"]
)
def test_a_name_that_is_none_of_the_language_or_not_in_the_cell_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_translated(BASH, "if=1; done=2; a.b=1; _a=1; 1a=2; é=1; $a", {name: 1})

    assert refused.value.data["rule"] in {"identifier", "reserved", "unknown"}


@pytest.mark.parametrize(
    ("cell", "name", "rule"),
    [
        ("declare -i n=5", "n", "declared"),
        ("declare \\\n -i n\nn=5", "n", "declared"),
        ("f() { local -n m=k n=5; }", "n", "declared"),
        ("n=5; typeset -r -i n", "n", "declared"),
        ("echo $n", "n", "unknown"),
        *((f"{name}=1", name, "reserved") for name in ("PATH", "BASH_ENV", "PS4", "LD_PRELOAD", "SECONDS")),
    ],
)
def test_a_name_whose_value_a_shell_may_run_is_refused(cell: str, name: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_translated(BASH, cell, {name: "a[$(touch mark)]"})

    assert refused.value.data["rule"] == rule


@pytest.mark.parametrize(
    "cell", ["n=5", "export n=5", "declare m\nn=5;k=1", "declare -i m\n  n=5", "a=1;n=5"]
)
def test_a_name_that_a_cell_of_a_shell_simply_sets_is_let_through(cell: str) -> None:
    assert check_translated(BASH, cell, {"n": "a[$(touch mark)]"}) == {"n": "a[$(touch mark)]"}


def test_a_name_of_r_may_have_dots_and_is_looked_for_as_a_whole() -> None:
    assert check_translated(R, "learning.rate <- 0.1", {"learning.rate": 1}) == {"learning.rate": 1}
    with pytest.raises(Invalid, match="does not stand in the parameters cell"):
        check_translated(R, "learning.rate <- 0.1", {"rate": 1})
    with pytest.raises(Invalid, match="no cell is tagged"):
        check_translated(R, None, {"rate": 1})


@pytest.mark.parametrize(
    ("language", "value", "says"),
    [
        (R, 2**60, "cannot hold exactly"),
        (R, {"": 1}, "empty key"),
        (R, "a\0b", "value 0"),
        (BASH, {"a": 1}, "no form in a shell"),
        (BASH, [[1]], "list of lists"),
        (BASH, "a\0b", "value 0"),
        (BASH, object(), "no parameter can be"),
    ],
    ids=lambda value: value.name if isinstance(value, Language) else "",
)
def test_what_the_language_cannot_hold_is_refused(language: Language, value: object, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        written(language, value)


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("true", True), ("None", None), ("[1, 'a']", [1, "a"]), ("word", "word"), ('"5"', '"5"')]
)  # fmt: skip
def test_text_of_a_command_line_is_read_as_json_or_a_literal(text: str, value: object) -> None:
    assert check_translated(R, "x <- 1", {"x": Unread(text)}) == {"x": value}


def test_a_language_that_nothing_writes_is_refused() -> None:
    with pytest.raises(Invalid, match="nothing is known that writes values in cobol"):
        language_called("cobol-kernel", "cobol")

    assert "cobol" not in papermill_translators._translators


KERNEL = """
import subprocess
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Shell(Kernel):
    implementation, implementation_version, banner = "shell", "1", "a shell"
    language_info = {"name": "bash", "mimetype": "text/x-sh", "file_extension": ".sh"}
    before = ""

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **_more):
        self.before += code + "\\n"
        done = subprocess.run(["bash", "-ec", self.before], capture_output=True, text=True)
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": done.stdout})
        if not done.returncode:
            return {"status": "ok", "execution_count": self.execution_count, "user_expressions": {}}
        error = {"ename": "ShellError", "evalue": done.stderr, "traceback": [done.stderr]}
        self.send_response(self.iopub_socket, "error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}


IPKernelApp.launch_instance(kernel_class=Shell)
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A kernel of another language, and the metadata of a notebook that is written in it."""
    source = tmp_path / "shell_kernel.py"
    source.write_text(KERNEL)
    install_kernel(tmp_path / "share", "shell", sys.executable, str(source), "-f", "{connection_file}")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    return {"kernelspec": {"name": "shell", "display_name": "shell", "language": "bash"}}


@pytest.mark.kernel
def test_a_notebook_of_another_language_runs_with_its_values(place, write, shell) -> None:
    path = write('echo "$city has $n"', parameters="city=Vienna\nn=1", **shell)

    job = run(place, path, parameters={"city": "$(touch mark) 'x'", "n": Unread("5")})

    assert (job.status, job.error) == (JobStatus.SUCCEEDED, None)
    assert text_of(executed(place, job)).endswith("$(touch mark) 'x' has 5\n")
    assert not (path.parent / "mark").exists()
    ran = run_of(place, job)
    assert dict(ran.params) == {"city": "$(touch mark) 'x'", "n": 5}
    assert ran.grade is Grade.CLEAN


@pytest.mark.kernel
def test_a_failing_cell_of_another_language_fails_its_job(place, write, shell) -> None:
    job = run(place, write("echo before; false", **shell))

    assert job.status is JobStatus.FAILED
    assert job.error.kind == "ShellError"
    assert job.error.cell == "cell-0"


def test_values_for_another_language_are_refused_early(place, write, shell) -> None:
    path = write("echo $n", parameters="n=1", **shell)

    for values, rule in (({"m": 1}, "unknown"), ({"n; rm": 1}, "identifier"), ({"n": {"a": 1}}, "type")):
        with pytest.raises(Invalid) as refused:
            submit_job(place, notebook=str(path), parameters=values)
        assert refused.value.data["rule"] == rule
