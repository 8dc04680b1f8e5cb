"""Every mistake that a person can make in an app spec: its place, what was found, what was expected, and what to try.

Each case changes a spec that is right. The line on which the mistake is expected carries ``#!``.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import find_mistakes
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import load

RIGHT = """app:
  name: resee
  domains: [resee.example.com]
  services:
    api:
      image: ghcr.io/acme/resee-api
      port: 8000
      paths: [/api]
      health: {path: /api/health}
      memory: 512m
      volumes: [{name: files, path: /app/files}]
      env: {LOG_LEVEL: info}
    web:
      image: ghcr.io/acme/resee-web
      port: 80
    worker:
      image: ghcr.io/acme/resee-api
      command: [celery, worker]
    beat:
      image: ghcr.io/acme/resee-api
      singleton: true
  tasks:
    - {name: migrate, service: api, command: [migrate]}
  env:
    MODE: production
  stores:
    db:
      engine: postgresql
      version: "16"
      database: resee
      user: resee
      password: "{{ vault_db_password }}"
      env: {DATABASE_URL: url}
    cache:
      engine: redis
      version: "7"
      password: "{{ vault_cache_password }}"
  edge:
    server: nginx
    static: [{path: /static/, volume: files}]
  release:
    keep: 5
  backups: {at: "02:00", to: s3://bucket/prefix}
"""

NAME = "  name: resee\n"
DOMAINS = "  domains: [resee.example.com]\n"
IMAGE = "      image: ghcr.io/acme/resee-api\n      port: 8000\n"
PORT = "      port: 8000\n"
PATHS = "      paths: [/api]\n"
HEALTH = "      health: {path: /api/health}\n"
MEMORY = "      memory: 512m\n"
VOLUMES = "      volumes: [{name: files, path: /app/files}]\n"
ENV = "      env: {LOG_LEVEL: info}\n"
WEB = "      port: 80\n"
WORKER = "      command: [celery, worker]\n"
BEAT = "      singleton: true\n"
TASK = "    - {name: migrate, service: api, command: [migrate]}\n"
MODE = "    MODE: production\n"
ENGINE = "      engine: postgresql\n"
VERSION = '      version: "16"\n'
DATABASE = "      database: resee\n"
USER = "      user: resee\n"
PASSWORD = '      password: "{{ vault_db_password }}"\n'
STORE_ENV = "      env: {DATABASE_URL: url}\n"
REDIS = '      engine: redis\n      version: "7"\n'
REDIS_PASSWORD = '      password: "{{ vault_cache_password }}"\n'
EDGE = "    server: nginx\n"
STATIC = "    static: [{path: /static/, volume: files}]\n"
KEEP = "    keep: 5\n"
BACKUPS = '  backups: {at: "02:00", to: s3://bucket/prefix}\n'


class Case(NamedTuple):
    old: str
    new: str
    path: str
    found: str
    expected: str
    suggestion: str | None


HID = "«hidden»"
NO_NAME = "small letters, digits and hyphens"
CASES = {
    # the app
    "unknown key of the app": Case(NAME, NAME + "  servces: {} #!\n", "app.servces", "servces", "one of name, domains", "services"),
    "key of another tool": Case(BACKUPS, "  backup: {} #!\n", "app.backup", "backup", "backups", "backups"),
    "name missing": Case("app:\n" + NAME, "app: #!\n", "app.name", "nothing", "a name", "name: ..."),
    "name with capitals": Case(NAME, "  name: Resee #!\n", "app.name", '"Resee"', NO_NAME, "resee"),
    "name with underscore": Case(NAME, "  name: re_see #!\n", "app.name", '"re_see"', NO_NAME, "re-see"),
    "name too long": Case(NAME, f"  name: {'a' * 32} #!\n", "app.name", "aaaa", "at most 31 characters", "a" * 31),
    "name of one letter": Case(NAME, "  name: r #!\n", "app.name", '"r"', "at least two characters", None),
    "name a number": Case(NAME, "  name: 42 #!\n", "app.name", "the number 42", "a name", '"42"'),
    # domains
    "domains missing": Case(DOMAINS, "", "app.domains", "nothing", "a list", "domains: ..."),
    "domains a text": Case(DOMAINS, "  domains: resee.example.com #!\n", "app.domains", '"resee', "a list", "[resee.example.com]"),
    "domains empty": Case(DOMAINS, "  domains: [] #!\n", "app.domains", "an empty list", "at least one entry", None),
    "domain twice": Case(DOMAINS, "  domains:\n    - a.example.com\n    - a.example.com #!\n", "app.domains[1]", '"a.', "each domain once", "take"),
    "domain international": Case(DOMAINS, "  domains: [münchen.de] #!\n", "app.domains[0]", "münchen", "xn--", "xn--mnchen-3ya.de"),
    "domain wildcard": Case(DOMAINS, '  domains: ["*.example.com"] #!\n', "app.domains[0]", "*.", "list each name", "example.com"),
    "domain an address": Case(DOMAINS, "  domains: [203.0.113.1] #!\n", "app.domains[0]", "203.0.113.1", "certificates are for names", None),
    "domain an IPv6 address": Case(DOMAINS, '  domains: ["2001:db8::1"] #!\n', "app.domains[0]", "2001", "certificates", None),
    "domain with a last dot": Case(DOMAINS, "  domains: [a.example.com.] #!\n", "app.domains[0]", "com.", "without a dot", "a.example.com"),
    "domain with capitals": Case(DOMAINS, "  domains: [A.example.com] #!\n", "app.domains[0]", "A.", "small letters", "a.example.com"),
    "domain with a scheme": Case(DOMAINS, "  domains: ['https://a.example.com/'] #!\n", "app.domains[0]", "https", "without scheme", "a.example.com"),
    "domain with a port": Case(DOMAINS, "  domains: ['a.example.com:443'] #!\n", "app.domains[0]", ":443", "without a port", "a.example.com"),
    "domain with underscore": Case(DOMAINS, "  domains: [a_b.example.com] #!\n", "app.domains[0]", "a_b", "labels", "a-b.example.com"),
    "domain without a dot": Case(DOMAINS, "  domains: [localhost] #!\n", "app.domains[0]", "localhost", "chat.example.com", "localhost.example.com"),
    # services
    "service a list": Case(WORKER, WORKER + "    other: [] #!\n", "app.services.other", "a list", "a mapping with image", None),
    "service is nothing": Case(WORKER, WORKER + "    other: #!\n", "app.services.other", "nothing", "a mapping", None),
    "service name": Case(WORKER, WORKER + "    My_Api: {image: x-y} #!\n", "app.services.My_Api", "My_Api", NO_NAME, "my-api"),
    "service key": Case(PORT, PORT + "      prot: 1 #!\n", "app.services.api.prot", "prot", "image, port", "port"),
    "service key of compose": Case(PORT, PORT + "      healthcheck: {} #!\n", "app.services.api.healthcheck", "healthcheck", "health", "health"),
    "image missing": Case(WORKER, WORKER + "    other: {port: 1, paths: [/x]} #!\n", "app.services.other.image", "nothing", "an image", "image: ..."),
    "image with a tag": Case(IMAGE, "      image: ghcr.io/a/b:1.2 #!\n" + PORT, "app.services.api.image", ":1.2", "without a tag", "ghcr.io/a/b"),
    "image with a tag at a port": Case(IMAGE, "      image: r.io:5000/b:1 #!\n" + PORT, "app.services.api.image", ":1", "without a tag", "r.io:5000/b"),
    "image with a digest": Case(
        IMAGE, "      image: ghcr.io/a/b@sha256:abc #!\n" + PORT, "app.services.api.image", "sha256", "without a digest", "ghcr.io/a/b"),
    "image with capitals": Case(IMAGE, "      image: ghcr.io/Acme/b #!\n" + PORT, "app.services.api.image", "Acme", "ghcr.io/acme", "ghcr.io/acme/b"),
    "image with a scheme": Case(IMAGE, "      image: https://ghcr.io/a/b #!\n" + PORT, "app.services.api.image", "https", "ghcr.io", "ghcr.io/a/b"),
    "port a text": Case(PORT, '      port: "8000" #!\n', "app.services.api.port", '"8000"', "1 to 65535", "8000"),
    "port zero": Case(PORT, "      port: 0 #!\n", "app.services.api.port", "the number 0", "1 to 65535", "1"),
    "port too high": Case(PORT, "      port: 70000 #!\n", "app.services.api.port", "70000", "65535", "65535"),
    "port octal": Case(PORT, "      port: 0300 #!\n", "app.services.api.port", "YAML makes of 0300", "1 to 65535", "300"),
    "port a mapping of ports": Case(PORT, '      port: "80:8000" #!\n', "app.services.api.port", "80:8000", "whole number", None),
    "port a fraction": Case(PORT, "      port: 80.5 #!\n", "app.services.api.port", "80.5", "whole number", None),
    "port true": Case(PORT, "      port: yes #!\n", "app.services.api.port", "true, which YAML makes of yes", "whole number", None),
    "paths a text": Case(PATHS, "      paths: /api #!\n", "app.services.api.paths", '"/api"', "a list", "[/api]"),
    "path without slash": Case(PATHS, "      paths: [api] #!\n", "app.services.api.paths[0]", '"api"', "a path", "/api"),
    "path with a star": Case(PATHS, "      paths: ['/api/*'] #!\n", "app.services.api.paths[0]", "*", "without *", "/api/"),
    "path of the authority": Case(PATHS, "      paths: [/.well-known/acme-challenge] #!\n", "app.services.api.paths[0]", "acme", "another path", None),
    "one path for two services": Case(WEB, WEB + "      paths: [/api/] #!\n", "app.services.web.paths[0]", "/api", "api has /api", "[/web]"),
    "default path for two services": Case(PATHS, "      paths: [/] #!\n", "app.services.web.port", "/", "api has /", "[/web]"),
    "worker with paths": Case(WORKER, WORKER + "      paths: [/w] #!\n", "app.services.worker.paths", "no port", "a port", "port: 8000"),
    "worker with health": Case(WORKER, WORKER + "      health: {path: /h} #!\n", "app.services.worker.health", "no port", "no health", "port: 8000"),
    "health key": Case(HEALTH, "      health: {paht: /h} #!\n", "app.services.api.health.paht", "paht", "path, interval_seconds", "path"),
    "health interval with a unit": Case(
        HEALTH, "      health: {interval_seconds: 2s} #!\n", "app.services.api.health.interval_seconds", '"2s"', "number", "2"),
    "health interval negative": Case(
        HEALTH, "      health: {interval_seconds: -1} #!\n", "app.services.api.health.interval_seconds", "-1", "0.1 to 60", "0.1"),
    "health start too long": Case(HEALTH, "      health: {start_seconds: 5000} #!\n", "app.services.api.health.start_seconds", "5000", "to 900", "900"),
    "memory in megabytes": Case(MEMORY, "      memory: 512MB #!\n", "app.services.api.memory", '"512MB"', "such as 512m", "512m"),
    "memory without unit": Case(MEMORY, "      memory: 512 #!\n", "app.services.api.memory", "512", "512m", "512m"),
    "memory a fraction": Case(MEMORY, "      memory: 0.5g #!\n", "app.services.api.memory", "0.5g", "whole number with k, m or g", None),
    "replicas zero": Case(MEMORY, "      replicas: 0 #!\n", "app.services.api.replicas", "0", "1 to 4", "1"),
    "replicas too many": Case(MEMORY, "      replicas: 5 #!\n", "app.services.api.replicas", "5", "1 to 4", "4"),
    "stop with a unit": Case(MEMORY, "      stop_seconds: 10s #!\n", "app.services.api.stop_seconds", '"10s"', "seconds", "10"),
    "command a text": Case(WORKER, "      command: celery worker #!\n", "app.services.worker.command", "celery", "a list", "[celery worker]"),
    "command with a number": Case(WORKER, "      command: [sleep, 5] #!\n", "app.services.worker.command[1]", "5", "one for each argument", '"5"'),
    "singleton a text": Case(BEAT, '      singleton: "yes" #!\n', "app.services.beat.singleton", '"yes"', "true or false", "true"),
    "singleton replicas": Case(BEAT, BEAT + "      replicas: 2 #!\n", "app.services.beat.replicas", "2", "replicas: 1", "1"),
    "singleton with a port": Case(
        BEAT, "      singleton: true #!\n      port: 1\n      paths: [/b]\n", "app.services.beat.singleton", "true", "not both", "false"),
    "volume path relative": Case(
        VOLUMES, "      volumes: [{name: files, path: app/files}] #!\n", "app.services.api.volumes[0].path", "app/files", "from the root", "/app/files"),
    "volume path twice": Case(
        VOLUMES, "      volumes: [{name: files, path: /a}, {name: more, path: /a}] #!\n", "app.services.api.volumes[1].path", '"/a"', "each volume", None),
    "volume a text": Case(VOLUMES, "      volumes: ['files:/a'] #!\n", "app.services.api.volumes[0]", "files:/a", "a mapping with name, path", None),
    "port slot taken": Case(WEB, WEB + "      port_slot: 7 #!\n", "app.services.web.port_slot", "slot 7", "than api has", "port_slot: 8"),
    "port slot out of bounds": Case(WEB, WEB + "      port_slot: 1250 #!\n", "app.services.web.port_slot", "1250", "0 to 1249", "1249"),
    "user with a space": Case(WORKER, WORKER + "      user: www data #!\n", "app.services.worker.user", "www data", "1000:1000", None),
    "service named as a store": Case(WORKER, WORKER + "    cache: {image: x-y} #!\n", "app.services.cache", "cache", "different names", "cache-service"),
    # tasks
    "task of no service": Case(
        TASK, "    - {name: migrate, service: apii, command: [x]} #!\n", "app.tasks[0].service", "apii", "api, beat, web or worker", "api"),
    "task without command": Case(
        TASK, "    - {name: migrate, service: api, command: []} #!\n", "app.tasks[0].command", "an empty list", "at least one", None),
    "task twice": Case(TASK, TASK + "    - {name: migrate, service: api, command: [x]} #!\n", "app.tasks[1].name", "migrate", "a name for each task", None),
    "tasks a mapping": Case("  tasks:\n" + TASK, "  tasks: {migrate: [x]} #!\n", "app.tasks", "a mapping", "a list", None),
    "task timeout": Case(
        TASK, "    - {name: migrate, service: api, command: [x], timeout_seconds: 0} #!\n", "app.tasks[0].timeout_seconds", "0", "1 to 7200", "1"),
    # env
    "variable true": Case(MODE, "    DEBUG: yes #!\n", "app.env.DEBUG", "true, which YAML makes of yes", "a text", '"yes"'),
    "variable a fraction": Case(MODE, "    VERSION: 1.10 #!\n", "app.env.VERSION", "YAML makes of 1.10", "a text", '"1.10"'),
    "variable octal": Case(MODE, "    UMASK: 0022 #!\n", "app.env.UMASK", "YAML makes of 0022", "a text", '"0022"'),
    "variable without value": Case(MODE, "    MODE: #!\n", "app.env.MODE", "nothing", '"" for an empty one', '""'),
    "variable a list": Case(MODE, "    HOSTS: [a, b] #!\n", "app.env.HOSTS", "a list", "a text", None),
    "variable with lines": Case(MODE, '    TEXT: "a\\nb" #!\n', "app.env.TEXT", "a\nb", "on one line", "b64encode"),
    "variable with NUL": Case(MODE, '    TEXT: "a\\0b" #!\n', "app.env.TEXT", "a\0b", "without NUL", None),
    "variable name with a hyphen": Case(MODE, "    LOG-LEVEL: x #!\n", "app.env.LOG-LEVEL", "LOG-LEVEL", "letters, digits and underscores", "LOG_LEVEL"),
    "variable name with a digit first": Case(MODE, "    2FA: x #!\n", "app.env.2FA", "2FA", "no digit first", "_2FA"),
    "variable reserved": Case(MODE, "    PATH: /bin #!\n", "app.env.PATH", "PATH", "any name but", "APP_PATH"),
    "variable of ours": Case(
        ENV, "      env: {STAIRWAY_X: a} #!\n", "app.services.api.env.STAIRWAY_X", "STAIRWAY_X", "none that starts with STAIRWAY_", "APP_X"),
    "variables a list": Case("  env:\n" + MODE, "  env: [MODE=production] #!\n", "app.env", "a list", "a mapping", None),
    "missing store": Case(MODE, '    URL: "${dbb.url}" #!\n', "app.env.URL", "${dbb.url}", "cache or db", "db"),
    "missing store in a service": Case(ENV, '      env: {URL: "${queue.url}"} #!\n', "app.services.api.env.URL", "${queue.url}", "cache or db", None),
    "missing form": Case(MODE, '    URL: "${db.uri}" #!\n', "app.env.URL", "${db.uri}", "url, base_url", "url"),
    # secrets
    "password in clear text": Case(PASSWORD, "      password: hunter2 #!\n", "app.stores.db.password", HID, "vaulted", "{{ vault_db_password }}"),
    "secret by its name": Case(MODE, "    JWT_SECRET: hunter2 #!\n", "app.env.JWT_SECRET", HID, "vaulted", "{{ vault_jwt_secret }}"),
    "token by its name": Case(ENV, "      env: {API_TOKEN: hunter2} #!\n", "app.services.api.env.API_TOKEN", HID, "vaulted", "vault_api_api_token"),
    "key of AWS": Case(MODE, "    KEY: AKIAIOSFODNN7EXAMPLE #!\n", "app.env.KEY", "an AWS access key", "vaulted", "vault_key"),
    "password in a URL": Case(MODE, "    DATABASE: mysql://root:hunter2@db/x #!\n", "app.env.DATABASE", "a URL with a password", "vaulted", "vault_database"),
    "webhook": Case(
        BACKUPS, "  alerts: {slack_webhook: 'https://hooks.slack.com/services/T/B/x'} #!\n",
        "app.alerts.slack_webhook", "a webhook", "vaulted", "vault_slack_webhook"),
    "private key": Case(MODE, '    PEM: "-----BEGIN RSA PRIVATE KEY-----" #!\n', "app.env.PEM", "a private key", "vaulted", "vault_pem"),
    "token in a command": Case(WORKER, "      command: [run, --token=hunter2] #!\n", "app.services.worker.command[1]", "an option", "vaulted", "vault"),
    "vault in a command": Case(
        WORKER, "      command: [run, '{{ vault_x }}'] #!\n", "app.services.worker.command[1]", "a reference", "a variable in env", "app.env"),
    "secret beside Jinja": Case(MODE, "    URL: 'redis://:hunter2@{{ host }}/0' #!\n", "app.env.URL", "a URL with a password", "vaulted", "vault_url"),
    # stores
    "unknown engine": Case(
        ENGINE, "      engine: postgres #!\n", "app.stores.db.engine", '"postgres"', "mariadb, mongodb, mysql, postgresql or redis", "postgresql"),
    "engine missing": Case("    cache:\n      engine: redis\n", "    cache: #!\n", "app.stores.cache.engine", "nothing", "one of", "engine: ..."),
    "PostgreSQL too old": Case(VERSION, '      version: "9.6" #!\n', "app.stores.db.version", '"9.6"', "13, 14, 15, 16, 17, 18", '"18"'),
    "MySQL 8.1": Case(ENGINE + VERSION, '      engine: mysql\n      version: "8.1" #!\n', "app.stores.db.version", '"8.1"', "8.0, 8.4", '"8.4"'),
    "MariaDB 10.5": Case(ENGINE + VERSION, '      engine: mariadb\n      version: "10.5" #!\n', "app.stores.db.version", '"10.5"', "10.6, 10.11", '"10.11"'),
    "MongoDB 4.4": Case(ENGINE + VERSION, '      engine: mongodb\n      version: "4.4" #!\n', "app.stores.db.version", '"4.4"', "6, 7, 8", '"8"'),
    "Redis 5": Case(REDIS, '      engine: redis\n      version: "5" #!\n', "app.stores.cache.version", '"5"', "6, 7, 8", '"8"'),
    "version a number": Case(VERSION, "      version: 16 #!\n", "app.stores.db.version", "the number 16", "in quotes", '"16"'),
    "version a fraction": Case(VERSION, "      version: 16.10 #!\n", "app.stores.db.version", "YAML makes of 16.10", "in quotes", '"16.10"'),
    "version a word": Case(VERSION, "      version: latest #!\n", "app.stores.db.version", '"latest"', "in quotes", None),
    "version with a v": Case(VERSION, "      version: v16-alpine #!\n", "app.stores.db.version", "v16-alpine", "in quotes", '"16"'),
    "version missing": Case(VERSION, "", "app.stores.db.version", "nothing", "a version", 'version: "18"'),
    "database missing": Case(DATABASE, "", "app.stores.db.database", "nothing", "a database", "database: db"),
    "database of the engine": Case(DATABASE, "      database: postgres #!\n", "app.stores.db.database", '"postgres"', "of the app's own", None),
    "database with a hyphen": Case(DATABASE, "      database: re-see #!\n", "app.stores.db.database", "re-see", "underscores", "re_see"),
    "database of Redis": Case(REDIS, REDIS + "      database: resee #!\n", "app.stores.cache.database", "resee", '"0" to "15"', '"0"'),
    "user of the engine": Case(USER, "      user: postgres #!\n", "app.stores.db.user", '"postgres"', "of the app's own", "resee"),
    "Redis without password": Case(REDIS_PASSWORD, "", "app.stores.cache.password", "nothing", "a password", "{{ vault_cache_password }}"),
    "password empty": Case(PASSWORD, '      password: "" #!\n', "app.stores.db.password", HID, "a password", None),
    "form": Case(STORE_ENV, "      env: {DATABASE_URL: uri} #!\n", "app.stores.db.env.DATABASE_URL", '"uri"', "url or user", "url"),
    "form of another engine": Case(REDIS, REDIS + "      env: {X: jdbc} #!\n", "app.stores.cache.env.X", '"jdbc"', "url, base_url", "url"),
    "variable set twice": Case(STORE_ENV, "      env: {MODE: url} #!\n", "app.stores.db.env.MODE", "MODE", "app.env sets it too", None),
    "memory too small": Case(USER, USER + "      memory: 8m #!\n", "app.stores.db.memory", '"8m"', "at least 64m", "64m"),
    "external with a version": Case(
        VERSION,
        VERSION.replace("\n", " #!\n") + "      url: '{{ vault_url }}'\n",
        "app.stores.db.version", "url and version", "url without version", "take out version"),
    "url in clear text": Case(USER, USER + "      url: postgresql://db.example.net/x #!\n", "app.stores.db.url", HID, "vaulted", "vault_db_url"),
    # the edge
    "unknown server": Case(EDGE, "    server: ngnix #!\n", "app.edge.server", '"ngnix"', "caddy or nginx", "nginx"),
    "rate limit on Caddy": Case(EDGE, "    server: caddy\n    rate_limit: {requests: 5} #!\n", "app.edge.rate_limit", "caddy", "no rate_limit", "nginx"),
    "rate limit without requests": Case(EDGE, EDGE + "    rate_limit: {burst: 5} #!\n", "app.edge.rate_limit.requests", "nothing", "1 to", "requests: ..."),
    "authority without https": Case(
        EDGE, EDGE + "    acme_directory: http://ca.example.com/dir #!\n", "app.edge.acme_directory", "http:", "https://", "https://ca.example.com/dir"),
    "body size": Case(EDGE, EDGE + "    max_body: 10 MB #!\n", "app.edge.max_body", "10 MB", "k, m or g", "10m"),
    "behind whom": Case(EDGE, EDGE + "    behind: Cloudflare #!\n", "app.edge.behind", "Cloudflare", "cloudflare", "cloudflare"),
    "e-mail": Case(EDGE, EDGE + "    email: ops #!\n", "app.edge.email", '"ops"', "ops@example.com", None),
    "certificate of the authority": Case(EDGE, EDGE + "    acme_ca: ca.pem #!\n", "app.edge.acme_ca", "ca.pem", "from the root", "/ca.pem"),
    "static path taken": Case(STATIC, "    static: [{path: /api/, volume: files}] #!\n", "app.edge.static[0].path", '"/api/"', "service api has it", None),
    "static path twice": Case(
        STATIC, "    static: [{path: /s/, volume: files}, {path: /s/, volume: files}] #!\n", "app.edge.static[1].path", "/s/", "another static", None),
    "static path without last slash": Case(
        STATIC, "    static: [{path: /static, volume: files}] #!\n", "app.edge.static[0].path", '"/static"', "both ends", "/static/"),
    "static of no volume": Case(STATIC, "    static: [{path: /s/, volume: file}] #!\n", "app.edge.static[0].volume", '"file"', "one of files", "files"),
    "HSTS too long": Case(EDGE, EDGE + "    hsts_seconds: 99999999 #!\n", "app.edge.hsts_seconds", "99999999", "0 to 63072000", "63072000"),
    # release, alerts, backups, stage
    "keep one": Case(KEEP, "    keep: 1 #!\n", "app.release.keep", "1", "2 to 50", "2"),
    "watch too long": Case(KEEP, "    watch_seconds: 3600 #!\n", "app.release.watch_seconds", "3600", "0 to 600", "600"),
    "drain negative": Case(KEEP, "    drain_seconds: -5 #!\n", "app.release.drain_seconds", "-5", "0 to 3600", "0"),
    "drain with a unit": Case(KEEP, "    drain_seconds: 30s #!\n", "app.release.drain_seconds", '"30s"', "seconds", "30"),
    "release key": Case(KEEP, "    keep_releases: 5 #!\n", "app.release.keep_releases", "keep_releases", "keep, watch_seconds", "keep"),
    "proof too hard": Case(KEEP, "    proof: {per_second: 5000} #!\n", "app.release.proof.per_second", "5000", "1 to 200", "200"),
    "proof of no route": Case(WEB, WEB + "      paths: [/web]\n", "app.release.proof.path", "/health", "below /api or /web", None),
    "alert address": Case(BACKUPS, "  alerts: {email: [ops]} #!\n", "app.alerts.email[0]", '"ops"', "ops@example.com", None),
    "time without quotes": Case(
        BACKUPS, "  backups: {at: 12:30, to: s3://bucket} #!\n", "app.backups.at", "the number 750, which YAML makes of 12:30", "HH:MM", '"12:30"'),
    "time out of the day": Case(BACKUPS, '  backups: {at: "25:00", to: s3://bucket} #!\n', "app.backups.at", '"25:00"', "23:59", None),
    "time with one digit": Case(BACKUPS, '  backups: {at: "2:00", to: s3://bucket} #!\n', "app.backups.at", '"2:00"', "HH:MM", '"02:00"'),
    "time as cron": Case(BACKUPS, '  backups: {at: "0 2 * * *", to: s3://bucket} #!\n', "app.backups.at", "0 2 * * *", "HH:MM", '"02:00"'),
    "backup target": Case(BACKUPS, "  backups: {to: my-bucket/db} #!\n", "app.backups.to", "my-bucket", "s3://bucket/prefix", "s3://my-bucket/db"),
    "backup bucket": Case(BACKUPS, "  backups: {to: s3://My_Bucket/db} #!\n", "app.backups.to", "My_Bucket", "3 to 63 small letters", "s3://my-bucket/db"),
    "backup target missing": Case(BACKUPS, '  backups: {at: "02:00"} #!\n', "app.backups.to", "nothing", "s3://", "to: ..."),
    "timezone as letters": Case(BACKUPS, "  backups: {timezone: KST, to: s3://bucket} #!\n", "app.backups.timezone", '"KST"', "Asia/Seoul", "Asia/Seoul"),
    "timezone as offset": Case(BACKUPS, '  backups: {timezone: "+09:00", to: s3://bucket} #!\n', "app.backups.timezone", "+09:00", "an area and a city", None),
    "backups kept for no day": Case(BACKUPS, "  backups: {keep_days: 0, to: s3://bucket} #!\n", "app.backups.keep_days", "0", "from 1 to 3650", "1"),
    "no backup kept": Case(BACKUPS, "  backups: {keep_least: 0, to: s3://bucket} #!\n", "app.backups.keep_least", "0", "from 1 to 1000", "1"),
    "private key of age": Case(
        BACKUPS, "  backups: {to: s3://bucket, encrypt: {age: [AGE-SECRET-KEY-1QQPX]}} #!\n",
        "app.backups.encrypt.age[0]", "a private key", "vaulted", "vault"),
    "no key of age": Case(
        BACKUPS, "  backups: {to: s3://bucket, encrypt: {age: [ops@example.com]}} #!\n",
        "app.backups.encrypt.age[0]", "ops@example.com", "starts with age1", None),
    "no key of GPG": Case(
        BACKUPS, "  backups: {to: s3://bucket, encrypt: {gpg: ops@example.com}} #!\n",
        "app.backups.encrypt.gpg", "ops@example.com", "armored public key", "gpg --armor"),
    "encrypted by nobody": Case(
        BACKUPS, "  backups: {to: s3://bucket, encrypt: {}} #!\n", "app.backups.encrypt", "neither", "age, or gpg", "age1"),
    "encryption of another tool": Case(
        BACKUPS, "  backups: {to: s3://bucket, encryption: {}} #!\n", "app.backups.encryption", "encryption", "encrypt", "encrypt"),
    "half a key": Case(
        BACKUPS, "  backups: {to: s3://bucket, access_key: '{{ vault_a }}'} #!\n", "app.backups.secret_key", "nothing", "both, or neither", "secret_key"),
    "key in clear text": Case(
        BACKUPS, "  backups: {to: s3://bucket, access_key: '{{ vault_a }}', secret_key: hunter2} #!\n", "app.backups.secret_key", HID, "vaulted", "vault"),
    "endpoint of a folder": Case(
        BACKUPS, "  backups: {to: file:///var/b, endpoint: https://x.example.com} #!\n",
        "app.backups.endpoint", "file://", "a place in S3", "take out endpoint"),
    "endpoint without scheme": Case(
        BACKUPS, "  backups: {to: s3://bucket, endpoint: s3.example.com} #!\n", "app.backups.endpoint", "s3.example.com", "https://", None),
    "password of files in clear text": Case(
        BACKUPS, "  backups: {to: s3://bucket, files_password: hunter2} #!\n", "app.backups.files_password", HID, "vaulted", "vault"),
    "notice of success only": Case(
        BACKUPS, "  backups: {to: s3://bucket, notify: success} #!\n", "app.backups.notify", "success", "failure or always", None),
    "alarm before the drill": Case(
        BACKUPS, "  backups: {to: s3://bucket, drill: {every_days: 30, alarm_days: 14}} #!\n",
        "app.backups.drill.alarm_days", "14", "at least 30", "60"),
    "probe of no store": Case(
        BACKUPS, "  backups: {to: s3://bucket, drill: {probes: [{store: dbb, query: SELECT 1, expect: '1'}]}} #!\n",
        "app.backups.drill.probes[0].store", "dbb", "cache", "db"),
    "probe that expects no pattern": Case(
        BACKUPS, "  backups: {to: s3://bucket, drill: {probes: [{store: db, query: SELECT 1, expect: '['}]}} #!\n",
        "app.backups.drill.probes[0].expect", "[", "[1-9]", None),
    "probe without a question": Case(
        BACKUPS, "  backups: {to: s3://bucket, drill: {probes: [{store: db, expect: '1'}]}} #!\n",
        "app.backups.drill.probes[0].query", "nothing", "a question", "query: ..."),
    "unknown aspect": Case(BACKUPS, "  stage: {databse: container} #!\n", "app.stage.databse", "databse", "compute, database", "database"),
    "unknown choice": Case(
        BACKUPS, "  stage: {database: containers} #!\n", "app.stage.database", "containers", "container, managed or external", "container"),
    # YAML
    "key twice": Case(PORT, PORT + "      port: 8001 #!\n", "app.services.api.port", "first on line 7", "each key once", "take one"),
    "braces without quotes": Case(
        PASSWORD, "      password: {{ vault_db_password }} #!\n", "app.stores.db.password", "without quotes", "a text", '"{{ ... }}"'),
    "list from Jinja": Case(DOMAINS, '  domains: "{{ names }}" #!\n', "app.domains", "{{ names }}", "one value only", None),
    "unknown tag": Case(NAME, "  name: !secret x #!\n", "app.name", "!secret", "!vault", None),
    "tab": Case(NAME, "\tname: resee #!\n", "(file)", "a tab", "spaces", "two spaces"),
    "syntax": Case(DOMAINS, "  domains: [resee.example.com\n  x: #!\n", "(file)", "expected ',' or ']'", "valid YAML", None),
}  # fmt: skip

EXTRA: dict[str, tuple[str, str]] = {
    "port slot taken": ("      port: 8000\n", "      port: 8000\n      port_slot: 7\n"),
    "proof of no route": ("    keep: 5\n", "    proof: {} #!\n"),
}


LINES = {
    "domains missing": 1,
    "default path for two services": 15,
    "version missing": 27,
    "database missing": 27,
    "Redis without password": 34,
}


def changed(case: Case, name: str) -> str:
    text = RIGHT
    if name in EXTRA:
        text = text.replace(*EXTRA[name], 1)
    assert case.old in text
    return text.replace(case.old, case.new, 1)


def marked(text: str) -> int | None:
    """The line with the mark."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if line.endswith("#!")), None)


def test_the_spec_that_the_cases_change_is_right() -> None:
    assert find_mistakes([load(RIGHT, "app.yml")]) == []


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 70


@pytest.mark.parametrize("name", CASES)
def test_mistake(name: str) -> None:
    case = CASES[name]
    text = changed(case, name)
    mistakes = find_mistakes([load(text, "group_vars/all/app.yml")])
    matching = [mistake for mistake in mistakes if mistake.path == case.path]
    assert matching, [str(mistake) for mistake in mistakes]
    mistake = matching[0]
    assert mistake.file == "group_vars/all/app.yml"
    # a key that is missing is looked for where its mapping starts, the default path where the port stands
    assert mistake.line == LINES.get(name, marked(text))
    assert case.found in mistake.found
    assert case.expected in mistake.expected
    if case.suggestion is None:
        assert mistake.suggestion is None or mistake.path == "(file)"
    else:
        assert case.suggestion in (mistake.suggestion or "")
    assert "hunter2" not in str(mistake)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"url in clear text", "external with a version"}))
def test_one_mistake_causes_no_other(name: str) -> None:
    mistakes = find_mistakes([load(changed(CASES[name], name), "app.yml")])
    assert {mistake.path for mistake in mistakes} == {CASES[name].path}
