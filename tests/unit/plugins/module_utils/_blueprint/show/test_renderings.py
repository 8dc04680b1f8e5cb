"""Text for a terminal, Markdown for a pull request, data for a program."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Step
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.data import data
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.markdown import LONGEST, markdown, marker
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.text import text

from .sample import STEPS, sample

TEXT = """\
shop stage4 in ap-northeast-2: 1 to delete, 1 to replace, 3 to change, 3 to create, 1 to adopt; 2 left alone.
- delete   nat_gateway/main (nat-0abc)
      why: the blueprint does not name it any more
± replace  instance/job (i-0def)
      zone: "a" -> "c"   # forces the replacement
      size: "t3.small" -> "t3.small"
      why: zone cannot change in place
~ change   security_group/app (sg-0abc)
      ingress: - "office:22"
      ingress: + "alb:9090"
~ change   instance/web (i-0abc)
      size: "t3.small" -> "t3.medium"
      labels.b: "2" -> "3"
      tags.team: "a" -> "b"
      tags.old: "x" -> nothing
~ change   database/old (db-1)
      password: changes (hidden)
+ create   subnet/app-c
+ create   database/main
+ create   alarm/cpu
= adopt    subnet/app-a (subnet-0abc)
      tags.stairway:app: nothing -> "shop"
  left alone: vpc/main, nat_gateway/b"""

PRICES = """\
What a month costs now after difference
instance/web $18.98 $37.96 +$18.98
ec2/instance/t3.small: 730 hour x 0.026 $18.98
ec2/instance/t3.medium: 730 hour x 0.052 $37.96
instance/job $18.98 $18.98 $0.00
ec2/instance/t3.small: 730 hour x 0.026 $18.98 $18.98
database/main - $74.46 +$74.46
rds/mysql/db.t4g.medium: 730 hour x 0.102 ? $74.46
nat_gateway/main $48.97 - -$48.97
ec2/nat_gateway: 730 hour x 0.059 $43.07
ec2/nat_gateway/gb: 100 GB x 0.059 (traffic) $5.90
nat_gateway/b $48.97 $48.97 $0.00
ec2/nat_gateway: 730 hour x 0.059 $43.07 $43.07
ec2/nat_gateway/gb: 100 GB x 0.059 (traffic) $5.90 $5.90
alarm/cpu - $0.10 +$0.10
cloudwatch/alarm: 1 alarm-month x 0.1 $0.10
cloudwatch/alarms: 2, price unknown
Together $135.90 $180.47 +$44.57
free: vpc/main, subnet/app-c, security_group/app, database/old, subnet/app-a
USD without tax, on demand, without the free tier, a month of 730 hours.
Prices of ap-northeast-2 as of 2025-11 to 2026-10-01.
$5.90 of the month after depend on traffic:
assumed: 100 GB a month through the NAT gateway
No price known, so in no sum: cloudwatch/alarms. Try: ansible-playbook stairway.cloud.prices
?: a price that was not compared with AWS's price list; playbooks/prices.yml does it.
note: The database waits for a backup."""


def test_text():
    lines = text(sample())
    middle = lines.index("")
    without_prices = [line[:98].rstrip() for line in lines[:middle] if not line.startswith("shop")]
    assert "\n".join([lines[0], *without_prices]) == TEXT
    assert "\n".join(" ".join(line.split()) for line in lines[middle + 1 :]) == PRICES


def test_text_has_the_price_of_a_change_beside_it():
    (line,) = [line for line in text(sample()) if line.startswith("- delete")]
    assert line.endswith("  -$48.97")


def test_text_with_details_shows_what_is_new():
    assert '      engine: "mysql"' in text(sample(), details=True)
    assert "      password: (hidden)" in text(sample(), details=True)


def test_text_of_nothing_to_do():
    lines = text(sample(steps=STEPS[:1], notes=()))
    assert lines[0] == "shop stage4 in ap-northeast-2: Nothing to do; 1 left alone."


def test_text_says_why_something_stays_that_nothing_names():
    kept = Step("keep", "database", "gone", "db-2", why="it holds data; name it in give_up to delete it")
    assert "  left     database/gone: it holds data; name it in give_up to delete it" in text(sample(steps=(kept,)))


@pytest.mark.parametrize(
    "render", [lambda found: "\n".join(text(found, details=True)), markdown, lambda found: json.dumps(data(found))]
)
def test_no_secret_is_in_any_rendering(render):
    assert "s3cret" not in render(sample())


def test_markdown():
    found = markdown(sample())
    assert found.startswith(
        "<!-- stairway plan shop stage4 ap-northeast-2 -->\n### Plan: shop stage4 in ap-northeast-2\n"
    )
    assert "A month: **$135.90 → $180.47** (+$44.57)" in found
    assert '! replace instance/job (i-0def)\n      zone: "a" -> "c"   # forces the replacement' in found
    assert "| `nat_gateway/main` | $48.97 | $0.00 | -$48.97 |" in found
    assert "| **Together** | **$135.90** | **$180.47** | **+$44.57** |" in found
    assert "| `alarm/cpu` | `cloudwatch/alarms` | 2, price unknown | unknown |  |" in found
    assert "<details><summary>Left alone: 2</summary>" in found
    assert "> The database waits for a backup." in found


def test_the_marker_is_the_same_for_the_next_plan():
    assert marker(sample()) == marker(sample(steps=()))


def test_markdown_takes_nothing_for_markup():
    bad = Step("keep", "vpc", "main", why="<img src=x> | @someone *and* `more`\nnext")
    found = markdown(sample(steps=(bad,), notes=("<script>",)))
    assert "<img" not in found
    assert "<script" not in found
    assert "@someone" not in found


def test_a_value_cannot_leave_the_fence():
    from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import Difference

    bad = Step("change", "subnet", "a", "subnet-1", (Difference("cidr", "x", "```\n# title"),))
    assert markdown(sample(steps=(bad,))).count("```") == 2


def test_a_long_plan_fits_into_a_comment():
    many = tuple(Step("create", "subnet", f"a-{number:06}", cost_after=STEPS[3].cost_after) for number in range(2000))
    found = markdown(sample(steps=many))
    assert len(found) <= LONGEST
    assert "cut here" in found
    assert found.count("<details>") == found.count("</details>")
    assert found.count("```") % 2 == 0


def test_data_can_be_json_and_says_the_same():
    found = json.loads(json.dumps(data(sample())))
    assert found["month"] == {"now": 135.9, "after": 180.47, "difference": 44.57, "traffic": 5.9, "free_tier": False}
    assert found["counts"] == {"delete": 1, "replace": 1, "change": 3, "create": 3, "adopt": 1, "keep": 2}
    assert found["changed"] is True
    (job,) = [step for step in found["steps"] if step["name"] == "job"]
    assert job["attributes"][0] == {
        "path": "zone",
        "verb": "change",
        "before": "a",
        "after": "c",
        "forces_replacement": True,
    }
    (nat,) = [step for step in found["steps"] if step["verb"] == "delete"]
    assert nat["lines"][1]["traffic"] == "100 GB a month through the NAT gateway"
    assert nat["lines"][1]["month"] == {"now": 5.9, "after": 0.0}
