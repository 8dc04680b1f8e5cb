"""Route 53: the tags of ten resources at once, and yes and no as XML writes them.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListTagsForResources.html
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from ministack.services import route53  # type: ignore[import-not-found]

_route = route53.handle_request


async def _handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    several = re.fullmatch(rf"/{route53.API_VERSION}/tags/([^/]+)/?", path)
    if method == "POST" and several:
        return _tags_of_several(several[1], body)
    return await _route(method, path, headers, body, query)


def _tags_of_several(resource_type: str, body: bytes) -> Any:
    root = route53._parse_body(body)
    ids = [one.text for one in route53._findall(route53._find(root, "ResourceIds"), "ResourceId")]
    there = {"hostedzone": route53._zones, "healthcheck": route53._health_checks}[resource_type]
    for one in ids:
        if one not in there:
            code = {"hostedzone": "NoSuchHostedZone", "healthcheck": "NoSuchHealthCheck"}[resource_type]
            return route53._error_response(code, f"Nothing with the id {one}.", 404)

    def build(answer: Element) -> None:
        sets = SubElement(answer, "ResourceTagSets")
        for one in ids:
            entry = SubElement(sets, "ResourceTagSet")
            SubElement(entry, "ResourceType").text = resource_type
            SubElement(entry, "ResourceId").text = one
            tags = SubElement(entry, "Tags")
            for key, value in route53._tags.get((resource_type, one), {}).items():
                tag = SubElement(tags, "Tag")
                SubElement(tag, "Key").text = key
                SubElement(tag, "Value").text = value

    return route53._xml_response("ListTagsForResourcesResponse", build)


_build_check = route53._build_health_check_el


def _health_check(parent: Element, check: Any) -> None:
    _build_check(parent, check)
    for element in parent.iter():
        if element.text in ("True", "False"):
            element.text = element.text.lower()


route53._build_health_check_el = _health_check
route53.handle_request = _handle
