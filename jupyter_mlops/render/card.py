"""The card of a run: what it is, can it be trusted, what it measured, what it rests on; also while it goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jupyter_mlops.records.artifact import ENVIRONMENT
from jupyter_mlops.records.beside import KeptModel, Relative, RunBeside
from jupyter_mlops.records.reproduced import Reproduced
from jupyter_mlops.records.run import Lease, Param, Run, RunInput, RunStatus
from jupyter_mlops.render.beside import Beside, Curve
from jupyter_mlops.render.blocks import Block, Facts, Fold, Line, Series, Sparks, Title
from jupyter_mlops.render.environments import environment_fold, environment_line
from jupyter_mlops.render.figures import difference, headline, named
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.states import explained_trust, put_away, signed_trust, state_face
from jupyter_mlops.render.words import (
    TIMES,
    counted,
    duration,
    first_line,
    moment,
    number,
    short,
    size,
    value,
)

__all__ = ["beside_blocks", "run_blocks"]

_SHOWN_PARAMS = 6
_SHOWN_METRICS = 8
_SHOWN_CURVES = 8
_SHOWN_CELLS = 12
_SOURCE = "source/"
_WORTH_SAYING = 1.0  # seconds that are left
_PULSE = ("●", "○")
_NOTHING = Beside()


def run_blocks(run: Run, beside: Beside = _NOTHING) -> Iterator[Block]:
    """The card: what it is, can it be trusted, what it measured, what it rests on."""
    yield _title(run, beside)
    if run.status is RunStatus.RUNNING:
        yield from _live(run, beside)
        return
    if run.deleted is not None:
        yield Line(
            f"Deleted {moment(run.deleted)}. Until it is collected, jupyter mlops restore {run.short} brings it back.",
            strong=True,
        )
    yield from _failure(run, beside)
    yield _trust(run)
    yield from _curves(beside)
    yield from _metrics(run.metrics, beside)
    yield from _facts(run, beside)
    for note in run.notes:
        yield Line(f"Note: {note}", faint=True)
    if run.error is not None and run.error.traceback:
        yield Fold("Traceback", run.error.traceback)
    if beside.environment is not None:
        yield environment_fold(beside.environment)
    yield from _system(run)


def beside_blocks(told: RunBeside) -> Iterator[Block]:
    """What stands beside a run, where it is asked for alone: the same words as on the card."""
    beside = Beside.of(told)
    now = {row.name: figure for row in told.metrics if (figure := row.values[-1]) is not None}
    yield Title(f"Beside the run {told.run[-6:]}")
    yield from _metrics(now, beside)
    pairs = (
        ("before", beside.previous_name if told.before is not None and not beside.previous else ""),
        *_kin(beside),
        ("steps", f"{told.steps:,}" if told.steps > 1 else ""),
        ("rests on", _numbers(told.counts)),
        ("run again", _run_again(told.reproduced)),
        ("failed at", "" if told.failed is None else f"In [{told.failed}]"),
        ("model", _models(told.models)),
        ("environment", "" if told.environment is None else environment_line(told.environment)),
    )
    said = tuple(pair for pair in pairs if pair[1])
    yield (
        Facts(said)
        if said
        else Line("Nothing: no run before it or in it, no recorded cells, no model.", faint=True)
    )


def _title(run: Run, beside: Beside) -> Title:
    sign, tone = state_face(run.status)
    if run.status is RunStatus.RUNNING and beside.beat:
        sign = _PULSE[beside.beat % 2]  # a kernel that hangs draws no more, and the dot stands still
    took = "running" if run.ended is None else duration(run.seconds)
    if beside.elapsed is not None:
        left = (beside.usual or 0.0) - beside.elapsed
        more = f", ~ {duration(left)} left" if left >= _WORTH_SAYING else ""
        took = f"{duration(beside.elapsed)} so far{more}"
    away = f" · {put_away(run)}" if put_away(run) else ""
    aside = f"{run.experiment} · {run.short} · {took} · {moment(run.started)}{away}"
    return Title(run.name, sign=sign, tone=tone, state=str(run.status), aside=aside)


def _live(run: Run, beside: Beside) -> Iterator[Block]:
    """While it goes on: what moves, and nothing that a reader could have opened."""
    drawn = {curve.name for curve in beside.curves[:_SHOWN_CURVES]}
    alone = [(named(name), number(v)) for name, v in headline(run.metrics).items() if name not in drawn]
    if alone:
        yield Facts(tuple(alone[:_SHOWN_METRICS]))
    yield from _curves(beside)
    if beside.steps > 1:
        yield Line(counted(beside.steps, "step"), faint=True)


def _failure(run: Run, beside: Beside) -> Iterator[Line]:
    if run.error is not None:
        last = run.error.message.strip().rpartition("\n")[2]
        said = f"{run.error.kind}: {first_line(last)}" if last else run.error.kind
        yield Line(said, *state_face("failed"), strong=True)
        if run.error.line:
            code = f": {run.error.code}" if run.error.code else ""
            cell = "the cell" if beside.failed is None else f"In [{beside.failed}]"
            yield Line(f"line {run.error.line} of {cell}{code}")
    elif run.status is RunStatus.LOST:
        yield Line(
            f"Its process is gone{_held(run.lease)}; what it had said until then is kept.",
            *state_face("lost"),
            strong=True,
        )


def _held(lease: Lease | None) -> str:
    """Which process it was: the kernel as its server calls it, and where it ran."""
    if lease is None:
        return ""
    kernel = f"kernel {lease.kernel[:8]}, " if lease.kernel else ""
    return f" ({kernel}process {lease.pid} on {lease.host.partition('/')[0]})"


def _trust(run: Run) -> Line:
    words = [explained_trust(run)]
    if run.source.commit:
        branch = f" on {value(run.source.branch, 60)}" if run.source.branch else ""
        changed = f" (+{counted(len(run.source.dirty), 'changed file')})" if run.source.dirty else ""
        words.append(f"git {run.source.commit[:7]}{branch}{changed}")
    return Line(" · ".join(words), *state_face(run.grade))


def _metrics(metrics: Mapping[str, float], beside: Beside) -> Iterator[Facts]:
    drawn = {curve.name for curve in beside.curves[:_SHOWN_CURVES]}
    own = {name: figure for name, figure in headline(metrics).items() if name not in drawn}
    before = beside.previous or {}
    pairs = [
        (named(name), f"{number(figure)}  {difference(name, figure, before.get(name))}".rstrip())
        for name, figure in list(own.items())[:_SHOWN_METRICS]
    ]
    if any(name in before for name in metrics):
        pairs.append(("compared with", beside.previous_name))
    left = len(own) - _SHOWN_METRICS
    if left > 0:
        pairs.append(("more metrics", f"{left} (run.metrics has them all)"))
    if pairs:
        yield Facts(tuple(pairs))


def _curves(beside: Beside) -> Iterator[Sparks]:
    before = beside.previous or {}
    if beside.curves:
        yield Sparks(tuple(_series(curve, before.get(curve.name)) for curve in beside.curves[:_SHOWN_CURVES]))


def _series(curve: Curve, before: float | None) -> Series:
    first = curve.points[0][1] if curve.points else curve.last
    text = f"{number(first)} → {number(curve.last)}  {difference(curve.name, curve.last, before)}"
    return Series(named(curve.name), curve.points, text.rstrip())


def _facts(run: Run, beside: Beside) -> Iterator[Facts]:
    source = run.source
    pairs = (
        *_kin(beside),
        ("steps", f"{beside.steps:,}" if beside.steps > 1 else ""),
        ("params", listed(_telling(run.params), _SHOWN_PARAMS)),
        ("inputs", _some([_input(item) for item in run.inputs])),
        ("rests on", _cells(run, beside)),
        ("run again", _run_again(beside.reproduced)),
        ("outputs", _outputs(beside)),
        ("uncommitted", _uncommitted(beside)),
        ("files written", _some([_input(item) for item in run.written])),
        ("model", _models(beside.models)),
        ("outside the cells", ", ".join(source.outside)),
        ("seeds", _some(source.seeds)),
        ("variables", " · ".join(f"{name}={text}" for name, text in source.variables.items())),
        ("notebook", source.notebook or ""),
        ("tags", " · ".join(f"{key}={text}" for key, text in run.tags.items())),
    )
    said = tuple(pair for pair in pairs if pair[1])
    if said:
        yield Facts(said)


def _kin(beside: Beside) -> Iterator[tuple[str, str]]:
    """What the run is part of, and what is part of it."""
    if beside.parent is not None:
        yield "part of", _relative(beside.parent)
    if beside.children:
        left = beside.has_children - _SHOWN_PARAMS
        said = " · ".join(_relative(child) for child in beside.children[:_SHOWN_PARAMS])
        yield "its runs", said + (f"  (+{left})" if left > 0 else "")


def _relative(child: Relative) -> str:
    told = f" {named(child.metric)} {number(child.value)}" if child.value is not None else ""
    state = "" if child.status is RunStatus.FINISHED else f" {child.status}"
    graded = f" {signed_trust(child.trust)}" if child.trust is not None else ""
    return f"{child.name} ({child.run[-6:]}){state}{graded}{told}"


def _telling(params: Mapping[str, Param]) -> Mapping[str, Param]:
    """Return *params* without the long name of what has its short one beside it."""
    return {k: v for k, v in params.items() if k != "model_class" or "model" not in params}


def _some(texts: Sequence[str]) -> str:
    left = len(texts) - _SHOWN_PARAMS
    return " · ".join(texts[:_SHOWN_PARAMS]) + (f"  (+{left})" if left > 0 else "")


def _input(item: RunInput) -> str:
    rows, columns, weight = item.rows, len(item.columns) or item.width, item.size
    shape = f" {rows:,}" + (f" {TIMES} {columns}" if columns else "") if rows is not None else ""
    if item.kind == "file" and rows is not None:
        shape = f" {counted(rows, 'file')}"
    digest = f"sha {short(item.digest)}" if item.digest else ""
    digest = f"{digest} ({item.note})".strip() if item.note else digest or "not digested"
    return f"{item.name}{shape}{f' {size(weight)}' if weight else ''} {digest}"


def _cells(run: Run, beside: Beside) -> str:
    """Cells are called as the reader has them before the eyes: by the number in front of them."""
    rests, executed = run.source.rests_on, run.source.executed
    if not rests:
        return ""
    numbers = _numbers(beside.counts) if len(beside.counts) == len(rests) else ""
    if not numbers:
        return f"{counted(len(rests), 'cell')} of {executed} executions"
    return f"{numbers} ({len(rests)} of {executed} executions)"


def _run_again(told: Reproduced | None) -> str:
    """Say what came of it when it was last run again, in which run, and why where it was not the same."""
    if told is None:
        return ""
    where = f" in {told.run[-6:]}" if told.run else ""
    cause = f": {first_line(told.cause)}" if told.cause else ""
    return f"{state_face(told.verdict)[0]} {told.verdict.replace('_', ' ')}{where}{cause}"


def _numbers(counts: Sequence[int | None]) -> str:
    if None in counts or not counts:
        return ""
    left = len(counts) - _SHOWN_CELLS
    shown = ", ".join(f"[{count}]" for count in counts[:_SHOWN_CELLS])
    return f"In {shown}{f' and {left} more' if left > 0 else ''}"


def _outputs(beside: Beside) -> str:
    """Say what kinds of things were left behind, and name the other files; those of a model have a line of their own."""
    told = tuple(f"models/{model.name}/" for model in beside.models)
    kinds = {"figures/": "figure", "outputs/": "output", "evaluation/": "evaluation file"}
    counts: dict[str, int] = {}
    others = []
    for file in beside.outputs:
        if file.name.startswith((*told, _SOURCE)):
            continue
        kind = next((noun for head, noun in kinds.items() if file.name.startswith(head)), None)
        if kind is None:
            others.append(f"{file.name} {size(file.size)}")
        else:
            counts[kind] = counts.get(kind, 0) + 1
    left = beside.has_files - len(beside.outputs)
    listed = _some([*(counted(count, noun) for noun, count in counts.items()), *others])
    return listed if left <= 0 else f"{listed} and {counted(left, 'file')} more".lstrip()


def _uncommitted(beside: Beside) -> str:
    """Name what the run came from and no commit holds: it was there before the run, and is no output."""
    return _some(
        [
            f"{file.name} {size(file.size)}"
            for file in beside.outputs
            if file.name.startswith(_SOURCE) and file.name != ENVIRONMENT
        ]
    )


def _models(models: Sequence[KeptModel]) -> str:
    """One needs no name: its label says what it is."""
    return _some([f"{model.name}: {_model(model)}" if len(models) > 1 else _model(model) for model in models])


def _model(model: KeptModel) -> str:
    columns = f", {counted(model.columns, 'column')}" if model.columns else ""
    return f"{model.format} {size(model.size)}{columns}"


def _system(run: Run) -> Iterator[Fold]:
    """How busy the machine was, behind a click."""
    if run.system:
        shown = " · ".join(f"{name.replace('_', ' ')} {number(v)}" for name, v in sorted(run.system.items()))
        yield Fold("System, last sample", shown)
