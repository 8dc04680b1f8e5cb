"""``ecs_cluster``, on both emulators."""

from __future__ import annotations

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Scope
from tests.support.aws.trial import Trial

CLUSTER = kind("ecs_cluster")


def test_whole_life(trial: Trial) -> None:
    cluster = trial.make("ecs_cluster", "main")
    assert cluster.id == "shop-main"
    cluster = trial.alter(cluster, insights="enabled")
    cluster = trial.alter(cluster, insights="enhanced", spot=False)
    cluster = trial.alter(cluster, spot=True)
    trial.retag(cluster)
    trial.account.call("ecs", "create_cluster", clusterName="other")
    assert trial.all("ecs_cluster") == [cluster]
    trial.remove(cluster)


def test_a_hundred_a_call(trial: Trial) -> None:
    for number in range(3):
        trial.make("ecs_cluster", f"c{number}")
    trial.account.calls.clear()
    assert len(trial.all("ecs_cluster")) == 3
    assert sum(trial.account.calls.values()) == 2


def test_foreign_cluster_of_our_name_is_shown(trial: Trial) -> None:
    trial.account.call("ecs", "create_cluster", clusterName="shop-main")
    [found] = CLUSTER.describe(trial.account, Scope("shop", frozenset({"shop-main"})))
    assert found.app is None
