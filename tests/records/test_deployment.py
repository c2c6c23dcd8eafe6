"""A served alias and its answers."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import deployment
from jupyter_mlops.records.deployment import DEPLOYMENT_STEPS, DeploymentStatus
from tests.records.steps import check_steps, reachable


class TestRecords(RecordContract):
    module = deployment
    required = {
        "Deployment": "id model alias version started",
        "Prediction": "owner sequence request version at",
    }


def test_every_state_of_a_deployment_is_come_to_from_its_start() -> None:
    check_steps(DEPLOYMENT_STEPS, DeploymentStatus.STARTING)


def test_what_has_ended_is_never_live_again() -> None:
    for ended in (DeploymentStatus.STOPPED, DeploymentStatus.FAILED):
        assert reachable(DEPLOYMENT_STEPS, ended) == {ended}
