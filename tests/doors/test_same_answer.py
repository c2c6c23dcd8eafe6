"""Each operation gives the same answer through REST, the shell and ``%mlops``, errors included; the stores agree too."""

import contextlib
import io
import json
import shlex
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from doors.prepared import build, copy
from jupyter_mlops import registry
from jupyter_mlops.cli import EXIT_CODES, main
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.magics.mlops import Mlops
from jupyter_mlops.operations.reading import error_json, to_json
from jupyter_mlops.operations.table import BASE, OPERATIONS
from jupyter_mlops.records.codec import encode
from jupyter_mlops.server.handlers import STATUS

pytest_plugins = ["pytest_jupyter.jupyter_server"]

ROWS = {row.name: row for row in OPERATIONS}
# name of the operation · the line · the same as JSON. {run}, {open}, … are ids of the prepared store.
CASES = [
    ("workspace.show", "workspace", {}),
    ("run.find", "runs", {}),
    ("run.find", 'runs "metrics.mae < 43 and experiment = \'air\'" --order "metrics.mae desc" --limit 2',
     {"query": "metrics.mae < 43 and experiment = 'air'", "order": "metrics.mae desc", "limit": 2}),
    ("run.find", "runs 'metrics.mae <'", {"query": "metrics.mae <"}),
    ("run.find", "runs --limit 0", {"limit": 0}),
    ("run.group", "groups", {}),
    ("run.group", "groups --over alpha", {"over": ["alpha"]}),
    ("run.experiments", "experiments", {}),
    ("run.experiments", "experiments \"status = 'finished'\" --archived", {"query": "status = 'finished'", "archived": True}),
    ("run.experiments", "experiments 'metrics.mae <'", {"query": "metrics.mae <"}),
    ("run.compare", "compare {old} {newer}", {"runs": ["{old}", "{newer}"]}),
    ("run.compare", "compare {old} nothing-there", {"runs": ["{old}", "nothing-there"]}),
    ("run.get", "show {run}", {"run": "{run}"}),
    ("run.get", "show nothing-there", {"run": "nothing-there"}),
    ("run.curves", "curves {run} {old} --most 8", {"runs": ["{run}", "{old}"], "most": 8}),
    ("run.curves", "curves nothing-there", {"runs": ["nothing-there"]}),
    ("run.beside", "beside {newer}", {"run": "{newer}"}),
    ("run.beside", "beside {run}", {"run": "{run}"}),
    ("run.beside", "beside nothing-there", {"run": "nothing-there"}),
    ("run.cells", "cells {old}", {"run": "{old}"}),
    ("run.slice", "slice {old}", {"run": "{old}"}),
    ("run.slice", "slice {old} --to script", {"run": "{old}", "to": "script"}),
    ("run.slice", "slice {old} --to poem", {"run": "{old}", "to": "poem"}),
    ("run.tag", "tag {run} -t seen yes --remove team", {"run": "{run}", "tags": {"seen": "yes"}, "remove": ["team"]}),
    ("run.note", "note {run} kept-for-the-talk", {"run": "{run}", "text": "kept-for-the-talk"}),
    ("run.rename", "rename {run} better", {"run": "{run}", "name": "better"}),
    ("run.archive", "archive {run}", {"run": "{run}"}),
    ("run.delete", "delete {run}", {"run": "{run}"}),
    ("run.restore", "restore {run}", {"run": "{run}"}),
    ("run.collect", "collect --days 7 --dry-run", {"days": 7, "dry_run": True}),
    ("artifact.find", "artifacts {run}", {"run": "{run}"}),
    ("artifact.get", "artifact {run} reports/errors.html", {"run": "{run}", "name": "reports/errors.html"}),
    ("artifact.get", "artifact {run} source/environment.txt", {"run": "{run}", "name": "source/environment.txt"}),
    ("artifact.get", "artifact {run} nothing-there", {"run": "{run}", "name": "nothing-there"}),
    ("metric.history", "metric {run} mae", {"run": "{run}", "key": "mae"}),
    ("metric.history", "metric {run} mae --after 1 --before 9 --most 8",
     {"run": "{run}", "key": "mae", "after": 1, "before": 9, "most": 8}),
    ("job.find", "jobs \"status = 'failed'\"", {"query": "status = 'failed'"}),
    ("job.submit", "job submit notebooks/train.ipynb -p alpha 0.7 --experiment air --retries 2",
     {"notebook": "notebooks/train.ipynb", "parameters": {"alpha": "0.7"}, "experiment": "air", "options": {"retries": 2}}),
    ("job.submit", "job submit notebooks/train.ipynb -p beta 1", {"notebook": "notebooks/train.ipynb", "parameters": {"beta": "1"}}),
    ("job.submit", "job submit ../outside.ipynb", {"notebook": "../outside.ipynb"}),
    ("job.get", "job show {failed}", {"job": "{failed}"}),
    ("job.cancel", "job cancel {queued}", {"job": "{queued}"}),
    ("job.cancel", "job cancel {failed}", {"job": "{failed}"}),
    ("job.retry", "job retry {failed}", {"job": "{failed}"}),
    ("job.sweep", "job sweep notebooks/train.ipynb -p alpha 0.1,0.7 --metric mae --workers 3 --experiment air",
     {"notebook": "notebooks/train.ipynb", "parameters": {"alpha": "0.1,0.7"}, "experiment": "air",
      "sweep": {"metric": "mae", "workers": 3}}),
    ("job.sweep", "job sweep notebooks/train.ipynb -p alpha 0.1,0.7 --sampler random",
     {"notebook": "notebooks/train.ipynb", "parameters": {"alpha": "0.1,0.7"}, "sweep": {"sampler": "random"}}),
    ("job.trials", "job trials {failed}", {"job": "{failed}"}),
    ("job.fix", "job fix {failed}", {"job": "{failed}"}),
    ("job.fix", "job fix {failed} --apply", {"job": "{failed}", "apply": True}),
    ("job.inspect", "parameters notebooks/train.ipynb", {"notebook": "notebooks/train.ipynb"}),
    ("job.schema", "schema notebooks/train.ipynb", {"notebook": "notebooks/train.ipynb"}),
    ("pipeline.plan", "pipeline plan pipeline.yaml", {"file": "pipeline.yaml"}),
    ("pipeline.plan", "pipeline plan none.yaml", {"file": "none.yaml"}),
    ("schedule.find", "schedule list", {}),
    ("schedule.add", "schedule add nightly notebooks/train.ipynb --cron '0 3 * * *' --timezone Europe/Berlin",
     {"name": "nightly", "notebook": "notebooks/train.ipynb", "cron": "0 3 * * *", "timezone": "Europe/Berlin"}),
    ("schedule.add", "schedule add weekly notebooks/train.ipynb --cron '0 3 * * *'",
     {"name": "weekly", "notebook": "notebooks/train.ipynb", "cron": "0 3 * * *"}),
    ("schedule.add", "schedule add often notebooks/train.ipynb --every 6h --overlap skip --maximum 3 "  # noqa: ISC004
     "--blackout 22:00-06:00 --blackout 2030-12-24/2030-12-26 --end 2030-12-31T00:00:00+00:00",
     {"name": "often", "notebook": "notebooks/train.ipynb", "every": "6h", "overlap": "skip", "maximum": 3,
      "blackout": ["22:00-06:00", "2030-12-24/2030-12-26"], "end": "2030-12-31T00:00:00+00:00"}),
    ("schedule.add", "schedule add often notebooks/train.ipynb --every soon",
     {"name": "often", "notebook": "notebooks/train.ipynb", "every": "soon"}),
    ("schedule.get", "schedule show weekly --times 3", {"schedule": "weekly", "times": 3}),
    ("schedule.get", "schedule show none", {"schedule": "none"}),
    ("schedule.change", "schedule change weekly --cron '0 7 * * 1' --jitter 60 -p alpha 0.9",
     {"schedule": "weekly", "cron": "0 7 * * 1", "jitter": 60, "parameters": {"alpha": "0.9"}}),
    ("schedule.change", "schedule change weekly --without start", {"schedule": "weekly", "without": ["start"]}),
    ("schedule.change", "schedule change weekly --without hope", {"schedule": "weekly", "without": ["hope"]}),
    ("schedule.pause", "schedule pause weekly", {"schedule": "weekly"}),
    ("schedule.resume", "schedule resume weekly", {"schedule": "weekly"}),
    ("schedule.remove", "schedule remove weekly", {"schedule": "weekly"}),
    ("pipeline.show", "pipeline show notebooks/steps.yaml", {"file": "notebooks/steps.yaml"}),
    ("pipeline.show", "pipeline show notebooks/none.yaml", {"file": "notebooks/none.yaml"}),
    ("pipeline.show", "pipeline show ../steps.yaml", {"file": "../steps.yaml"}),
    ("subscription.add", "notify add lab --jupyterlab --on success --on late --late-after 90m --notebook 'notebooks/*'",
     {"name": "lab", "jupyterlab": True, "on": ["success", "late"], "late_after": "90m", "notebook": "notebooks/*"}),
    ("subscription.add", "notify add nowhere", {"name": "nowhere"}),
    ("subscription.find", "notify list", {}),
    ("subscription.try", "notify try lab", {"subscription": "lab"}),
    ("subscription.remove", "notify remove none", {"subscription": "none"}),
    ("subscription.remove", "notify remove lab", {"subscription": "lab"}),
    ("notification.find", "notifications \"occasion = 'failure'\"", {"query": "occasion = 'failure'"}),
    ("model.find", "models", {}),
    ("model.get", "model show pm25", {"model": "pm25"}),
    ("model.register", "register {newest} --as pm25", {"run": "{newest}", "model": "pm25"}),
    ("model.register", "register {run} --as pm25", {"run": "{run}", "model": "pm25"}),
    ("version.find", "versions pm25", {"model": "pm25"}),
    ("version.get", "version show pm25@champion", {"reference": "pm25@champion"}),
    ("version.get", "version show pm25:9", {"reference": "pm25:9"}),
    ("version.lineage", "lineage pm25:1", {"reference": "pm25:1"}),
    ("version.manifest", "manifest pm25:1", {"reference": "pm25:1"}),
    ("version.card", "card pm25:1", {"reference": "pm25:1"}),
    ("version.dossier", "dossier pm25:1", {"reference": "pm25:1"}),
    ("alias.find", "aliases", {}),
    ("alias.resolve", "resolve pm25@champion", {"reference": "pm25@champion"}),
    ("alias.move", "alias move pm25 challenger 2 --reason 'to be watched'",
     {"model": "pm25", "alias": "challenger", "version": 2, "reason": "to be watched"}),
    ("alias.move", "alias move pm25 champion 2 --expected 2 --reason late",
     {"model": "pm25", "alias": "champion", "version": 2, "expected": 2, "reason": "late"}),
    ("alias.move", "alias move pm25 champion two --reason late",
     {"model": "pm25", "alias": "champion", "version": "two", "reason": "late"}),
    ("alias.move", "alias move pm25 champion 2", {"model": "pm25", "alias": "champion", "version": 2}),
    ("alias.history", "alias history pm25 champion", {"model": "pm25", "alias": "champion"}),
    ("alias.rollback", "rollback pm25 champion --reason worse", {"model": "pm25", "alias": "champion", "reason": "worse"}),
    ("review.find", "reviews \"status = 'open'\"", {"query": "status = 'open'"}),
    ("review.open", "review open pm25:2", {"reference": "pm25:2"}),
    ("review.open", "review open pm25:1 --alias challenger", {"reference": "pm25:1", "alias": "challenger"}),
    ("review.show", "review show pm25:2", {"reference": "pm25:2"}),
    ("review.get", "review get {open}", {"review": "{open}"}),
    ("review.decide", "review decide {open} approve --comment 'looks right'",
     {"review": "{open}", "verdict": "approve", "comment": "looks right"}),
    ("review.decide", "review decide {open} abstain --comment 'not my field'",
     {"review": "{open}", "verdict": "abstain", "comment": "not my field"}),
    ("review.decide", "review decide {open} perhaps", {"review": "{open}", "verdict": "perhaps"}),
    ("review.decide", "review decide {open}", {"review": "{open}"}),
    ("review.decide", "review decide {decided} reject", {"review": "{decided}", "verdict": "reject"}),
    ("review.withdraw", "review withdraw {open} --reason 'asked too early'", {"review": "{open}", "reason": "asked too early"}),
    ("review.check", "review check pm25:2", {"reference": "pm25:2"}),
    ("policy.get", "policy show other", {"model": "other"}),
    ("policy.set", "policy set pm25 --text 'quorum: 2'", {"model": "pm25", "text": "quorum: 2"}),
    ("policy.set", "policy set pm25 --quorum 2 --no-author-may-approve --minimum-grade clean",
     {"model": "pm25", "quorum": 2, "author_may_approve": False, "minimum_grade": "clean"}),
    ("policy.set", "policy set pm25", {"model": "pm25"}),
    ("policy.set", "policy set pm25 --text 'quorum: many'", {"model": "pm25", "text": "quorum: many"}),
    ("dataset.find", "datasets", {}),
    ("dataset.get", "dataset show air", {"dataset": "air"}),
    ("dataset.register", "dataset register air2 air.csv --source here", {"name": "air2", "path": "air.csv", "source": "here"}),
    ("dataset.register", "dataset register air2 ../secret.csv", {"name": "air2", "path": "../secret.csv"}),
    ("deployment.find", "deployments", {}),
    ("deployment.get", "deployment show {serving}", {"deployment": "{serving}"}),
    ("deployment.get", "deployment show none", {"deployment": "none"}),
    ("deployment.stop", "undeploy {serving}", {"deployment": "{serving}"}),
    ("prediction.find", "predictions {serving}", {"deployment": "{serving}"}),
    ("outcome.record", "outcomes {serving} -o r1 12.5", {"deployment": "{serving}", "outcomes": {"r1": "12.5"}}),
    ("drift.check", "drift pm25@champion", {"deployment": "pm25@champion"}),
    ("drift.find", "drifts", {}),
    ("quality.check", "quality pm25@champion", {"deployment": "pm25@champion"}),
    ("ledger.history", "history {open}", {"subject": "{open}"}),
    ("ledger.state", "state 2026-01-05T10:00:00+00:00", {"moment": "2026-01-05T10:00:00+00:00"}),
    ("ledger.head", "head", {}),
    ("ledger.report", "report --since 2026-01-01T00:00:00+00:00", {"since": "2026-01-01T00:00:00+00:00"}),
    ("ledger.verify", "verify", {}),
]  # fmt: skip


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared") / "project"
    return folder, build(folder)


@pytest.fixture
def project(prepared, tmp_path):
    """Makes copies of the prepared store, and fills ids into what a case says."""
    folder, names = prepared
    copies = []

    def fill(said):
        if isinstance(said, str):
            for name, value in names.items():
                said = said.replace("{" + name + "}", value)
            return said
        if isinstance(said, dict):
            return {key: fill(value) for key, value in said.items()}
        return [fill(value) for value in said] if isinstance(said, list) else said

    def make(door):
        ws = copy(folder, tmp_path / door / "project")
        copies.append(ws)
        return ws

    make.fill = fill
    yield make
    for ws in copies:
        ws.store.close()


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"jupyter_mlops": True}}, "MlopsApp": {"tick_seconds": 0}}


async def through_rest(ws, row, arguments, jp_fetch, jp_web_app):
    jp_web_app.settings["jupyter_mlops"].places.at = lambda _path, *, write: ws
    left = dict(arguments)
    path = "/".join(
        str(left.pop(part[1:-1])) if part.startswith("{") else part for part in row.path.split("/")
    )
    given = (
        {"params": flat(left)}
        if row.action == "read"
        else {"body": json.dumps(left), "headers": {"Content-Type": "application/json"}}
    )
    try:
        answer = await jp_fetch(
            *BASE.strip("/").split("/"),
            *path.split("/"),
            method=row.method,
            allow_nonstandard_methods=True,
            request_timeout=300,  # to stop what hangs, not to measure
            **given,
        )
    except HTTPClientError as refused:
        answer = refused.response
    return answer.code, answer.body.decode()


def flat(arguments):
    """As a query string says it: a list is a name said several times."""
    return [
        (n, str(v)) for n, value in arguments.items() for v in (value if isinstance(value, list) else [value])
    ]


def through_shell(ws, line):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*shlex.split(line), "--json"], ws=ws)
    return code, out.getvalue().removesuffix("\n")


def through_magic(ws, line):
    magic = Mlops(None, ws)  # the shell is for its completion and display only
    try:
        return None, to_json(magic(line))
    except MlopsError as failure:
        return failure, error_json(failure)


def books(ws):
    """Everything the store says of itself; the folder it lies in is another for each door."""
    root = str(ws.settings.root)
    with ws.store.read() as tx:
        said = json.dumps([encode(event) for event in tx.events.read(limit=10_000)])
    return said.replace(root, "ROOT")


@pytest.mark.parametrize("noun", sorted({name.partition(".")[0] for name, _, _ in CASES}))
async def test_an_operation_gives_the_same_answer_at_every_door(noun, project, jp_fetch, jp_web_app):
    for number, (name, line, arguments) in enumerate(CASES):
        if name.partition(".")[0] == noun:
            stores = [project(f"{number}/{door}") for door in ("rest", "shell", "magic")]
            await compare(
                ROWS[name], project.fill(line), project.fill(arguments), stores, jp_fetch, jp_web_app
            )


async def compare(row, line, arguments, stores, jp_fetch, jp_web_app):
    rest, shell, magic = stores
    status, said = await through_rest(rest, row, arguments, jp_fetch, jp_web_app)
    code, printed = through_shell(shell, line)
    failure, shown = through_magic(magic, line)

    answers = [
        text.replace(str(ws.settings.root), "ROOT")
        for text, ws in zip((said, printed, shown), stores, strict=True)
    ]
    assert answers[0] == answers[1] == answers[2], line
    assert books(rest) == books(shell) == books(magic), line
    if failure is None:
        assert status == 200, line
        assert code in {0, row.unless_ok}, line
    else:
        kind = next(kind for kind in STATUS if isinstance(failure, kind))
        assert (status, code) == (STATUS[kind], EXIT_CODES[kind]), line


async def test_no_request_loads_a_model_into_the_servers_process(project, jp_fetch, jp_web_app, monkeypatch):
    """Models are loaded in child processes only: the server holds the tokens."""
    import joblib
    import skops.io

    from jupyter_mlops import formats

    loaded = []
    for room, name in ((formats, "load"), (skops.io, "load"), (skops.io, "loads"), (joblib, "load")):
        monkeypatch.setattr(room, name, lambda *_args, _name=name, **_options: loaded.append(_name))
    ws = project("rest")
    for name, line, arguments in CASES:
        status, said = await through_rest(ws, ROWS[name], project.fill(arguments), jp_fetch, jp_web_app)
        assert status != 500, (line, said)
        assert loaded == [], line

    with contextlib.suppress(Exception):
        registry.load_model(project("here"), "pm25@champion")
    assert loaded, "what is watched here is not what loads a model"


def test_every_operation_has_a_case():
    assert sorted(set(ROWS) - {name for name, _, _ in CASES}) == []


def test_every_case_is_about_the_operation_it_says(project):
    from jupyter_mlops.operations.words import read_words

    for name, line, _ in CASES:
        words = shlex.split(project.fill(line))
        with contextlib.suppress(MlopsError):
            assert read_words(words, OPERATIONS).row.name == name


def test_the_prepared_store_is_made_once_and_never_changed(prepared, project):
    folder, _ = prepared
    ws = project("again")

    assert Path(ws.settings.root) != folder
    assert len(json.loads(books(ws))) > 10
