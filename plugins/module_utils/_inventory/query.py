"""Asks EC2 in every region at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from .._aws.account import Account, new_session
from .._aws.errors import AwsError, no_credentials
from .._common.errors import StairwayError
from .._common.suggest import listing, nearest
from .answer import Instance, Reader
from .fields import complete
from .settings import Filters, Settings

PAGE = 1000  # the most that DescribeInstances answers at once
ATTEMPTS = 4  # an inventory is waited for; throttling of a read passes within seconds
AT_ONCE = 32
EVERY_REGION = "all"
KEY = "StairwayInstances"
# A page that is read already, as botocore shall see it.
EMPTY = b"<DescribeInstancesResponse/>"

_of_thread = threading.local()


@dataclass
class Answer:
    """``instances`` sorted by id, complete; ``failed`` says which regions did not answer, and why."""

    instances: list[Instance]
    failed: dict[str, StairwayError] = field(default_factory=dict)
    calls: int = 0


@dataclass(frozen=True)
class _Job:
    region: str
    filters: Filters
    excludes: bool


def ask(settings: Settings, snake: Callable[[str], str], fields: Collection[str] | None) -> Answer:
    """All that ``settings`` ask for; ``fields`` are the variables wanted, ``None`` is all.

    :raises StairwayError: without credentials, at a region that there is not, or when a region fails; with
        ``partial`` only when all do.
    """
    own = new_session(settings.profile)
    default = os.environ.get("AWS_REGION") or _configured_region(own)
    account = _account(settings, own, default)
    regions = _regions(account, settings, own, default)
    jobs = [_Job(region, query, False) for region in regions for query in settings.include]
    jobs += [_Job(region, query, True) for region in regions for query in settings.exclude]
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(jobs))) as pool:
        outcomes = list(pool.map(lambda job: _run(account, job, snake, fields), jobs))
    failed = {job.region: one for job, one in zip(jobs, outcomes, strict=True) if isinstance(one, StairwayError)}
    if failed and (not settings.partial or len(failed) == len(regions)):
        raise _failure(failed, regions)
    # a region of which only one query failed would be half there
    good = [
        (job, one)
        for job, one in zip(jobs, outcomes, strict=True)
        if isinstance(one, list) and job.region not in failed
    ]
    out = {instance["instance_id"] for job, one in good if job.excludes for instance in one}
    found: dict[str, Instance] = {}
    for job, one in good:
        for instance in () if job.excludes else one:
            if instance["instance_id"] not in out:
                found.setdefault(instance["instance_id"], instance)
    return Answer([found[name] for name in sorted(found)], failed, sum(account.calls.values()))


def _run(
    account: Account, job: _Job, snake: Callable[[str], str], fields: Collection[str] | None
) -> list[Instance] | StairwayError:
    wanted = ("instance_id",) if job.excludes else fields
    try:
        found = _pages(account, job, snake, wanted)
    except StairwayError as error:
        return error
    return [complete(instance, job.region) for instance in found]


def _pages(account: Account, job: _Job, snake: Callable[[str], str], fields: Collection[str] | None) -> list[Instance]:
    filters = [{"Name": name, "Values": list(values)} for name, values in job.filters]
    client = account.client("ec2", job.region)
    shape = client.meta.service_model.operation_model("DescribeInstances").output_shape
    client.meta.events.register("before-parse.ec2.DescribeInstances", _read, unique_id="stairway-inventory")
    _of_thread.reader = Reader(shape, snake, None if fields is None else {"instance_id", *fields})
    found: list[Instance] = []
    token: str | None = None
    while True:
        page = account.call(
            "ec2", "describe_instances", region=job.region, Filters=filters, MaxResults=PAGE, NextToken=token
        )
        found.extend(page.get(KEY, ()))
        token = page.get("NextToken")
        if not token:
            return found


def _read(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_more: Any) -> None:
    """Reads an answer where botocore would begin to, and leaves botocore an empty one with the token.

    botocore's event ``before-parse`` is for that; it comes in the thread of the call. What is no answer (an error, a
    page cut off) botocore gets as it came, with its own way of trying again.
    """
    if response_dict["status_code"] >= 300:
        return
    try:
        instances, token = _of_thread.reader.instances(response_dict["body"])
    except ParseError:
        return
    customized_response_dict[KEY] = instances
    if token:
        customized_response_dict["NextToken"] = token
    response_dict["body"] = EMPTY


def _configured_region(own: Any) -> str | None:
    from botocore.exceptions import ProfileNotFound

    try:
        found = own.get_config_variable("region")
    except ProfileNotFound as error:
        raise no_credentials(str(error)) from error
    return str(found) if found else None


def _account(settings: Settings, own: Any, default: str | None) -> Account:
    named = [region for region in settings.regions if region != EVERY_REGION]
    region = named[0] if named else default or "us-east-1"

    def account(session: Any) -> Account:
        return Account(
            region,
            session=session,
            endpoint_url=settings.endpoint_url,
            attempts=ATTEMPTS,
            timeout=settings.timeout,
        )

    if not settings.role:
        return account(own)
    name = "stairway-inventory"
    lent = account(own).call("sts", "assume_role", RoleArn=settings.role, RoleSessionName=name)["Credentials"]
    lending = new_session(settings.profile)
    lending.set_credentials(lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"])
    return account(lending)


def _regions(account: Account, settings: Settings, own: Any, default: str | None) -> list[str]:
    names = list(settings.regions) or ([default] if default else [])
    if not names:
        raise StairwayError(
            "The inventory names no region.",
            expected="regions: [...] in the inventory file, AWS_REGION, or a region in the profile",
            found="none of them",
            where="regions",
            fix="write regions: [ap-northeast-2] into the file",
        )
    if EVERY_REGION in names:
        return sorted(str(one["RegionName"]) for one in account.call("ec2", "describe_regions")["Regions"])
    if not settings.endpoint_url:
        _check(names, own)
    return names


def _check(names: list[str], own: Any) -> None:
    """botocore would look for a host that there is not, again and again, and not say why."""
    known = [name for part in own.get_available_partitions() for name in own.get_available_regions("ec2", part)]
    for region in names:
        if region not in known:
            close = nearest(region, known)
            raise StairwayError(
                f"There is no AWS region {region}.",
                expected=f"a region such as {close}" if close else "a region of EC2",
                found=region,
                where="regions",
                fix=f"write {close}" if close else "aws ec2 describe-regions lists them; a newer boto3 knows new ones",
            )


def _failure(failed: dict[str, StairwayError], regions: list[str]) -> StairwayError:
    first = next(iter(failed.values()))
    if len(regions) == len(failed) and len({error.message for error in failed.values()}) == 1:
        return first  # it has nothing to do with the regions
    shut = len(failed) < len(regions) and any(getattr(one, "code", "") == "AuthFailure" for one in failed.values())
    return StairwayError(
        f"{len(failed)} of {len(regions)} regions did not answer: {listing(failed)}.",
        expected="an answer from each",
        found="; ".join(f"{region}: {_short(error)}" for region, error in failed.items()),
        where="DescribeInstances",
        fix=(
            "a region may not be enabled for this account (aws account list-regions); take it out of regions"
            if shut
            else "mend it, take the region out of regions, or set partial: true to go on without it"
        ),
    )


def _short(error: StairwayError) -> str:
    return (
        f"{error.code}: {error.text}" if isinstance(error, AwsError) else f"{error.message} {error.found or ''}".strip()
    )


def warning(failed: Mapping[str, StairwayError]) -> str:
    """One line about the regions that an inventory goes on without."""
    return "The inventory lacks hosts: " + "; ".join(f"{region}: {_short(error)}" for region, error in failed.items())
