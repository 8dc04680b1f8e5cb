"""``vpc`` and ``subnet``, on both emulators."""

from __future__ import annotations

from tests.support.aws.trial import Trial


def test_whole_life(trial: Trial) -> None:
    vpc = trial.make("vpc", "main", cidr="10.0.0.0/16")
    vpc = trial.alter(vpc, cidr="10.0.0.0/16", dns_hostnames=False)
    subnet = trial.make("subnet", "app-a", vpc=vpc.id, cidr="10.0.11.0/24", zone="ap-northeast-2a")
    subnet = trial.alter(subnet, vpc=vpc.id, cidr="10.0.11.0/24", zone="ap-northeast-2a", public_ips=True)
    trial.retag(subnet)
    trial.remove(subnet)
    trial.remove(vpc)
