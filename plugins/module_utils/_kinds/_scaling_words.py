"""The fields by which an Auto Scaling group grows and shrinks: shapes and words. Pure."""

from __future__ import annotations

from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Part, Record, Ref, Text

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"
_BALANCER = Part(Ref("load_balancer", "dimension"), "For requests: the load balancer that counts them.")
_TARGETS = Part(Ref("target_group", "dimension"), "For requests: the target group that counts them.")
_WARM = Part(
    Number(0, 86400, "seconds"), "How long a new machine does not count. Left out, the group's `warmup_seconds`."
)

TARGET_TRACKING = MapOf(
    Record(
        {
            "metric": Part(
                Choice(("cpu", "network_in", "network_out", "requests_per_target")),
                "What is kept at the target: CPU in percent, bytes a minute, or requests a minute to each machine.",
                required=True,
            ),
            "target": Part(Number(0.0001, 1e15, whole=False), "The value to keep.", required=True),
            "load_balancer": _BALANCER,
            "target_group": _TARGETS,
            "scales_in": Part(Flag(), "Whether it also takes machines away.", default=True),
            "warmup_seconds": _WARM,
        }
    ),
    key=NAME,
)
STEP_SCALING = MapOf(
    Record(
        {
            "metric": Part(
                Choice(("cpu", "memory", "requests", "requests_per_target")),
                "What is watched: CPU in percent (average), memory in percent (average; needs the CloudWatch agent), "
                "or requests in a period (sum).",
                required=True,
            ),
            "load_balancer": _BALANCER,
            "target_group": _TARGETS,
            "above": Part(Number(0, 1e15, whole=False), "Acts when the metric is above this."),
            "below": Part(Number(0, 1e15, whole=False), "Acts when the metric is below this."),
            "period_seconds": Part(Number(60, 86400, "seconds"), "How long one period is.", default=60),
            "periods": Part(Number(1, 1440), "How many periods in a row it has to be so.", default=1),
            "add": Part(Number(-1000, 1000), "How many machines come, or with a minus go."),
            "steps": Part(
                ListOf(
                    Record(
                        {
                            "from": Part(Number(0, 1e15, whole=False), "The distance from the limit where it begins."),
                            "to": Part(Number(0, 1e15, whole=False), "Where it ends; left out, never."),
                            "add": Part(
                                Number(-1000, 1000), "How many machines come, or with a minus go.", required=True
                            ),
                        }
                    ),
                    ordered=True,
                    least=2,
                    most=20,
                ),
                "In place of `add`: more machines, the further the metric is from the limit.",
            ),
            "unit": Part(Choice(("machines", "percent")), "What `add` counts.", default="machines"),
            "warmup_seconds": _WARM,
        },
        exactly_one=("above", "below"),
    ),
    key=NAME,
)
_CAPACITY = Number(0, 10000)
SCHEDULES = MapOf(
    Record(
        {
            "cron": Part(Text(r"\S+( \S+){4}", "five fields, such as `0 9 * * MON-FRI`"), "When.", required=True),
            "zone": Part(Text(r"[A-Za-z0-9_+/-]+", "a time zone such as Asia/Seoul"), "Whose clock.", default="UTC"),
            "minimum": Part(_CAPACITY, "The new minimum."),
            "maximum": Part(_CAPACITY, "The new maximum."),
            "desired": Part(_CAPACITY, "The new number of machines."),
        }
    ),
    key=NAME,
)
LIFECYCLE_HOOKS = MapOf(
    Record(
        {
            "when": Part(Choice(("launch", "terminate")), "What waits for it.", required=True),
            "seconds": Part(Number(30, 7200, "seconds"), "How long it waits at most.", default=3600),
            "otherwise": Part(
                Choice(("continue", "abandon")), "What happens when nobody answers in time.", default="abandon"
            ),
        }
    ),
    key=NAME,
)
TERMINATION_POLICIES = (
    "Default", "AllocationStrategy", "OldestLaunchTemplate", "OldestLaunchConfiguration", "ClosestToNextInstanceHour",
    "NewestInstance", "OldestInstance",
)  # fmt: skip
METRICS = (
    "GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances",
    "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances", "GroupInServiceCapacity",
    "GroupPendingCapacity", "GroupStandbyCapacity", "GroupTerminatingCapacity", "GroupTotalCapacity",
    "WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity", "WarmPoolPendingCapacity", "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity", "GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity",
)  # fmt: skip
MAINTENANCE = Record(
    {
        "minimum_healthy_percent": Part(Number(0, 100, "percent"), "How many have to serve.", required=True),
        "maximum_healthy_percent": Part(Number(100, 200, "percent"), "How many there may be.", required=True),
    }
)
