"""Against a stand-in of the Price List API: what is asked, what is written, and when nothing is."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.action.prices import ActionModule
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import SHIPPED, load
from tests.support.aws.price_list import PriceList, price_list

SEOUL = "ap-northeast-2"
ANSWERS = json.loads((Path(__file__).parents[1] / f"module_utils/_prices/answers/{SEOUL}.json").read_text())


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def aws():
    with price_list(ANSWERS) as serving:
        yield serving


@pytest.fixture
def folder(tmp_path):
    (tmp_path / f"{SEOUL}.json").write_text((SHIPPED / f"{SEOUL}.json").read_text())
    return tmp_path


def run(aws: PriceList, folder: Path, *, check: bool = False, **arguments: Any) -> dict[str, Any]:
    plugin: Any = ActionModule.__new__(ActionModule)
    arguments = {"regions": [SEOUL], "folder": str(folder), "endpoint_url": aws.url, **arguments}
    plugin._task = SimpleNamespace(
        args=arguments, async_val=0, check_mode=check, action="stairway.cloud.prices", diff=True
    )
    plugin._connection = SimpleNamespace(has_pipelining=True, _shell=SimpleNamespace(tmpdir=None))
    plugin._play_context = SimpleNamespace()
    plugin._cleanup_remote_tmp = False
    found: dict[str, Any] = plugin.run(task_vars={})
    return found


def test_writes_what_aws_answers(aws, folder):
    result = run(aws, folder)
    assert result["changed"] is True
    assert load(SEOUL, folder).figure("ec2/instance/t4g.nano").date == "2026-11-12"
    assert result["jumps"] == ["ec2/instance/t4g.nano: 0.0052 -> 0.008 USD (+54 %)"]
    assert "rds/backup" in result["kept"][SEOUL]
    assert any("more than 20 %" in line for line in result["text"])


def test_asks_for_every_page_and_for_nothing_but_what_it_needs(aws, folder):
    run(aws, folder)
    instances = [
        one for one in aws.asked if {"Field": "tenancy", "Type": "TERM_MATCH", "Value": "Shared"} in one["Filters"]
    ]
    assert [one.get("NextToken") for one in instances] == [None, "2", "4"]
    assert all(one["MaxResults"] == 100 for one in aws.asked)


def test_a_second_run_changes_nothing(aws, folder):
    run(aws, folder)
    assert run(aws, folder)["changed"] is False


def test_check_mode_shows_and_writes_nothing(aws, folder):
    before = (folder / f"{SEOUL}.json").read_text()
    result = run(aws, folder, check=True)
    assert result["changed"] is True
    assert '"usd": 0.008' in result["diff"][0]["after"]
    assert (folder / f"{SEOUL}.json").read_text() == before


def test_a_new_region_gets_a_book_of_what_aws_answers(aws, folder):
    aws.products = json.loads(json.dumps(ANSWERS).replace(SEOUL, "ap-northeast-1").replace("APN2-", "APN1-"))
    result = run(aws, folder, regions=["ap-northeast-1"])
    book = load("ap-northeast-1", folder)
    assert book.figure("ec2/instance/t3.small").source == "AmazonEC2"
    assert book.figure("transfer/out").free == 100
    assert "ec2/instance/m7i.large" not in book.figures
    assert "ec2/instance/m6i.large" in result["absent"]["ap-northeast-1"]


def test_a_refusal_in_the_second_region_writes_no_file(aws, folder):
    before = {path.name: path.read_text() for path in folder.iterdir()}
    result = run(aws, folder, regions=[SEOUL, "ap-north-9"])
    assert result["failed"] is True
    assert "ap-north-9" in result["msg"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_a_denied_call_says_what_to_allow(aws, folder):
    aws.refuse = (400, "AccessDeniedException")
    result = run(aws, folder)
    assert result["failed"] is True
    assert "pricing:GetProducts" in result["msg"]
