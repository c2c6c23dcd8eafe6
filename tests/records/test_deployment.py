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


def test_what_was_stopped_stays_so_and_what_was_given_up_may_be_there_all_the_same() -> None:
    stopped, failed, live = DeploymentStatus.STOPPED, DeploymentStatus.FAILED, DeploymentStatus.LIVE
    assert reachable(DEPLOYMENT_STEPS, stopped) == {stopped}
    assert reachable(DEPLOYMENT_STEPS, failed) == {failed, live, stopped}
