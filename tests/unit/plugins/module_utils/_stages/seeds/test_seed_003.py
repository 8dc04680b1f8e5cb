"""Seed 003 (shop), figure by figure: what the document says, and what the blueprint of stage 4 has.

The document calls the app «ecommerce», the blueprint «shop». Where it does something unsafe the preset does the safe
thing; docs/seeds.md lists these, and test_unsafe_ways.py has the options.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import MISSING, Figure, at, ids, names
from tests.support.inventories import app

WORLD = "0.0.0.0/0"
GIB = 1024**3
PLAN = blueprint(app("shop"), "stage4")

NETWORK = [
    Figure("CIDR: 10.0.0.0/16", "vpc/main.cidr", "10.0.0.0/16"),
    Figure("Region: ap-northeast-2 (Seoul)", "subnet/public-a.zone", "ap-northeast-2a"),
    Figure("Availability Zones: 2 (ap-northeast-2a, ap-northeast-2c)", "subnet/public-c.zone", "ap-northeast-2c"),
    Figure("- AZ1: 10.0.1.0/24  # ALB, NAT Gateway", "subnet/public-a.cidr", "10.0.1.0/24"),
    Figure("- AZ2: 10.0.2.0/24  # ALB (HA)", "subnet/public-c.cidr", "10.0.2.0/24"),
    Figure("- AZ1: 10.0.11.0/24  # EC2, RDS, ElastiCache", "subnet/private-a.cidr", "10.0.11.0/24"),
    Figure("- AZ2: 10.0.12.0/24  # EC2 (Auto Scaling)", "subnet/private-c.cidr", "10.0.12.0/24"),
    Figure("- AZ2: 10.0.12.0/24  # EC2 (Auto Scaling)", "subnet/private-c.zone", "ap-northeast-2c"),
    Figure("Attachment: VPC에 연결", "internet_gateway/main.vpc", "main"),
    Figure("Placement: Public Subnet AZ1 (10.0.1.0/24)", "nat_gateway/nat.subnet", "public-a"),
    Figure("Target: Internet Gateway", "route_table/public.routes", [{"to": WORLD, "internet_gateway": "main"}]),
    Figure("- 10.0.1.0/24 (AZ1)", "route_table/public.subnets", ["public-a", "public-c"]),
    Figure("Target: NAT Gateway (AZ1만)", "route_table/private.routes", [{"to": WORLD, "nat_gateway": "nat"}]),
    Figure("- 10.0.11.0/24 (AZ1)", "route_table/private.subnets", ["private-a", "private-c"]),
    Figure("Recommendation: S3만 우선 적용", "vpc_endpoint/s3.service", "s3"),
    Figure('Environment = "production"', "vpc/main.tags.Environment", "production"),
    Figure('Project     = "ecommerce"', "vpc/main.tags.Project", "ecommerce"),
]

BALANCER = [
    Figure("Scheme: Internet-facing", "load_balancer/main.scheme", "internet-facing"),
    Figure("Subnets: Public Subnets (AZ1, AZ2)", "load_balancer/main.subnets", ["public-a", "public-c"]),
    Figure("Security Groups: ALB-SG", "load_balancer/main.security_groups", ["alb"]),
    Figure("Protocol: HTTPS", "listener/https.protocol", "HTTPS"),
    Figure("HTTPS:443:", "listener/https.port", 443),
    Figure("Certificate: ACM Certificate (무료)", "listener/https.certificate", "main"),
    Figure("Default Action: Forward to Target Group", "listener/https.action", {"forward": "app"}),
    Figure("HTTP:80:", "listener/http.port", 80),
    Figure("Default Action: Redirect to HTTPS", "listener/http.action.redirect.protocol", "HTTPS"),
    Figure("Protocol: HTTP", "target_group/app.protocol", "HTTP"),
    Figure("Port: 8080", "target_group/app.port", 8080),
    Figure("Path: /actuator/health", "target_group/app.health_check.path", "/actuator/health"),
    Figure("Interval: 30s", "target_group/app.health_check.interval_seconds", 30),
    Figure("Timeout: 5s", "target_group/app.health_check.timeout_seconds", 5),
    Figure("Healthy Threshold: 2", "target_group/app.health_check.healthy_threshold", 2),
    Figure("Unhealthy Threshold: 2", "target_group/app.health_check.unhealthy_threshold", 2),
    Figure("Deregistration Delay: 30s  # 빠른 배포", "target_group/app.deregistration_delay_seconds", 30),
    Figure("Duration: 3600s", "target_group/app.stickiness", {"enabled": True, "seconds": 3600}),
    Figure("Idle Timeout: 60s", "load_balancer/main.idle_seconds", 60),
    Figure("Access Logs: Disabled (비용 절감, 필요시만 활성화)", "load_balancer/main.access_logs", MISSING),
]

FLEET = [
    # Amazon Linux becomes Debian 13, which Stairway's roles know
    Figure("AMI: Amazon Linux 2023 (최신 버전)", "launch_template/app.image", "debian-13"),
    Figure("Instance Type: t3.small  # 중소 규모로 축소", "launch_template/app.size", "t3.small"),
    Figure("IAM Role: EC2-App-Role", "launch_template/app.role", "app"),
    Figure("Security Groups: App-SG", "launch_template/app.security_groups", ["app"]),
    Figure("Detailed Monitoring: Disabled (비용 절감, 1분 → 5분 간격)", "launch_template/app.monitoring", False),
    Figure("Size: 20 GB  # 30GB → 20GB 축소", "launch_template/app.root_volume.size_gb", 20),
    Figure("Encrypted: true", "launch_template/app.root_volume.encrypted", True),
    Figure("VPC Subnets: Private App Subnets (AZ1, AZ2)", "autoscaling_group/app.subnets", ["private-a", "private-c"]),
    Figure("Target Group: Application-TG", "autoscaling_group/app.target_groups", ["app"]),
    Figure("Minimum: 2  # HA 보장", "autoscaling_group/app.minimum", 2),
    Figure("Desired: 2  # 기본 2대 운영", "autoscaling_group/app.desired", 2),
    Figure("Maximum: 6  # 10 → 6으로 축소", "autoscaling_group/app.maximum", 6),
    Figure("Type: ELB", "autoscaling_group/app.health_check", "elb"),
    Figure("Grace Period: 180s  # 300s → 180s 단축", "autoscaling_group/app.health_grace_seconds", 180),
    Figure("- Metric: CPU Utilization", "autoscaling_group/app.target_tracking.cpu.metric", "cpu"),
    Figure("Target: 60%  # 70% → 60% (더 빠른 대응)", "autoscaling_group/app.target_tracking.cpu.target", 60),
    Figure("Cooldown: 180s", "autoscaling_group/app.warmup_seconds", 180),
    Figure(
        "Schedule: 0 9 * * MON-FRI  # 평일 오전 9시",
        "autoscaling_group/app.schedules.business-hours-scale-up",
        {"cron": "0 9 * * MON-FRI", "zone": "Asia/Seoul", "desired": 3},
    ),
    Figure(
        "Schedule: 0 22 * * *  # 매일 오후 10시",
        "autoscaling_group/app.schedules.after-hours-scale-down",
        {"cron": "0 22 * * *", "zone": "Asia/Seoul", "desired": 2},
    ),
    Figure("- OldestInstance", "autoscaling_group/app.termination_policies", ["OldestInstance", "Default"]),
]

DATABASE = [
    Figure("Engine: MySQL 8.0", "database/db.engine", "mysql"),
    Figure('engine_version = "8.0"', "database/db.version", "8.0"),
    Figure("Instance Class: db.t4g.medium  # ARM 기반 (저렴)", "database/db.size", "db.t4g.medium"),
    Figure("Storage Size: 50 GB (Auto Scaling up to 200 GB)", "database/db.storage_gb", 50),
    Figure("Storage Size: 50 GB (Auto Scaling up to 200 GB)", "database/db.max_storage_gb", 200),
    Figure("Storage Encryption: Enabled (KMS)", "database/db.encrypted", True),
    Figure("Multi-AZ: Disabled (비용 절감)", "database/db.multi_az", False),
    Figure("Backup Retention: 7 days", "database/db.backup_keep_days", 7),
    Figure("Backup Window: 03:00-04:00 UTC (12:00-13:00 KST)", "database/db.backup_window", "03:00-04:00"),
    Figure("Final Snapshot: Enabled", "database/db.protect", True),
    Figure(
        "Maintenance Window: Sun 04:00-05:00 UTC (13:00-14:00 KST)",
        "database/db.maintenance_window",
        "sun:04:00-sun:05:00",
    ),
    Figure("Auto Minor Version Upgrade: Enabled (보안 패치)", "database/db.auto_minor_upgrade", True),
    Figure("character_set_server: utf8mb4", "database/db.parameters.character_set_server", "utf8mb4"),
    Figure("collation_server: utf8mb4_unicode_ci", "database/db.parameters.collation_server", "utf8mb4_unicode_ci"),
    Figure("max_connections: 200  # 500 → 200 (중소 규모 충분)", "database/db.parameters.max_connections", "200"),
    Figure(
        "innodb_buffer_pool_size: 2684354560  # 2.5 GB (60% of RAM)",
        "database/db.parameters.innodb_buffer_pool_size",
        "2684354560",
    ),
    Figure("innodb_log_file_size: 268435456      # 256 MB", "database/db.parameters.innodb_log_file_size", "268435456"),
    Figure("slow_query_log: 1", "database/db.parameters.slow_query_log", "1"),
    Figure("long_query_time: 2", "database/db.parameters.long_query_time", "2"),
    Figure("binlog_format: ROW", "database/db.parameters.binlog_format", "ROW"),
    Figure(
        "binlog_expire_logs_seconds: 259200   # 3 days (7일 → 3일)",
        "database/db.parameters.binlog_expire_logs_seconds",
        "259200",
    ),
    Figure("Enabled: false  # 비용 절감 (필요시만 활성화)", "database/db.performance_insights", False),
    Figure("Public Accessibility: Disabled", "database/db.public", MISSING),
    Figure("Encryption in Transit: Enabled (SSL)", "database/db.require_tls", True),
    Figure("Security Group: DB-SG", "database/db.security_groups", ["db"]),
]

CACHE = [
    Figure("Engine: Redis 7.0", "cache/cache.version", "7.0"),
    Figure("Node Type: cache.t4g.small  # ARM 기반", "cache/cache.size", "cache.t4g.small"),
    Figure("Replicas: 0 (Single Node)", "cache/cache.replicas", 0),
    Figure("Multi-AZ: Disabled", "cache/cache.multi_az", False),
    Figure("Security Group: Redis-SG", "cache/cache.security_groups", ["cache"]),
    Figure("maxmemory-policy: allkeys-lru", "cache/cache.parameters.maxmemory-policy", "allkeys-lru"),
    Figure("timeout: 300", "cache/cache.parameters.timeout", "300"),
    Figure("tcp-keepalive: 300", "cache/cache.parameters.tcp-keepalive", "300"),
    Figure("maxmemory-samples: 5", "cache/cache.parameters.maxmemory-samples", "5"),
    Figure("notify-keyspace-events: Ex  # Expiration events", "cache/cache.parameters.notify-keyspace-events", "Ex"),
    Figure("Snapshot Retention: 3 days  # 7일 → 3일", "cache/cache.snapshot_keep_days", 3),
    Figure("Snapshot Window: 03:00-05:00 UTC", "cache/cache.snapshot_window", "03:00-05:00"),
    Figure("Maintenance Window: Sun 05:00-06:00 UTC", "cache/cache.maintenance_window", "sun:05:00-sun:06:00"),
]

FILES = [
    Figure("Name: ecommerce-data-{account-id}", "bucket/data.bucket_name", "ecommerce-data-{account}"),
    # S3 keeps versions of a whole bucket or of none: those of the logs go after a day
    Figure("Versioning: Suspended (로그), Enabled (백업)", "bucket/data.versioned", True),
    Figure("Versioning: Suspended (로그), Enabled (백업)", "bucket/data.lifecycle[0].old_versions_expire_days", 1),
    Figure("Encryption: SSE-S3 (무료)", "bucket/data.encryption", "s3"),
    Figure("/logs/application/", "bucket/data.lifecycle[0].prefix", "logs/"),
    Figure("- Delete after 30 days  (365일 → 30일)", "bucket/data.lifecycle[0].expire_days", 30),
    Figure("/backups/rds/", "bucket/data.lifecycle[1].prefix", "backups/"),
    Figure(
        "- Transition to Glacier: 30 days  (90일 → 30일)",
        "bucket/data.lifecycle[1].transitions",
        [{"days": 30, "to": "glacier"}],
    ),
    Figure("- Delete after 90 days  (7년 → 90일)", "bucket/data.lifecycle[1].expire_days", 90),
    Figure("Name: ecommerce-static-{account-id}", "bucket/static.bucket_name", "ecommerce-static-{account}"),
    Figure("Versioning: Suspended", "bucket/static.versioned", False),
    # the engine puts the app's name before it: shop/ecommerce-app
    Figure("Name: ecommerce-app", "repository/ecommerce-app.repository", "ecommerce-app"),
    Figure("Image Scanning: Disabled (비용 절감)", "repository/ecommerce-app.scan_on_push", False),
    Figure("- Keep last 5 images  (10 → 5)", "repository/ecommerce-app.keep_images", 5),
    Figure("- Delete untagged after 3 days", "repository/ecommerce-app.untagged_days", 3),
]

RIGHTS = [
    Figure(
        "- AmazonEC2ContainerRegistryReadOnly  # ECR pull", "role/app.policies[1]", "AmazonEC2ContainerRegistryReadOnly"
    ),
    Figure("- Action: s3:PutObject", "role/app.statements.bucket-data[0].actions", ["s3:PutObject"]),
    Figure(
        "Resource: arn:aws:s3:::ecommerce-data-*/logs/*",
        "role/app.statements.bucket-data[0].resources",
        [{"bucket": "data", "path": "logs/*"}],
    ),
    Figure(
        "- Action: secretsmanager:GetSecretValue",
        "role/app.statements.settings[0].actions",
        ["secretsmanager:GetSecretValue"],
    ),
    Figure("- Action: rds-db:connect", "role/app.statements.db-login[0].actions", ["rds-db:connect"]),
    Figure(
        "Resource: RDS ARN", "role/app.statements.db-login[0].resources", [{"database_login": "db", "user": "shop"}]
    ),
    Figure("Service: ec2.amazonaws.com", "role/app.services", ["ec2"]),
    Figure("- rds/ecommerce/password", "secret/db.path", "rds/ecommerce/password"),
    Figure("- jwt/signing-key", "secret/jwt.path", "jwt/signing-key"),
    Figure("- /ecommerce/prod/db-host", "parameter/db-host.path", "/ecommerce/prod/db-host"),
    Figure("- /ecommerce/prod/db-host", "parameter/db-host.value_of", {"database": "db"}),
    Figure("- /ecommerce/prod/redis-host", "parameter/redis-host.path", "/ecommerce/prod/redis-host"),
    Figure("- /ecommerce/prod/redis-host", "parameter/redis-host.value_of", {"cache": "cache"}),
    Figure("- /ecommerce/prod/env-config", "parameter/env-config.path", "/ecommerce/prod/env-config"),
    Figure("Type: String", "parameter/env-config.type", "text"),
]


def rule(port: int, source: Any, description: str, way: str = "from") -> dict[str, Any]:
    return {"port": port, way: source, "description": description}


GROUPS = [
    Figure("- Port 443 (HTTPS) from 0.0.0.0/0", "security_group/alb.ingress[0]", rule(443, WORLD, "HTTPS")),
    Figure("- Port 80 (HTTP) from 0.0.0.0/0", "security_group/alb.ingress[1]", rule(80, WORLD, "HTTP")),
    Figure("- Port 8080 to App-SG", "security_group/alb.egress", [rule(8080, "app", "the app", "to")]),
    # and not: Port 22 from MyIP
    Figure("- Port 8080 from ALB-SG", "security_group/app.ingress", [rule(8080, "alb", "the load balancer")]),
    Figure("- All traffic to 0.0.0.0/0  # 간소화", "security_group/app.egress", MISSING),
    # and not: Port 3306 from MyIP
    Figure("- Port 3306 from App-SG", "security_group/db.ingress", [rule(3306, "app", "the app")]),
    Figure("- None", "security_group/db.egress", []),
    Figure("- Port 6379 from App-SG", "security_group/cache.ingress", [rule(6379, "app", "the app")]),
    Figure("- None", "security_group/cache.egress", []),
]

WATCH = [
    Figure("- ALB Unhealthy Targets > 0", "alarm/unhealthy-targets-app.threshold", 0),
    Figure("- ALB Unhealthy Targets > 0", "alarm/unhealthy-targets-app.metric", "UnHealthyHostCount"),
    Figure("- RDS CPU > 85%", "alarm/database-cpu-db.threshold", 85),
    Figure("- Application Error Rate > 10/min", "alarm/errors.threshold", 10),
    Figure("- Application Error Rate > 10/min", "alarm/errors.period_seconds", 60),
    Figure("- RDS Storage < 10 GB", "alarm/database-storage-gb-db.threshold", 10 * GIB),
    Figure("- RDS Storage < 10 GB", "alarm/database-storage-gb-db.compare", "<"),
    Figure("- Redis Memory > 90%", "alarm/cache-memory-cache.threshold", 90),
    Figure("Critical (P1):", "alarm/errors.topics", ["critical"]),
    Figure("Warning (P2):", "alarm/cache-memory-cache.topics", ["warning"]),
    Figure("Action: SNS → Email", "topic/warning.subscriptions", [{"email": "ops@example.com"}]),
    Figure("- /aws/ec2/ecommerce-app", "log_group/app.log_name", "/aws/ec2/ecommerce-app"),
    Figure("Retention: 7 days  (30일 → 7일)", "log_group/app.keep_days", 7),
    Figure("- /aws/rds/instance/ecommerce-db/error", "log_group/db-error.log_name", "/aws/rds/instance/shop-db/error"),
    Figure("Retention: 7 days", "log_group/db-error.keep_days", 7),
    Figure("- Application Errors (ERROR pattern)", "log_group/app.metrics.errors.pattern", "ERROR"),
    Figure("- Failed Orders", "log_group/app.metrics.failed-orders.pattern", '"Order failed"'),
    Figure("Monthly Budget: $250", "budget/month.monthly_limit", 250),
    Figure(
        "- 80% threshold: Email",
        "budget/month.notifications[0]",
        {"of": "actual", "percent": 80, "topic": "warning"},
    ),
    Figure(
        "- 100% threshold: Email + SMS",
        "budget/month.notifications[1]",
        {"of": "actual", "percent": 100, "topic": "critical"},
    ),
    Figure("- 100% threshold: Email + SMS", "topic/critical.subscriptions[1]", {"sms": "+821012345678"}),
    Figure(
        "- Forecast exceeds: Email",
        "budget/month.notifications[2]",
        {"of": "forecast", "percent": 100, "topic": "warning"},
    ),
    Figure("Alert: Email on anomaly", "anomaly_monitor/costs.emails", ["ops@example.com"]),
]

FIGURES = [*NETWORK, *BALANCER, *FLEET, *DATABASE, *CACHE, *FILES, *RIGHTS, *GROUPS, *WATCH]


@pytest.mark.parametrize("figure", FIGURES, ids=ids(FIGURES))
def test_figure(figure: Figure) -> None:
    assert at(PLAN, figure.where) == figure.has


@pytest.mark.parametrize(
    ("says", "kind", "count"),
    [
        ("Count: 1 (비용 절감)", "nat_gateway", 1),
        ("Total Alarms: 5개", "alarm", 5),
        ("- 필수 알람 5개", "alarm", 5),
        ("Phase 1 (초기 - WAF 없이 시작):", "web_acl", 0),
        ("- **CloudFront Optional**: 필요 시 추가 (정적 파일 많을 경우)", "distribution", 0),
        ("- Single-AZ (RDS, Redis)", "database", 1),
        ("Hosted Zone: $0.50/월", "dns_zone", 1),
        ("- **Single ElastiCache Node**: 클러스터 대신 단일 노드", "cache", 1),
    ],
)
def test_count(says: str, kind: str, count: int) -> None:
    assert len(names(PLAN, kind)) == count


def test_dashboard_has_the_widgets() -> None:
    """«Widgets»: four of the machines and stores, two of the app; what the document pairs has a widget each."""
    titles = [widget["title"] for widget in at(PLAN, "dashboard/overview.widgets")]
    assert titles == [
        "Requests",  # - ALB Request Count & Response Time
        "Response time (s)",
        "CPU (%)",  # - EC2 CPU Utilization (평균)
        "Database CPU (%)",  # - RDS CPU & Connection Count
        "Database connections",
        "Cache memory (%)",  # - Redis Memory Usage
        "Errors",  # - Error Count (Metric Filter)
        "Order success (%)",  # - Order Success Rate (Custom Metric)
    ]


def test_secrets_are_two_and_that_of_the_cache() -> None:
    """«Secrets: rds/ecommerce/password, jwt/signing-key»; the third one is there because our Redis has a password, the
    last one is what the machines find in their environment.
    """
    assert names(PLAN, "secret") == ["db", "jwt", "cache", "fleet-env"]
