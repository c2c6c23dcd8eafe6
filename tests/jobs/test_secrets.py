"""Secret parameters of real jobs: the kernel has the value, and nothing that is kept has it."""

from __future__ import annotations

import base64
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.capture.known_secrets import forget, forms_of, mask_known
from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.jobs import submit_job
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.secrets import read_secrets
from jupyter_mlops.records.job import JobError, JobStatus
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.jobs.running import executed, run, run_of, text_of

VALUE = "h4nter2'/h4nter2"
DECLARED = "from jupyter_mlops import Secret\ntoken: Secret = 'env:JOB_TOKEN'\nother: Secret  # by file\n"


def given(ws: Workspace, source: str, **values: object) -> Any:
    return read_secrets(ws.settings, read_parameters(source), values, ["p"])


def left_on(folder: Path) -> list[str]:
    """The files under *folder* that hold a secret in any form, be it in part of a database."""
    forms = [form.encode() for form in forms_of(VALUE)]
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("JOB_TOKEN", VALUE)
    return VALUE


@pytest.mark.kernel
def test_the_kernel_has_the_value_and_nothing_that_is_kept_has_it(place, write, token, tmp_path) -> None:
    (tmp_path / "secret.txt").write_text("of the file\n")
    path = write(
        "import os, base64\nprint(len(token), repr(token), other.get_secret_value() == 'of the file')",
        "print(os.environ.get('JOB_TOKEN'), [line for line in In if 'h4' + 'nter2' in line])",
        "print(token[:5], end='', flush=True)\nprint(token[5:])",
        "from IPython.display import HTML, JSON, display\n"
        "display(HTML(f'<b>{token}</b>'), JSON({'a': [str(token)]}))\nbase64.b64encode(token.encode()).decode()",
        "%load_ext jupyter_mlops",
        "%%track said\nmlops_said = 7\nimport jupyter_mlops as mlops\n"
        "mlops.current_run().log_params(address=f'https://example.org/{token}', said=str(token))\nprint('in', token)",
        "raise ValueError('no way in with ' + token)",
        parameters=DECLARED,
    )

    job = run(place, path, parameters={"other": f"file:{tmp_path / 'secret.txt'}"})

    assert job.status is JobStatus.FAILED
    assert (job.error.kind, job.error.message) == ("ValueError", "no way in with ***")
    assert dict(job.spec.parameters) == {"other": f"file:{tmp_path / 'secret.txt'}"}
    assert dict(run_of(place, job).params)["token"] == "env:JOB_TOKEN"
    made = executed(place, job)
    said = text_of(made)
    assert f"{len(VALUE)} Secret('***') True" in said
    assert "None []" in said
    assert (
        said.count("This output was withheld: it contained the value of the secret parameter 'token'.") == 2
    )
    assert {cell.split(" of cell ")[1].split()[0] for cell in job.warnings} == {
        "cell-2",
        "cell-3",
        "cell-5",
        "cell-6",
    }
    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(parent=job.run)))
    assert tracked.params["address"] == "https://example.org/***"
    place.store.close()
    assert left_on(tmp_path) == []
    assert "# other: 'file:" in "".join(c.source for c in made.cells)


@pytest.mark.kernel
@pytest.mark.parametrize("fails", [False, True], ids=["warned", "failed"])
def test_a_secret_in_an_output_is_a_warning_or_a_failure_as_the_setting_says(
    tmp_path, write, token, fails
) -> None:
    project = tmp_path / "project"
    (project / ".mlops").mkdir(parents=True)
    (project / ".mlops" / "config.toml").write_text(f"secret_fails = {str(fails).lower()}\n")
    ws = open_workspace(project, start=project, environ={})
    path = write("print(token)", parameters="token: 'Secret' = 'env:JOB_TOKEN'")

    job = run(ws, path)

    assert job.warnings == (
        "1 output of cell cell-0 contained the value of the secret parameter 'token' and was withheld",
    )
    assert job.status is (JobStatus.FAILED if fails else JobStatus.SUCCEEDED)
    assert (job.error.kind if job.error else None) == ("secret_in_output" if fails else None)
    assert not (job_folder(ws.settings, job.id) / "notebook.ipynb").read_text().count(VALUE)
    ws.store.close()


@pytest.mark.kernel
def test_a_job_whose_secret_is_not_there_ends_before_a_kernel_starts(place, write, monkeypatch) -> None:
    monkeypatch.delenv("JOB_TOKEN", raising=False)

    job = run(place, write("print(token)", parameters="token: 'Secret' = 'env:JOB_TOKEN'"))

    assert (job.status, job.run, job.started) == (JobStatus.FAILED, None, None)
    assert "'token' = env:JOB_TOKEN: there is no such secret where the job runs" in job.error.message


@pytest.mark.parametrize(
    ("source", "values", "says"),
    [
        ("token: Secret", {"token": VALUE}, "never the secret itself"),
        ("token: Secret", {}, "must be given"),
        (f"token: Secret = {VALUE!r}", {}, "has a default that does not say where the secret is"),
        ("token: Secret | str", {"token": VALUE}, "never the secret itself"),
        (f"token: Secret = {VALUE!r}", {"token": "env:JOB_TOKEN"}, "has a default that does not say"),
        (f"token: Secret | None = {VALUE!r}", {}, "has a default that does not say"),
        (f"token: Secret | None = {VALUE!r}", {"token": None}, "has a default that does not say"),
    ],
    ids=["plain", "missing", "default", "union", "default and given", "default or None", "default and None"],
)
def test_a_plain_value_is_refused_without_being_said(place, write, source, values, says) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        submit_job(place, notebook=str(write("1", parameters=source)), parameters=values)

    assert VALUE not in f"{refused.value} {json.dumps(refused.value.data)}"
    assert "env:" in refused.value.remedy or "-p token" in refused.value.remedy


def test_a_secret_is_read_where_its_reference_says(place, token, monkeypatch, tmp_path) -> None:
    (tmp_path / "key").write_bytes(b"two\nlines\r\n")
    asked = types.ModuleType("keyring")
    asked.get_password = lambda service, user: f"{service} of {user}"
    monkeypatch.setitem(sys.modules, "keyring", asked)

    made = given(
        place,
        "a: Secret\nb: Secret\nc: Secret\nn = 5",
        a="env:JOB_TOKEN",
        b=f"file:{tmp_path / 'key'}",
        c="keyring:lab/ana/x",
    )

    assert made.hidden == {"JOB_TOKEN"}
    assert made.before("p") == ""
    code = made.before("next")
    names: dict[str, object] = {}
    exec(code, names)
    assert {n: names[n] for n in "abc"} == {"a": VALUE, "b": "two\nlines", "c": "lab of ana/x"}
    assert made.before("another") == ""
    assert mask_known(f"{VALUE} or lab of ana/x") == ("*** or ***", 2)
    for value in names["a"], names["b"], names["c"]:
        forget(value)  # what the code has kept, which runs in a kernel's process
    made.forget()
    assert mask_known(VALUE) == (VALUE, 0)


@pytest.mark.parametrize(
    ("reference", "error", "says"),
    [
        ("env:SHORT_TOKEN", Invalid, "fewer than 4 characters"),
        ("env:BYTES_TOKEN", Invalid, "no text in UTF-8"),
        ("env:NO_SUCH_TOKEN", Invalid, "no such secret"),
        ("file:missing", Invalid, "no such secret"),
        ("file:large", Invalid, "larger than 16 kB"),
        ("file:binary", Invalid, "no text"),
        ("keyring:lab/ana", Unavailable, "keyring is not installed"),
    ],
)
def test_what_cannot_be_read_is_refused(place, monkeypatch, reference, error, says) -> None:
    monkeypatch.setenv("SHORT_TOKEN", "abc")
    monkeypatch.setenv("BYTES_TOKEN", "bytes\udcff")
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.chdir(place.settings.root)
    Path("large").write_bytes(b"x" * 70_000)
    Path("binary").write_bytes(b"\xff\xfe\x00\x01")

    with pytest.raises(error, match=says):
        given(place, "token: Secret", token=reference)


def test_a_keyring_that_is_locked_is_told_without_its_words(place, monkeypatch) -> None:
    asked = types.ModuleType("keyring")
    asked.get_password = lambda *_: (_ for _ in ()).throw(RuntimeError(VALUE))
    monkeypatch.setitem(sys.modules, "keyring", asked)

    with pytest.raises(Unavailable, match="cannot be asked for lab/ana: RuntimeError") as refused:
        given(place, "token: Secret", token="keyring:lab/ana")

    assert VALUE not in str(refused.value)


def test_an_error_of_its_own_is_not_hidden_by_a_withheld_output(place, token) -> None:
    made = given(place, "token: Secret", token="env:JOB_TOKEN")
    made.screen({"cells": [{"id": "a", "metadata": {}, "outputs": [{"output_type": "stream", "name": "stdout", "text": base64.b64encode(VALUE.encode()).decode()}]}], "metadata": {}})  # fmt: skip
    error = JobError(kind="ValueError", message="x")

    assert made.verdict(JobStatus.FAILED, error, fail=True) == (JobStatus.FAILED, error)
    assert made.verdict(JobStatus.SUCCEEDED, None, fail=True)[1].kind == "secret_in_output"
    assert made.verdict(JobStatus.SUCCEEDED, None, fail=False) == (JobStatus.SUCCEEDED, None)
    made.forget()
