"""Seed 001 (resee), figure by figure. Its second step is our stage 1, its third our stage 4."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import Figure, at, names
from tests.support.inventories import app

PLANS = {stage: blueprint(app("resee"), stage) for stage in ("stage1", "stage4")}
GROUP = "autoscaling_group/app"

FIGURES = {
    "stage1": [
        Figure("AWS EC2 t3.medium (2 vCPU, 4GB RAM)", "instance/app.size", "t3.medium"),
        Figure("- AWS VPC 격리된 네트워크", "instance/app.subnet", "public-a"),
        Figure("- Security Groups 방화벽 규칙", "instance/app.security_groups", ["app"]),
        Figure("- S3에 일일 자동 백업", "bucket/backups.bucket_name", "resee-backups"),
        Figure(
            "- S3에 일일 자동 백업",
            "role/app.statements.backups[0]",
            {"actions": ["s3:PutObject"], "resources": [{"bucket": "backups", "path": "db/*"}]},
        ),
    ],
    "stage4": [
        Figure("최소 인스턴스: 2", f"{GROUP}.minimum", 2),
        Figure("최대 인스턴스: 10", f"{GROUP}.maximum", 10),
        Figure("- CPU 사용률 > 70% (5분 평균)", f"{GROUP}.step_scaling.cpu-high.above", 70),
        Figure("- CPU 사용률 > 70% (5분 평균)", f"{GROUP}.step_scaling.cpu-high.period_seconds", 300),
        Figure("- CPU 사용률 > 70% (5분 평균)", f"{GROUP}.step_scaling.cpu-high.periods", 1),
        Figure("- CPU 사용률 > 70% (5분 평균)", f"{GROUP}.step_scaling.cpu-high.add", 1),
        Figure("- 요청 수 > 1000/분", f"{GROUP}.step_scaling.requests-high.above", 1000),
        Figure("- 요청 수 > 1000/분", f"{GROUP}.step_scaling.requests-high.period_seconds", 60),
        Figure("- CPU 사용률 < 30% (10분 평균)", f"{GROUP}.step_scaling.cpu-low.below", 30),
        Figure("- CPU 사용률 < 30% (10분 평균)", f"{GROUP}.step_scaling.cpu-low.periods", 2),
        Figure("- CPU 사용률 < 30% (10분 평균)", f"{GROUP}.step_scaling.cpu-low.add", -1),
        Figure("- 요청 수 < 100/분", f"{GROUP}.step_scaling.requests-low.below", 100),
        Figure("- 요청 수 < 100/분", f"{GROUP}.step_scaling.requests-low.add", -1),
        Figure("2대 이상 (Multi-AZ)", f"{GROUP}.subnets", ["public-a", "public-c"]),
        Figure('ALB["Application Load Balancer<br/>- Health Check', f"{GROUP}.health_check", "elb"),
        Figure("- Health Check<br/>", "target_group/api.health_check.path", "/api/health/"),
        Figure("- SSL Offloading", "listener/https.protocol", "HTTPS"),
        Figure("RDS PostgreSQL<br/>Multi-AZ<br/>자동 백업<br/>읽기 전용 복제본", "database/db.engine", "postgresql"),
        Figure("- PostgreSQL 15", "database/db.version", "15"),
        Figure("RDS PostgreSQL<br/>Multi-AZ<br/>자동 백업<br/>읽기 전용 복제본", "database/db.multi_az", True),
        Figure("RDS PostgreSQL<br/>Multi-AZ<br/>자동 백업<br/>읽기 전용 복제본", "database/db.backup_keep_days", 7),
        Figure(
            "RDS PostgreSQL<br/>Multi-AZ<br/>자동 백업<br/>읽기 전용 복제본", "database/db-replica-1.replica_of", "db"
        ),
        Figure("4. RDS 암호화: 저장 데이터 암호화", "database/db.encrypted", True),
        # a replica that takes over, in place of cluster mode, which Celery cannot use
        Figure("ElastiCache 클러스터 | 데이터 복제 + 고가용성", "cache/cache.replicas", 1),
        Figure("ElastiCache 클러스터 | 데이터 복제 + 고가용성", "cache/cache.multi_az", True),
        Figure('S3["S3<br/>정적 파일<br/>백업<br/>로그"]', "bucket/static.encryption", "s3"),
        Figure('S3["S3<br/>정적 파일<br/>백업<br/>로그"]', "bucket/logs.encryption", "s3"),
        Figure('S3["S3<br/>정적 파일<br/>백업<br/>로그"]', "bucket/backups.bucket_name", "resee-backups"),
        Figure('Route53["Route 53<br/>DNS"]', "dns_zone/main.domain", "example.com"),
        Figure("2. AWS Security Groups: 포트 레벨 방화벽", "security_group/db.ingress[0].from", "app"),
        Figure("3. IAM Roles: 서비스별 최소 권한", "launch_template/app.role", "app"),
        Figure("- EC2 인스턴스 다운", "alarm/instance-down.metric", "StatusCheckFailed"),
        Figure("- EC2 인스턴스 다운", "alarm/instance-down.topics", ["critical"]),
        Figure(
            "- RDS 장애 조치",
            "event_rule/database-failover.pattern.detail",
            {"EventCategories": ["failover"], "SourceIdentifier": ["resee-db"]},
        ),
        Figure("- RDS 장애 조치", "event_rule/database-failover.targets", {"people": {"topic": "critical"}}),
        Figure("- 에러율 > 5%", "alarm/error-percent.threshold", 5),
        Figure("- 에러율 > 5%", "alarm/error-percent.topics", ["critical"]),
        Figure("- 응답 시간 > 3초", "alarm/latency-seconds.threshold", 3),
        Figure("- 응답 시간 > 3초", "alarm/latency-seconds.topics", ["critical"]),
        Figure("- CPU > 80%", "alarm/cpu.threshold", 80),
        Figure("Warning (30분 후 알림):", "alarm/cpu.period_seconds", 300),
        Figure("Warning (30분 후 알림):", "alarm/cpu.periods", 6),
        Figure("- 디스크 사용률 > 85%", "alarm/disk.threshold", 85),
        Figure("- 메모리 > 90%", "alarm/memory.threshold", 90),
        Figure("- 메모리 > 90%", "alarm/memory.topics", ["warning"]),
    ],
}
ALL = [(stage, figure) for stage, figures in FIGURES.items() for figure in figures]


@pytest.mark.parametrize(("stage", "figure"), ALL, ids=[f"{stage}-{one.where}" for stage, one in ALL])
def test_figure(stage: str, figure: Figure) -> None:
    assert at(PLANS[stage], figure.where) == figure.has


def test_metrics_of_the_list_are_on_the_dashboard() -> None:
    """«CloudWatch 메트릭»: CPU, memory, disk, network, response time, error rate, database connections."""
    assert [widget["title"] for widget in at(PLANS["stage4"], "dashboard/overview.widgets")] == [
        "CPU (%)",
        "Memory (%)",
        "Disk (bytes)",
        "Network (bytes)",
        "Response time (s)",
        "Errors (%)",
        "Database connections",
    ]


def test_the_list_of_alarms_is_whole() -> None:
    """Four critical ones, of which the failover is an event, and three warnings."""
    assert names(PLANS["stage4"], "alarm") == [
        "instance-down",
        "error-percent",
        "latency-seconds",
        "cpu",
        "disk",
        "memory",
    ]


def test_routes_go_to_the_services() -> None:
    """«Nginx --> Django, Nginx --> React»: the load balancer takes Nginx's place."""
    rules = at(PLANS["stage4"], "listener/https.rules")
    assert [(rule["paths"], rule["action"]) for rule in rules] == [
        (["/admin", "/admin/*"], {"forward": "api"}),
        (["/api", "/api/*"], {"forward": "api"}),
    ]
    assert at(PLANS["stage4"], "listener/https.action") == {"forward": "web"}
    assert at(PLANS["stage4"], "target_group/web.port") == 8080


@pytest.mark.parametrize("kind", ["database", "cache", "load_balancer", "autoscaling_group", "nat_gateway"])
def test_second_step_has_none_of_the_third(kind: str) -> None:
    """«Q2: 왜 RDS가 아닌 Docker PostgreSQL을 사용하나요?», «Q3: 왜 로드밸런서가 없나요?»."""
    assert names(PLANS["stage1"], kind) == []


def test_requests_are_those_of_the_whole_app() -> None:
    policy = at(PLANS["stage4"], f"{GROUP}.step_scaling.requests-high")
    assert policy["load_balancer"] == "main"
    assert at(PLANS["stage4"], f"{GROUP}.target_tracking") == {}


def test_cluster_mode_is_an_option() -> None:
    """«ElastiCache Redis<br/>클러스터 모드»: for apps whose client knows it."""
    plan = blueprint(app("resee", {"stores": {"cache": {"managed": {"shards": 2}}}}), "stage4")
    assert at(plan, "cache/cache.cluster_mode") is True
    assert at(plan, "cache/cache.shards") == 2
