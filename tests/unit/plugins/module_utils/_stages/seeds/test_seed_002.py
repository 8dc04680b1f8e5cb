"""Seed 002 (iamvet), figure by figure. Where it stands is our stage 2; its ways are stage 4, Fargate and Vercel."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import MISSING, Figure, at, names
from tests.support.inventories import app

PLANS = {
    "now": blueprint(app("iamvet"), "stage2"),
    "fleet": blueprint(app("iamvet"), "stage4"),
    "fargate": blueprint(app("iamvet_fargate"), "stage4"),
    "vercel": blueprint(app("iamvet_vercel"), "stage2"),
}

FIGURES = {
    "now": [
        Figure("[EC2 단일 인스턴스 (t3.medium)]", "instance/app.size", "t3.medium"),
        Figure("[RDS PostgreSQL]", "database/db.engine", "postgresql"),
        Figure("[Route 53 DNS]", "dns_record/main.elastic_ip", "app"),
        Figure(
            "├─ CloudWatch Agent (로그/메트릭 수집)", "role/app.statements.watch[0].resources", [{"log_group": "app"}]
        ),
        Figure("├─ SSM Agent (원격 관리)", "role/app.policies", ["AmazonSSMManagedInstanceCore"]),
        Figure("├─ 로그 그룹", "log_group/app.log_name", "/stairway/iamvet"),
        Figure("└─ 알람", "alarm/instance-down.of", {"instance": "app"}),
        Figure("[SNS] → [이메일/SMS 알림]", "topic/critical.subscriptions[0]", {"email": "ops@example.com"}),
        Figure("[SNS] → [이메일/SMS 알림]", "topic/critical.subscriptions[1]", {"sms": "+821012345678"}),
        Figure("- ✅ 자동 복구 시도", "alarm/recover.instance_action", "recover"),
        Figure("- ✅ 자동 복구 시도", "alarm/reboot.instance_action", "reboot"),
        Figure("[SSM 자동 복구] → [복구 시도]", "ssm_document/restart.type", "command"),
        Figure("[SSM 자동 복구] → [복구 시도]", "event_rule/restart.targets.restart.command", "restart"),
        Figure("2. CloudWatch 대시보드 생성", "dashboard/overview.dashboard", "overview"),
    ],
    "fleet": [
        Figure("--name iamvet-alb \\", "load_balancer/main.load_balancer", "main"),
        Figure("--subnets subnet-xxx subnet-yyy \\", "load_balancer/main.subnets", ["public-a", "public-c"]),
        Figure("--protocol HTTP \\", "target_group/web.protocol", "HTTP"),
        Figure("--port 3000 \\", "target_group/web.port", 3000),
        Figure(
            "--health-check-path /api/health-external", "target_group/web.health_check.path", "/api/health-external"
        ),
        Figure("--min-size 1 \\", "autoscaling_group/app.minimum", 1),
        Figure("--max-size 3 \\", "autoscaling_group/app.maximum", 3),
        Figure("--desired-capacity 1 \\", "autoscaling_group/app.desired", 1),
        Figure("└─ Health Check", "autoscaling_group/app.health_check", "elb"),
        Figure("[RDS (Multi-AZ)]", "database/db.multi_az", True),
        Figure("[CloudWatch] → [SNS] → [알림]", "alarm/unhealthy-targets-web.topics", ["critical"]),
    ],
    "fargate": [
        Figure("[ECS Fargate]", "ecs_service/web.cluster", "main"),
        Figure("├─ Task 1 (Next.js)", "ecs_service/web.scaling.least", 1),
        Figure("├─ Task 2 (Next.js) - 자동 스케일링", "ecs_service/web.scaling.cpu_percent", 60),
        Figure("└─ Task 3 (Next.js) - 필요 시", "ecs_service/web.scaling.most", 3),
        Figure("[Application Load Balancer]", "target_group/web.target_type", "ip"),
        Figure("[RDS]", "database/db.engine", "postgresql"),
    ],
    "vercel": [
        Figure("[RDS PostgreSQL]", "database/db.public", True),
        Figure("- Route 53에서 CNAME 레코드 추가", "dns_record/main.type", "CNAME"),
        Figure("- Route 53에서 CNAME 레코드 추가", "dns_record/main.values", ["cname.vercel-dns.com"]),
        Figure("- ✅ 서버 관리 완전 불필요", "instance/app", MISSING),
    ],
}
ALL = [(plan, figure) for plan, figures in FIGURES.items() for figure in figures]


@pytest.mark.parametrize(("plan", "figure"), ALL, ids=[f"{plan}-{one.where}" for plan, one in ALL])
def test_figure(plan: str, figure: Figure) -> None:
    assert at(PLANS[plan], figure.where) == figure.has


@pytest.mark.parametrize("plan", ["fargate", "vercel"])
@pytest.mark.parametrize("kind", ["instance", "launch_template", "autoscaling_group", "nat_gateway"])
def test_no_machines(plan: str, kind: str) -> None:
    """«서버 관리 불필요»."""
    assert names(PLANS[plan], kind) == []


def test_the_database_at_vercel_lets_in_named_addresses_only() -> None:
    rules = at(PLANS["vercel"], "security_group/db.ingress")
    assert [rule["from"] for rule in rules] == [["203.0.113.64/29"]]


def test_tasks_get_their_settings_without_showing_them() -> None:
    container = at(PLANS["fargate"], "task_definition/web.containers[0]")
    assert container["secrets"] == {
        "NEXTAUTH_SECRET": {"secret": "env", "key": "NEXTAUTH_SECRET"},
        "DATABASE_URL": {"secret": "db", "key": "DATABASE_URL"},
    }
    assert container["environment"] == {"NODE_ENV": "production", "NEXTAUTH_URL": "https://iamvet.example.com"}


def test_only_the_machine_of_this_app_is_mended() -> None:
    assert at(PLANS["now"], "event_rule/restart.targets.restart.instances") == {"tag:stairway:app": ["iamvet"]}
    statement = at(PLANS["now"], "role/events.statements.restart[0]")
    assert statement["actions"] == ["ssm:SendCommand"]
