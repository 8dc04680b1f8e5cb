"""Seed 004 (promo), figure by figure. Its first step is our stage 1 with stores of others, its second our stage 4."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import Figure, at, names
from tests.support.inventories import app

WORLD = "0.0.0.0/0"
PLANS = {
    "mvp": blueprint(app("promo_mvp"), "stage1"),
    "host": blueprint(app("promo"), "stage1"),
    "production": blueprint(app("promo"), "stage4"),
    "ecs": blueprint(app("promo_ecs"), "stage4"),
    "staging": blueprint(app("promo_staging"), "stage4"),
}

FIGURES = {
    "mvp": [
        Figure("│   AWS S3    │", "bucket/images.bucket_name", "promo-prod-images"),
        Figure("│              AWS EC2 / Railway                       │", "instance/app.role", "app"),
    ],
    "host": [
        Figure("- HTTP (80) from 0.0.0.0/0", "security_group/app.ingress[0].from", WORLD),
        Figure("- HTTP (80) from 0.0.0.0/0", "security_group/app.ingress[0].port", 80),
        Figure("- HTTPS (443) from 0.0.0.0/0", "security_group/app.ingress[1].port", 443),
        Figure("aws s3 cp $BACKUP_FILE.gz s3://backups/", "bucket/backups.bucket_name", "promo-backups"),
    ],
    "production": [
        Figure("- AWS EC2 (t3.medium × 2): $60", "launch_template/app.size", "t3.medium"),
        Figure("- AWS EC2 (t3.medium × 2): $60", "autoscaling_group/app.minimum", 2),
        Figure("- AWS RDS (db.t3.medium): $70", "database/db.size", "db.t3.medium"),
        Figure("│  Multi-AZ   │ │       │ │          │", "database/db.multi_az", True),
        Figure("- Read Replica로 자동 전환", "database/db-replica-1.replica_of", "db"),
        Figure("- AWS ElastiCache (cache.t3.micro): $15", "cache/cache.size", "cache.t3.micro"),
        Figure("- AWS S3 + CloudFront: $50", "distribution/main.origins[0].load_balancer", "main"),
        Figure("│                  (AWS ALB / Nginx)                   │", "load_balancer/main.load_balancer", "main"),
        Figure("- PostgreSQL (5432) from Backend SG only", "security_group/db.ingress[0].port", 5432),
        Figure("- PostgreSQL (5432) from Backend SG only", "security_group/db.ingress[0].from", "app"),
        Figure("- Redis (6379) from Backend SG only", "security_group/cache.ingress[0].port", 6379),
        Figure("- Redis (6379) from Backend SG only", "security_group/cache.ingress[0].from", "app"),
        Figure("aws-region: ap-northeast-2", "subnet/public-a.zone", "ap-northeast-2a"),
        Figure("ECR_REPOSITORY: backend", "repository/backend.repository", "backend"),
        Figure("await this.redis.ping();", "target_group/backend.health_check.path", "/health"),
        Figure("EXPOSE 3000", "target_group/backend.port", 3000),
    ],
    "ecs": [
        Figure("--cluster prod-cluster \\", "ecs_service/backend.cluster", "main"),
        Figure("--service backend-service \\", "ecs_service/backend.task_definition", "backend"),
        Figure('"targetValue": 70.0,', "ecs_service/backend.scaling.cpu_percent", 70),
        Figure("aws logs create-log-group --log-group-name /ecs/backend", "log_group/app.log_name", "/ecs/backend"),
        Figure("// worker1.ts, worker2.ts, worker3.ts", "ecs_service/worker.count", 3),
        Figure(
            "concurrency: 5, // 동시 처리 작업 수",
            "task_definition/worker.containers[0].environment.WORKER_CONCURRENCY",
            "5",
        ),
        Figure("--task-definition backend:previous", "ecs_service/backend.circuit_breaker", True),
        Figure("ALIGO_TESTMODE=N", "task_definition/backend.containers[0].environment.ALIGO_TESTMODE", "N"),
        Figure(
            "JWT_SECRET=<strong-secret>",
            "task_definition/backend.containers[0].secrets.JWT_SECRET",
            {"secret": "app", "key": "JWT_SECRET"},
        ),
        Figure(
            "ENCRYPTION_KEY=<encryption-key>",
            "task_definition/backend.containers[0].secrets.ENCRYPTION_KEY",
            {"secret": "app", "key": "ENCRYPTION_KEY"},
        ),
    ],
    "staging": [
        Figure("AWS_S3_BUCKET=staging-bucket", "bucket/images.bucket_name", "promo-staging-images"),
    ],
}
ALL = [(plan, figure) for plan, figures in FIGURES.items() for figure in figures]


@pytest.mark.parametrize(("plan", "figure"), ALL, ids=[f"{plan}-{one.where}" for plan, one in ALL])
def test_figure(plan: str, figure: Figure) -> None:
    assert at(PLANS[plan], figure.where) == figure.has


@pytest.mark.parametrize("kind", ["database", "cache", "load_balancer"])
def test_the_first_step_has_stores_of_others(kind: str) -> None:
    """«PostgreSQL (Supabase)», «Redis (Upstash)»."""
    assert names(PLANS["mvp"], kind) == []


def test_metrics_of_ecs_are_watched() -> None:
    """«CPU 사용률, 메모리 사용률, API 응답 시간, 에러 발생률»."""
    lines = [line for widget in at(PLANS["ecs"], "dashboard/overview.widgets") for line in widget["lines"]]
    metrics = {line.get("metric") for line in lines}
    assert {"CPUUtilization", "MemoryUtilization", "TargetResponseTime", "errors"} <= metrics


def test_staging_is_as_production_with_other_data() -> None:
    """«프로덕션과 동일한 구성»: the same kinds but for the replica, the zone and the content network."""
    kinds = {plan: {next(iter(entry)) for entry in PLANS[plan]} for plan in ("staging", "production")}
    assert kinds["production"] - kinds["staging"] == {"dns_zone", "dns_record", "distribution"}
    staging = app("promo_staging")
    assert staging.env["ALIGO_TESTMODE"] == "Y"
    assert staging.env["NODE_ENV"] == "staging"


def test_the_host_part_has_the_documents_figures() -> None:
    promo = app("promo")
    (db, _cache) = promo.stores
    found: dict[str, Any] = {
        "image: postgres:15": db.version,
        "POSTGRES_DB: product_marketing": db.database,
        "limit: 100, // 분당 100회": (promo.edge.rate_limit.requests, promo.edge.rate_limit.per_seconds),
        "0 2 * * * /path/to/backup.sh": promo.backups.at,
        "# 30일 이상 된 백업 삭제": promo.backups.keep_days,
        "npx prisma migrate deploy": promo.tasks[0].command,
        "EXPOSE 3000": promo.routed[0].port,
    }
    assert list(found.values()) == [
        "15", "product_marketing", (100, 60), "02:00", 30, ("npx", "prisma", "migrate", "deploy"), 3000,
    ]  # fmt: skip
