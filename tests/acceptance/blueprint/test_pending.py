"""Chat at stage 4: its DNS is somewhere else, so its certificate waits for a record that a person makes."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint import work
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.apply import ApplyError
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.text import text
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.view import view
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load
from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.runs import converge, planned, verbs

VIRGINIA = "us-east-1"  # chat's region


def asked_for(emulator: Emulator) -> str:
    """The record that AWS waits for."""
    account = emulator.account(VIRGINIA)
    (one,) = account.pages("acm", "list_certificates", "CertificateSummaryList")
    asked = account.call("acm", "describe_certificate", CertificateArn=one["CertificateArn"])["Certificate"]
    record = asked["DomainValidationOptions"][0]["ResourceRecord"]
    return f"{record['Name'].rstrip('.')} CNAME {record['Value'].rstrip('.')}"


def make(emulator: Emulator, record: str) -> None:
    """A zone that is nobody's entry stands for the DNS of somebody else."""
    name, _cname, value = record.partition(" CNAME ")
    account = emulator.account(VIRGINIA)
    zone = account.call("route53", "create_hosted_zone", Name="example.com", CallerReference="elsewhere")
    entry = {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": entry}]}
    account.call("route53", "change_resource_record_sets", HostedZoneId=zone["HostedZone"]["Id"], ChangeBatch=changes)


def test_it_ends_saying_what_to_create_and_goes_on(on_moto: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PERSON_SECONDS", 1.0)
    entries = resources("chat", "stage4")
    assert not any("dns_zone" in one for one in entries)

    # before anything is there, AWS has named no record yet
    plan = planned(on_moto.account(VIRGINIA), entries, "chat")
    why = {step.key: step.why for step in plan.steps}["certificate/main"]
    assert why.startswith("no zone of this blueprint has chat.example.com: AWS will name a record")
    shown = text(view(plan, kinds(), load(VIRGINIA)))
    assert any("note: no zone of this blueprint has chat.example.com" in line for line in shown)

    # the run makes all that does not need the certificate, and says what the rest waits for
    with pytest.raises(ApplyError) as caught:
        converge(on_moto.account(VIRGINIA), entries, "chat")
    record = asked_for(on_moto)
    asked = f"create this where the DNS of chat.example.com is: {record}"
    error = caught.value
    assert list(error.failures) == ["certificate/main"]
    assert error.failures["certificate/main"].message == "certificate/main is pending: it waits for you."
    assert error.failures["certificate/main"].expected == asked
    assert "run the same command again" in str(error)
    assert "listener/https" in error.skipped
    assert "load_balancer/main" in error.done

    # now the plan has the record
    plan = planned(on_moto.account(VIRGINIA), entries, "chat")
    assert {step.key: step.why for step in plan.steps}["certificate/main"] == asked
    assert f"  left     certificate/main: {asked}" in text(view(plan, kinds(), load(VIRGINIA)))
    with pytest.raises(ApplyError) as caught:
        converge(on_moto.account(VIRGINIA), entries, "chat")
    assert list(caught.value.failures) == ["certificate/main"]
    assert caught.value.failures["certificate/main"].expected == asked

    # the record is made, where the domain's DNS is: the same run goes on to the end
    make(on_moto, record)
    _plan, outcome = converge(on_moto.account(VIRGINIA), entries, "chat")
    assert set(outcome.outputs) == {"/".join(next(iter(one.items()))) for one in entries}
    assert verbs(planned(on_moto.account(VIRGINIA), entries, "chat")) == {}
