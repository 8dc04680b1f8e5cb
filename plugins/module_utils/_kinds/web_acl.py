"""``web_acl``: a web application firewall (AWS WAF).

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _draft

_RULE_NAME = Text(r"[\w-]{1,128}", "letters, digits, - and _")

KIND = Kind(
    name="web_acl",
    doc="A firewall for requests in front of a load balancer or a distribution.",
    fields={
        "scope": Field(
            Choice(("regional", "cloudfront")),
            "Whether it protects load balancers, or distributions.",
            default="regional",
            change="replace",
        ),
        "default": Field(
            Choice(("allow", "block")), "What happens to a request that no rule catches.", default="allow"
        ),
        "managed_rules": Field(
            ListOf(
                Record(
                    {
                        "group": Part(_RULE_NAME, "The group, such as AWSManagedRulesCommonRuleSet.", required=True),
                        "count_only": Part(Flag(), "Whether it only counts what it would block.", default=False),
                        "counted_rules": Part(
                            ListOf(_RULE_NAME),
                            "Rules of the group that only count, such as SizeRestrictions_BODY.",
                            default=[],
                        ),
                    }
                ),
                ordered=True,
            ),
            "Groups of rules that AWS keeps up to date, in the order in which they are asked.",
            default=[{"group": "AWSManagedRulesCommonRuleSet"}],
        ),
        "rate_rules": Field(
            ListOf(
                Record(
                    {
                        "name": Part(_RULE_NAME, "A name for it.", required=True),
                        "requests": Part(
                            Number(10, 2_000_000_000), "Requests of one address that are let through.", required=True
                        ),
                        "seconds": Part(Number(60, 600), "In so long: 60, 120, 300 or 600.", default=300),
                        "path": Part(
                            Text(r"/.*", "a path such as /login", most=200), "Only requests whose path starts with it."
                        ),
                        "method": Part(Text(r"[A-Z]+", "a method such as POST"), "Only requests of this method."),
                        "action": Part(
                            Choice(("block", "count", "captcha", "challenge")),
                            "What happens to the requests above.",
                            default="block",
                        ),
                        "forwarded": Part(
                            Flag(),
                            "Whether the user's address is taken from X-Forwarded-For: behind another proxy only.",
                            default=False,
                        ),
                    }
                ),
                ordered=True,
            ),
            "How many requests one address may make, in all or to one path. They are asked before the managed rules.",
            default=[],
        ),
        "load_balancers": Field(
            ListOf(Ref("load_balancer")), "What it protects. A distribution names its web_acl itself.", default=[]
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    seconds=5,
)
