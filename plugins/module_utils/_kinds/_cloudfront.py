"""The configuration of a distribution in the words of the blueprint, and back.

Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Policies that AWS keeps, the same in every account
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHE = {
    "optimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "disabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "origin_headers": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
}
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
FORWARD = {
    "none": "",
    "all": "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "all_but_host": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
}
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
METHODS = {
    "read": ["GET", "HEAD"],
    "read_options": ["GET", "HEAD", "OPTIONS"],
    "all": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
}
_PORTS = {"https": 443, "http": 80}
_BUCKET = re.compile(r"(?P<bucket>.+)\.s3\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")
_BALANCER = re.compile(r".+\.elb\.amazonaws\.com(\.cn)?")
_NONE = {"Quantity": 0}

Config = Mapping[str, Any]


def listed(items: list[Any]) -> dict[str, Any]:
    """A list as CloudFront wants every one of them."""
    return {"Quantity": len(items), "Items": items} if items else dict(_NONE)


def items_of(given: Config | None) -> list[Any]:
    return list((given or {}).get("Items") or ())


def to_config(attrs: Mapping[str, Any], region: str, access_control: str) -> dict[str, Any]:
    """All of it but its names. ``attrs`` is canonical; ``access_control`` is the id by which buckets know it."""
    config: dict[str, Any] = {
        "Aliases": listed(list(attrs.get("aliases") or ())),
        "Origins": listed([_origin(one, region, access_control) for one in attrs["origins"]]),
        "DefaultCacheBehavior": _behaviour(attrs["behaviour"]),
        "CacheBehaviors": listed(
            [{"PathPattern": one["path"], **_behaviour(one)} for one in attrs.get("path_behaviours") or ()]
        ),
        "CustomErrorResponses": listed([_error_page(one) for one in attrs.get("error_pages") or ()]),
        "ViewerCertificate": _certificate(attrs),
        "DefaultRootObject": attrs.get("root") or "",
        "WebACLId": attrs.get("web_acl") or "",
        "PriceClass": attrs["price_class"],
        "HttpVersion": attrs["http"],
        "IsIPV6Enabled": attrs["ipv6"],
        "Enabled": attrs["enabled"],
    }
    return config


def fresh(reference: str, comment: str) -> dict[str, Any]:
    """What only a new one needs."""
    return {
        "CallerReference": reference,
        "Comment": comment,
        "OriginGroups": dict(_NONE),
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", **_NONE}},
    }


def _origin(given: Mapping[str, Any], region: str, access_control: str) -> dict[str, Any]:
    origin: dict[str, Any] = {
        "Id": given["name"],
        "OriginPath": given.get("path") or "",
        "CustomHeaders": dict(_NONE),
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
    }
    if given.get("bucket"):
        return {
            **origin,
            "DomainName": f"{given['bucket']}.s3.{region}.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": access_control,
        }
    ports = {**_PORTS, **({given["protocol"]: int(given["port"])} if given.get("port") else {})}
    custom = {
        "HTTPPort": ports["http"],
        "HTTPSPort": ports["https"],
        "OriginProtocolPolicy": f"{given['protocol']}-only",
        "OriginSslProtocols": listed(["TLSv1.2"]),
        "OriginReadTimeout": int(given["timeout_seconds"]),
        "OriginKeepaliveTimeout": 5,
    }
    domain = given.get("load_balancer") or given["domain"]
    return {**origin, "DomainName": domain, "CustomOriginConfig": custom, "OriginAccessControlId": ""}


def _behaviour(given: Mapping[str, Any]) -> dict[str, Any]:
    cached = METHODS["read_options" if given["methods"] == "read_options" else "read"]
    behaviour: dict[str, Any] = {
        "TargetOriginId": given["origin"],
        "ViewerProtocolPolicy": given["viewers"],
        "AllowedMethods": {**listed(METHODS[given["methods"]]), "CachedMethods": listed(cached)},
        "Compress": given["compress"],
        "CachePolicyId": CACHE[given["cache"]],
        "SmoothStreaming": False,
        "FieldLevelEncryptionId": "",
        "LambdaFunctionAssociations": dict(_NONE),
        "FunctionAssociations": dict(_NONE),
        "TrustedSigners": {"Enabled": False, **_NONE},
        "TrustedKeyGroups": {"Enabled": False, **_NONE},
    }
    if FORWARD[given["forward"]]:
        behaviour["OriginRequestPolicyId"] = FORWARD[given["forward"]]
    if given["security_headers"]:
        behaviour["ResponseHeadersPolicyId"] = _SECURITY_HEADERS
    return behaviour


def _error_page(given: Mapping[str, Any]) -> dict[str, Any]:
    answer = given.get("answer")
    return {
        "ErrorCode": int(given["status"]),
        "ResponsePagePath": given.get("page") or "",
        "ResponseCode": str(int(answer)) if answer else "",
        "ErrorCachingMinTTL": int(given["seconds"]),
    }


def _certificate(attrs: Mapping[str, Any]) -> dict[str, Any]:
    if not attrs.get("certificate"):
        return {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"}
    return {
        "CloudFrontDefaultCertificate": False,
        "ACMCertificateArn": attrs["certificate"],
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": attrs["tls"],
    }


def from_config(config: Config) -> dict[str, Any]:
    """The way back."""
    viewer = config.get("ViewerCertificate") or {}
    return {
        "origins": [_from_origin(one) for one in items_of(config["Origins"])],
        "behaviour": _from_behaviour(config["DefaultCacheBehavior"]),
        "path_behaviours": [
            {"path": one["PathPattern"], **_from_behaviour(one)} for one in items_of(config.get("CacheBehaviors"))
        ],
        "aliases": items_of(config.get("Aliases")),
        "certificate": viewer.get("ACMCertificateArn") or None,
        "tls": viewer.get("MinimumProtocolVersion"),
        "price_class": config.get("PriceClass"),
        "http": str(config.get("HttpVersion", "")).lower(),
        "ipv6": config.get("IsIPV6Enabled", False),
        "root": config.get("DefaultRootObject") or "",
        "error_pages": [_from_error_page(one) for one in items_of(config.get("CustomErrorResponses"))],
        "web_acl": config.get("WebACLId") or None,
        "enabled": config["Enabled"],
    }


def _from_origin(given: Config) -> dict[str, Any]:
    origin: dict[str, Any] = {"name": given["Id"], "path": given.get("OriginPath") or None}
    domain = given["DomainName"]
    bucket = _BUCKET.fullmatch(domain)
    if "CustomOriginConfig" not in given:
        # a bucket that does not know us yet is a difference
        known = bool(bucket and given.get("OriginAccessControlId"))
        return {**origin, "bucket": bucket["bucket"]} if bucket and known else {**origin, "domain": domain}
    custom = given["CustomOriginConfig"]
    protocol = custom["OriginProtocolPolicy"].removesuffix("-only")
    port = custom.get("HTTPSPort" if protocol == "https" else "HTTPPort")
    return {
        **origin,
        "load_balancer" if _BALANCER.fullmatch(domain) else "domain": domain,
        "protocol": protocol,
        "port": None if port == _PORTS.get(protocol) else port,
        "timeout_seconds": custom.get("OriginReadTimeout", 30),
    }


def _from_behaviour(given: Config) -> dict[str, Any]:
    methods = set(items_of(given.get("AllowedMethods")))
    return {
        "origin": given["TargetOriginId"],
        "viewers": given["ViewerProtocolPolicy"],
        "methods": _word({name: frozenset(some) for name, some in METHODS.items()}, frozenset(methods)),
        "cache": _word(CACHE, given.get("CachePolicyId")),
        "forward": _word(FORWARD, given.get("OriginRequestPolicyId") or ""),
        "security_headers": given.get("ResponseHeadersPolicyId") == _SECURITY_HEADERS,
        "compress": given.get("Compress", False),
    }


def _word(words: Mapping[str, Any], value: Any) -> str:
    """Ours for AWS's; AWS's own where it has none, which is a difference."""
    return next((word for word, one in words.items() if one == value), str(value))


def _from_error_page(given: Config) -> dict[str, Any]:
    answer = given.get("ResponseCode")
    return {
        "status": given["ErrorCode"],
        "page": given.get("ResponsePagePath") or None,
        "answer": int(answer) if answer else None,
        "seconds": given.get("ErrorCachingMinTTL", 10),
    }
