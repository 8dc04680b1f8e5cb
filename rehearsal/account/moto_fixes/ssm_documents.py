"""Documents of Systems Manager."""

from __future__ import annotations

from typing import Any

from moto.ssm.models import SimpleSystemManagerBackend

_list = SimpleSystemManagerBackend.list_documents


def list_documents(
    self: SimpleSystemManagerBackend,
    document_filter_list: Any,
    filters: list[dict[str, Any]] | None,
    max_results: int = 10,
    token: str = "0",  # noqa: S107 - where the next page begins
) -> tuple[list[dict[str, Any]], str]:
    """«tag:name» is a filter too: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DocumentKeyValuesFilter.html"""
    plain = [one for one in filters or [] if not one["Key"].startswith("tag:")]
    by_tag = {one["Key"].removeprefix("tag:"): one["Values"] for one in filters or [] if one["Key"].startswith("tag:")}
    if not by_tag:
        return _list(self, document_filter_list, plain, max_results, token)
    everything, _token = _list(self, document_filter_list, plain, 10_000, "0")
    matching = [
        one
        for one in everything
        if all({tag["Key"]: tag["Value"] for tag in one.get("Tags", [])}.get(k) in v for k, v in by_tag.items())
    ]
    start = int(token or 0)
    rest = str(start + max_results) if len(matching) > start + max_results else ""
    return matching[start : start + max_results], rest


SimpleSystemManagerBackend.list_documents = list_documents  # type: ignore[method-assign]
