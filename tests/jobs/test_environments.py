"""The recorded environment beside this one, and made again."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from contracts.samples import run

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.jobs.environments import place_for
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.reproduced import RunIn
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking.environment import this_environment
from jupyter_mlops.workspace import Workspace


def recorded(ws: Workspace, **changes: object) -> Run:
    content = canonical(encode(replace(this_environment(), **changes)))
    return run("r", source=Source(environment=ws.blobs.put(io.BytesIO(content))))


def packages(**changes: str) -> dict[str, str]:
    return {**this_environment().packages, **changes}


@pytest.mark.parametrize("where", RunIn)
def test_where_nothing_differs_this_environment_is_the_recorded_one(place, where) -> None:
    found = place_for(place, recorded(place), where)
    assert (found.python, found.says) == (None, "the recorded environment")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"packages": packages(mlopsdemo="1.0")}, "where mlopsdemo is absent and was 1.0"),
        ({"python": "2.7.1"}, "and was 2.7.1"),
        ({"packages": packages(**{f"p{n}": "1" for n in range(5)})}, ", 2 more"),
    ],
)
def test_what_differs_is_named_before_anything_runs(place, changes, says) -> None:
    found = place_for(place, recorded(place, **changes), RunIn.THIS)
    assert found.python is None
    assert found.says.startswith("this environment, where ")
    assert says in found.says


def test_a_package_that_is_new_and_this_package_itself_are_no_reason_to_make_another(place) -> None:
    kept = {name: version for name, version in this_environment().packages.items() if name != "numpy"}
    same = recorded(place, packages={**kept, "jupyter-mlops": "0.0.1"})
    assert place_for(place, same, RunIn.RECREATE).says == "the recorded environment"


def test_what_was_not_recorded_cannot_be_made_again(place) -> None:
    assert place_for(place, run("r"), RunIn.THIS).says == "this environment; none was recorded"
    with pytest.raises(Invalid, match="no environment was recorded"):
        place_for(place, run("r"), RunIn.RECREATE)


def test_another_python_cannot_be_made_from_this_one(place) -> None:
    with pytest.raises(Unavailable, match=r"recorded with Python 2\.7\.1") as refused:
        place_for(place, recorded(place, python="2.7.1"), RunIn.RECREATE)
    assert "Python 2.7" in refused.value.remedy


def test_packages_that_cannot_be_had_are_named_and_the_next_try_begins_anew(
    place, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    wanted = recorded(place, packages=packages(mlopsdemo="1.0"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="pip cannot install mlopsdemo==1.0: ") as refused:
            place_for(place, wanted, RunIn.RECREATE)
        assert "PIP_FIND_LINKS" in refused.value.remedy
