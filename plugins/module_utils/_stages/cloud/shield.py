"""What stands before the load balancer by choice: a firewall for requests, and a content network. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .edge import domains_inside, zone_name
from .site import Entry, Part, Site, filled

# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
GROUPS = {
    "core": "AWSManagedRulesCommonRuleSet",
    "known_bad_inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "sql": "AWSManagedRulesSQLiRuleSet",
    "ip_reputation": "AWSManagedRulesAmazonIpReputationList",
    "anonymous_ip": "AWSManagedRulesAnonymousIpList",
}
PRICE_CLASSES = {"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}
VIRGINIA = "us-east-1"


def shield(site: Site) -> Part:
    if site.aspects["edge"] != "alb" or not site.fleet:
        return Part()
    return Part((*_firewall(site), *_content_network(site)))


def _firewall(site: Site) -> Iterator[Entry]:
    waf = site.cloud.waf
    if waf is None:
        return
    yield {
        "web_acl": "main",
        "scope": "regional",
        "default": "allow",
        "managed_rules": [{"group": GROUPS[name]} for name in waf.managed],
        "rate_rules": [
            filled(
                {
                    "name": limit.name,
                    "requests": limit.requests,
                    "seconds": limit.per_seconds,
                    "path": limit.path,
                    # behind a content network every request comes from one of its own addresses
                    "forwarded": True if site.cloud.cdn is not None or site.app.edge.behind is not None else None,
                }
            )
            for limit in waf.limits
        ],
        "load_balancers": ["main"],
    }


def _content_network(site: Site) -> Iterator[Entry]:
    cdn = site.cloud.cdn
    if cdn is None:
        return
    named = list(site.app.domains)
    certificate = cdn.certificate
    if certificate is None and site.cloud.region == VIRGINIA and site.cloud.balancer.https:
        certificate = site.cloud.balancer.certificate or "main"
    elif certificate is None and zone_name(site) is not None and len(domains_inside(site)) == len(named):
        certificate = "cdn"
        yield filled(
            {
                "certificate": "cdn",
                "domain": site.app.domain,
                "other_domains": named[1:] or None,
                "zone": "main",
                "region": VIRGINIA,
            }
        )
    app = {"origin": "app", "methods": "all", "forward": "all", "cache": "disabled"}
    yield filled(
        {
            "distribution": "main",
            "origins": [
                {
                    "name": "app",
                    "load_balancer": "main",
                    "protocol": "https" if site.cloud.balancer.https else "http",
                    "timeout_seconds": min(max(service.read_timeout_seconds for service in site.app.routed), 60),
                }
            ],
            "behaviour": app,
            "path_behaviours": [
                {
                    "path": f"{path.rstrip('/')}/*",
                    "origin": "app",
                    "methods": "read",
                    "forward": "all",
                    "cache": "origin_headers",
                }
                for path in cdn.cached_paths
            ],
            # without a certificate it answers under the name that AWS gives it
            "aliases": named if certificate is not None else None,
            "certificate": certificate,
            "price_class": PRICE_CLASSES[cdn.price_class],
        }
    )
