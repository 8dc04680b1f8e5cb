"""The load generator against local servers whose faults are known exactly."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections import Counter
from pathlib import Path

import pytest

from tests.support.http11 import Parser
from tests.support.load import DEFAULT_MIX, Load, Plan, parse_arguments, parse_mix
from tests.support.report import Report, audit, numbers
from tests.support.stub import Request, Stub, response


def run(stub: Stub, stalled: float = 0.0, **changes: object) -> Report:
    """What the load saw; it stands still for ``stalled`` seconds, a moment after its start."""
    values: dict[str, object] = {
        "name": "localhost",
        "ip": "127.0.0.1",
        "port": stub.port,
        "rate": 500,
        "seconds": 0.4,
        "run": "unit",
        "mix": parse_mix("GET /messages:4,POST /messages:1"),
        "tls": False,
        **changes,
    }
    load = Load(Plan(**values))  # type: ignore[arg-type]

    async def go() -> Report:
        if stalled:
            asyncio.get_running_loop().call_later(0.1, time.sleep, stalled)  # on purpose: nothing else runs meanwhile
        return await load.run()

    return asyncio.run(go())


async def fine(request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(response(201 if request.method == "POST" else 200, X_App_Version="1"))
    return True


async def one_in_a_hundred_fails(request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(response(500 if request.number % 100 == 99 else 200))
    return True


async def one_in_a_hundred_is_cut(request: Request, _reader: Reader, writer: Writer) -> bool:
    if request.number % 100 == 99:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        return False
    writer.write(response(200))
    return True


async def stalls_for_half_a_second(request: Request, _reader: Reader, writer: Writer) -> bool:
    if request.number == 100:
        time.sleep(0.5)  # on purpose: the whole server stands still
    writer.write(response(200))
    return True


async def never_answers_some(request: Request, reader: Reader, writer: Writer) -> bool:
    if request.number == 50:
        await reader.read()  # until the client gives up
        return False
    writer.write(response(200))
    return True


async def closes_politely(_request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(response(200, Connection="close"))
    return False


async def closes_rudely(_request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(response(200))
    return False


async def in_chunks(_request: Request, _reader: Reader, writer: Writer) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await asyncio.sleep(0.001)
    writer.write(b"2\r\nde\r\n0\r\n\r\n")
    return True


def test_nothing_fails_where_nothing_is_wrong() -> None:
    with Stub(fine) as stub:
        report = run(stub)
    assert report.summary.sent == 200
    assert report.failures == []
    assert len(stub.requests) == 200
    assert Counter(row.kind for row in report.samples) == {"GET /messages": 160, "POST /messages": 40}
    assert report.versions()[0][0] == "1"


def test_exactly_one_in_a_hundred_is_counted() -> None:
    with Stub(one_in_a_hundred_fails) as stub:
        report = run(stub)
    assert report.summary.failed == 2
    assert {row.status for row in report.failures} == {500}


def test_an_answer_that_is_cut_is_a_failure() -> None:
    with Stub(one_in_a_hundred_is_cut) as stub:
        report = run(stub, connections=1, fresh_every=0)
    assert report.summary.failed == 2
    assert "closed in the answer" in report.why()


def test_nobody_listens() -> None:
    with Stub(fine) as stub:
        port = stub.port
    report = run(Stub(fine, port=port), seconds=0.1)
    assert report.summary.failed == report.summary.sent == 50


def test_a_stall_shows_in_every_request_that_it_delayed() -> None:
    # 200/s for the 0.4 s in which a request had to wait for longer than 0.1 s; a machine that stands still itself adds
    # some: not in every run, unless it is counted wrong
    slow: list[int] = []
    while len(slow) < 6 and not (slow and 60 <= slow[-1] <= 180):
        with Stub(stalls_for_half_a_second) as stub:
            report = run(stub, rate=200, seconds=1)
        assert report.failures == []
        slow.append(sum(row.latency > 0.1 for row in report.samples))
    assert 60 <= slow[-1] <= 180, slow


def test_no_answer_in_time_is_a_failure_and_does_not_hold_up_the_rest() -> None:
    with Stub(never_answers_some) as stub:
        report = run(stub, rate=100, seconds=1, timeout=2)
    assert report.summary.failed == 1
    assert "no answer within 2 s" in report.why()
    assert report.summary.sent == 100


def test_a_stall_of_this_machine_takes_no_time_from_a_request() -> None:
    with Stub(fine) as stub:
        report = run(stub, stalled=2.5, rate=100, timeout=1)
    assert max(row.latency for row in report.samples) > 2, "but it shows how late the answers were"
    assert report.failures == []


def test_a_connection_that_says_close_is_not_used_again() -> None:
    with Stub(closes_politely) as stub:
        report = run(stub, rate=250)
    assert report.failures == []
    assert stub.connections == 100


def test_a_connection_cut_between_two_requests_is_never_retried() -> None:
    with Stub(closes_rudely) as stub:
        report = run(stub, rate=250, connections=1)
    # sent + failed before a byte was sent = all of them; no request arrived twice
    assert len(stub.requests) == sum(not row.failed for row in report.samples)


def test_chunked_answers() -> None:
    with Stub(in_chunks) as stub:
        report = run(stub, rate=100)
    assert report.failures == []


def test_every_fiftieth_request_opens_a_connection() -> None:
    with Stub(fine) as stub:
        report = run(stub, fresh_every=50)
    assert 4 < stub.connections < 100
    assert report.meta["connections_opened"] == stub.connections


def test_writes_are_numbered_and_audited() -> None:
    with Stub(fine) as stub:
        report = run(stub)
    texts = [json.loads(request.body)["text"] for request in stub.requests if request.method == "POST"]
    assert sorted(numbers(texts, "unit")) == list(range(40))
    assert audit(report, numbers(texts, "unit")).clean
    assert audit(report, numbers(texts[1:], "unit")).lost == (numbers(texts, "unit")[0],)
    assert audit(report, numbers([*texts, texts[0]], "unit")).doubled == (numbers(texts, "unit")[0],)


def test_tls_is_verified_unless_told_otherwise(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Stub(fine, tls=context) as stub:
        trusted = run(stub, tls=True, ca=str(certificate), seconds=0.1)
        strange = run(stub, tls=True, seconds=0.1)
        blind = run(stub, tls=True, verify=False, seconds=0.1)
    assert trusted.summary.failed == blind.summary.failed == 0
    assert strange.summary.failed == 50
    assert "certificate verify failed" in strange.why()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"ip": "192.0.2.1"}, id="outside"),
        pytest.param({"ip": "10.213.1.1"}, id="next-network"),
        pytest.param({"rate": 0}, id="no-rate"),
        pytest.param({"rate": 100000}, id="too-fast"),
        pytest.param({"seconds": 7200}, id="too-long"),
    ],
)
def test_what_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"rehearsal|rate|time"):
        run(Stub(fine, port=9), **changes)


def test_the_mix_is_spread() -> None:
    round_ = parse_mix("GET /a:3,POST /b:1")
    assert sorted(round_) == [("GET", "/a")] * 3 + [("POST", "/b")]
    assert round_[0] != ("POST", "/b")
    assert len(parse_mix(DEFAULT_MIX)) == 10


@pytest.mark.parametrize("text", ["", "GET /a", "GET a:1", "GET /a:x"])
def test_a_wrong_mix(text: str) -> None:
    with pytest.raises(ValueError, match="METHOD"):
        parse_mix(text)


def test_a_parser_fed_byte_by_byte() -> None:
    parser = Parser()
    answers = [parser.feed(bytes([byte])) for byte in response(404, b"gone", X_App_Version="2")]
    assert [a for a in answers if a] == [answers[-1]]
    assert answers[-1] is not None
    assert (answers[-1].status, answers[-1].body, answers[-1].headers["x-app-version"]) == (404, b"gone", "2")


def test_as_a_process_it_stops_at_sigterm_and_writes_all_it_saw(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with Stub(fine) as stub:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.load", f"http://localhost:{stub.port}/", "--ip", "127.0.0.1"]
            + ["--rate", "100", "--seconds", "60", "--json", str(out)],
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": ""},
        )
        until = time.monotonic() + 30
        while len(stub.requests) <= 60 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        said, _err = process.communicate(timeout=15)
    assert process.returncode == 0
    report = Report.load(out)
    assert report.summary.sent == len(stub.requests) == json.loads(said)["sent"] > 50
    assert report.failures == []


def test_arguments_of_the_command_line(tmp_path: Path) -> None:
    plan, out = parse_arguments(
        ["https://chat.test:8443/", "--ip", "127.0.0.1", "--seconds", "5", "--json", str(tmp_path / "o")]
        + ["--header", "Authorization: Bearer x", "--extra", '{"room": "a"}', "--mix", "GET /x:1"]
    )
    assert (plan.name, plan.port, plan.tls, plan.mix) == ("chat.test", 8443, True, (("GET", "/x"),))
    assert plan.headers == (("Authorization", "Bearer x"),)
    assert plan.extra == (("room", "a"),)
    assert out == tmp_path / "o"
