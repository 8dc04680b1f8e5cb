"""``internet_gateway``, on both emulators."""

from __future__ import annotations

from tests.support.aws.trial import Trial

from .networks import NETWORK, a_vpc, problems


def test_whole_life(trial: Trial) -> None:
    first, second = a_vpc(trial), a_vpc(trial, "10.1.0.0/16", "second")
    gateway = trial.make("internet_gateway", "main", vpc=first.id)
    gateway = trial.alter(gateway, vpc=second.id)
    trial.retag(gateway)
    trial.remove(gateway)


def test_one_that_was_cut_before_it_was_attached_is_finished(trial: Trial) -> None:
    vpc = a_vpc(trial)
    gateway = trial.make("internet_gateway", "main", vpc=vpc.id)
    trial.account.call("ec2", "detach_internet_gateway", InternetGatewayId=gateway.id, VpcId=vpc.id)
    (cut,) = trial.all("internet_gateway")
    assert cut.attrs == {"vpc": None}
    trial.remove(trial.alter(cut, vpc=vpc.id))


def test_one_for_each_vpc() -> None:
    assert problems(*NETWORK) == {}
    assert problems(*NETWORK, {"internet_gateway": "second", "vpc": "main"}) == {
        "internet_gateway/second.vpc": "internet_gateway/main is the door of this VPC already."
    }
