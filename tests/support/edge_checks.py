"""What an edge has to do, asked on the host itself. The scenarios `caddy` and `nginx` send it there.

    python3 edge_checks.py CADDY-OR-NGINX DOMAIN PYTHONPATH-OF-THE-COLLECTION

It plays both colours on their ports, speaks HTTPS to the edge as a browser would, and turns the switch with the
collection's own functions, as a release does. It prints a line for each check and fails at the first that does not
hold. Standard library only.
"""

from __future__ import annotations

import base64
import contextlib
import glob
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

KIND, DOMAIN, LIBRARY = sys.argv[1:4]
sys.path.insert(0, LIBRARY)

from edge_replica import EXECUTED, Replica  # type: ignore[import-not-found]  # it stands beside this file on the host

from ansible_collections.stairway.cloud.plugins.module_utils._edge.gates import hold, release_hold
from ansible_collections.stairway.cloud.plugins.module_utils._edge.modes import Wish, converge
from ansible_collections.stairway.cloud.plugins.module_utils._edge.switch import EdgeState

BLUE, SECOND_BLUE, GREEN = 20480, 20481, 20484
STATE = EdgeState.of("chat")
# Seconds for what takes a moment, on a host that has other things to do.
PATIENCE = 60.0


PLAYING: dict[str, Replica] = {}


def play(name: str, port: int, colour: str) -> None:
    PLAYING[name] = Replica(port, colour)


def play_blue(colour: str) -> None:
    play("first", BLUE, colour)
    play("second", SECOND_BLUE, colour)


def stop_blue() -> None:
    for name in ("first", "second"):
        PLAYING.pop(name).stop()


def context(alpn: str = "http/1.1") -> ssl.SSLContext:
    """Caddy has a certificate of the rehearsal's authority; Nginx one that holds its place until certbot comes."""
    made = ssl.create_default_context()
    if KIND == "nginx":
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    made.set_alpn_protocols([alpn])
    return made


def tls(name: str = DOMAIN, alpn: str = "http/1.1") -> ssl.SSLSocket:
    return context(alpn).wrap_socket(socket.create_connection(("127.0.0.1", 443), PATIENCE), server_hostname=name)


def ask(
    method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(DOMAIN, timeout=PATIENCE)
    connection.sock = tls()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    with contextlib.closing(connection):
        return answer.status, answer.headers, answer.read()


def wait_until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def at_the_gate() -> set[str]:
    """The connections that a gate has taken and not closed, each by its inode."""
    with open("/proc/net/unix", encoding="utf-8") as file:
        rows = [line.split() for line in file]
    # a gate binds the socket by another name, and gives it its own when it listens
    return {row[6] for row in rows if len(row) == 8 and row[5] == "03" and row[7].startswith(f"{STATE.runtime}/")}


def wait_until_held(count: int, before: set[str]) -> None:
    wait_until(lambda: len(at_the_gate() - before) >= count, f"the gate does not hold {count}")


def colour_of(body: bytes) -> str:
    return str(json.loads(body)["colour"])


@contextlib.contextmanager
def websocket(path: str = "/ws") -> Iterator[socket.socket]:
    key = base64.b64encode(os.urandom(16)).decode()
    with tls() as peer:
        peer.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += peer.recv(1)
        assert b" 101 " in head.splitlines()[0], head
        yield peer


def echo(peer: socket.socket, text: bytes) -> bytes:
    peer.sendall(text)
    return peer.recv(1000)


def check_headers() -> None:
    status, headers, body = ask("GET", "/hello", **{"X-Forwarded-For": "6.6.6.6"})
    assert status == 200, status
    assert headers["Strict-Transport-Security"] == "max-age=31536000", headers
    assert headers["X-Content-Type-Options"] == "nosniff", headers
    seen = {name.lower(): value for name, value in json.loads(body)["headers"].items()}
    assert seen["x-forwarded-for"] == "127.0.0.1", "a client cannot say who it is"
    assert seen["x-forwarded-proto"] == "https", seen
    assert seen["host"] == DOMAIN, seen


def check_http_goes_to_https() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=PATIENCE)
    connection.request("GET", "/a?b=c", headers={"Host": DOMAIN})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{DOMAIN}/a?b=c"), answer.headers


def check_unknown_names_are_refused() -> None:
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        tls("unknown.example").close()
        raise AssertionError("a certificate was shown for an unknown name")
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=PATIENCE)
    connection.request("GET", "/", headers={"Host": "unknown.example"})
    with contextlib.suppress(ConnectionError, http.client.RemoteDisconnected):
        raise AssertionError(f"an unknown name was answered with {connection.getresponse().status}")


def check_http2() -> None:
    with tls(alpn="h2") as peer:
        assert peer.selected_alpn_protocol() == "h2"


def check_large_requests_are_refused() -> None:
    assert ask("POST", "/large", b"x" * 900_000)[0] == 200
    with tls() as peer:
        peer.sendall(f"POST /large HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: 2000000\r\n\r\n".encode())
        assert b" 413 " in peer.recv(1000).splitlines()[0]


def check_compression() -> None:
    _status, headers, body = ask("GET", "/big", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip", headers
    assert len(body) < 1000, len(body)


def check_static_files() -> None:
    status, headers, body = ask("GET", "/static/hello.txt")
    assert (status, body) == (200, b"hello\n"), (status, body)
    assert headers["Cache-Control"] == "public, max-age=86400", headers
    assert ask("GET", "/static/.secret")[0] == 404


def check_a_replica_that_is_away_costs_nothing() -> None:
    """What meets the missing replica goes to the other one, a POST too, and once."""
    PLAYING.pop("second").stop()
    try:
        assert {ask("GET", "/spread")[0] for _number in range(50)} == {200}
        paths = [f"/once/{number}" for number in range(200)]
        with ThreadPoolExecutor(20) as pool:
            answers = Counter(pool.map(lambda path: ask("POST", path, b"x")[0], paths))
        # Caddy (2.6.2, 2.10.2) closes a body when a connection is refused, so it cannot offer it to another replica.
        assert set(answers) <= ({200} if KIND == "nginx" else {200, 502}), answers
        assert answers[200] >= 50, answers
        assert all(EXECUTED[path] <= 1 for path in paths)
        print(f"   {dict(answers)}")
    finally:
        play("second", SECOND_BLUE, "blue")


def check_nothing_unsafe_is_sent_twice() -> None:
    status, _headers, _body = ask("POST", "/die", b"x")
    assert status == 502, status
    assert EXECUTED["/die"] == 1, EXECUTED["/die"]


def check_a_switch_keeps_websockets() -> None:
    with websocket() as peer:
        first = echo(peer, b"one")
        assert first == b"blue:one", first
        STATE.switch("green")
        assert colour_of(ask("GET", "/after")[2]) == "green"
        assert echo(peer, b"two") == b"blue:two"
        time.sleep(3)
        assert echo(peer, b"three") == b"blue:three"
    STATE.switch("blue")
    assert colour_of(ask("GET", "/after")[2]) == "blue"


def check_switches_under_load() -> None:
    stop = threading.Event()
    answers: Counter[int] = Counter()

    def load() -> None:
        while not stop.is_set():
            answers[ask("POST", "/load", b"x")[0]] += 1

    threads = [threading.Thread(target=load) for _number in range(8)]
    for thread in threads:
        thread.start()
    for _number in range(20):
        STATE.switch("green")
        time.sleep(0.1)
        STATE.switch("blue")
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(answers) == {200}, answers
    print(f"   {sum(answers.values())} requests over 40 switches")


def check_maintenance() -> None:
    converge(Wish("chat", "maintenance", text="Back at <four>"), check_mode=False)
    try:
        for method, body in (("GET", None), ("POST", b"x"), ("DELETE", None)):
            status, headers, page = ask(method, "/hello", body, Accept="text/html")
            assert (status, headers["Retry-After"]) == (503, "60"), (method, status, headers.items())
            assert b"Back at &lt;four&gt;" in page, page
        status, headers, page = ask("GET", "/hello", Accept="application/json")
        assert (status, json.loads(page)["message"]) == (503, "Back at <four>")
        assert headers["Content-Type"].startswith("application/json"), headers
    finally:
        converge(Wish("chat", "serving"), check_mode=False)
    assert ask("GET", "/hello")[0] == 200


def check_a_hold_loses_nothing() -> None:
    before = at_the_gate()
    hold("chat", 120)
    paths = [f"/held/{number}" for number in range(50)]
    with ThreadPoolExecutor(50) as pool:
        begun = time.monotonic()
        answers = [pool.submit(ask, "GET" if number % 3 else "POST", path) for number, path in enumerate(paths)]
        wait_until_held(50, before)
        stop_blue()
        time.sleep(2)
        assert not any(EXECUTED[path] for path in paths), "nothing runs while it holds"
        play_blue("new blue")
        released = release_hold("chat")
        results = [answer.result() for answer in answers]
    assert {status for status, _headers, _body in results} == {200}, Counter(one[0] for one in results)
    assert {colour_of(body) for _status, _headers, body in results} == {"new blue"}
    assert all(EXECUTED[path] == 1 for path in paths)
    assert released is not None
    assert (released.held, released.forwarded) == (50, 50), released
    print(f"   50 of 50 after {time.monotonic() - begun:.1f} s, {released}")


def check_a_held_websocket_lives_on() -> None:
    before = at_the_gate()
    hold("chat", 120)
    with ThreadPoolExecutor(1) as pool:
        result: list[bytes] = []

        def talk() -> None:
            with websocket() as peer:
                result.append(echo(peer, b"one"))
                time.sleep(4)
                result.append(echo(peer, b"two"))

        talking = pool.submit(talk)
        wait_until_held(1, before)
        release_hold("chat")
        talking.result()
    assert [one.rpartition(b":")[2] for one in result] == [b"one", b"two"], result


def check_a_hold_has_a_bound() -> None:
    stop_blue()
    begun = time.monotonic()
    hold("chat", 5)
    status, headers, _body = ask("POST", "/late", b"x")
    assert (status, headers["Retry-After"]) == (503, "5"), (status, headers.items())
    assert 5 <= time.monotonic() - begun < 60
    assert STATE.mode() == "serving"
    play_blue("blue")
    assert ask("GET", "/hello")[0] == 200


def check_a_killed_gate_ends_its_hold() -> None:
    hold("chat", 60)
    subprocess.run(["systemctl", "kill", "--signal=KILL", "stairway-gate-chat:*"], check=True)
    wait_until(lambda: STATE.mode() == "serving", "the hold outlived its gate")
    assert ask("GET", "/hello")[0] == 200


def check_rate_limit() -> None:
    """60 in a minute and 5 at once, for the second site: 6 of 20 get through, and one for each second they take."""
    begun = time.monotonic()
    answers = [small("/limit") for _number in range(20)]
    counted = Counter(status for status, _headers in answers)
    assert set(counted) == {200, 429}, counted
    assert 5 <= counted[200] <= 6 + (time.monotonic() - begun) + 1, counted
    assert all(headers["Retry-After"] == "1" for status, headers in answers if status == 429)


def small(path: str) -> tuple[int, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=PATIENCE)
    connection.request("GET", path, headers={"Host": "limited.example"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers


def check_access_log() -> None:
    def lines() -> list[object]:
        with open(f"/var/log/{KIND}/access.log", encoding="utf-8") as file:
            # of a line that is being written there is no end yet
            return [json.loads(line) for line in file if "/hello" in line and line.endswith("\n")]

    wait_until(lambda: bool(lines()), "no line of the access log is about /hello")


def wait_for_certificate() -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while True:
        try:
            return tls().close()
        except OSError:  # no certificate yet, or no answer
            assert time.monotonic() < deadline, "no certificate after three minutes"
            time.sleep(0.5)


def main() -> None:
    play_blue("blue")
    play("green", GREEN, "green")
    wait_for_certificate()
    checks: list[Callable[[], None]] = [
        check_headers,
        check_http_goes_to_https,
        check_unknown_names_are_refused,
        check_http2,
        check_large_requests_are_refused,
        check_compression,
        check_static_files,
        check_a_replica_that_is_away_costs_nothing,
        check_nothing_unsafe_is_sent_twice,
        check_a_switch_keeps_websockets,
        check_switches_under_load,
        check_maintenance,
        check_a_hold_loses_nothing,
        check_a_hold_has_a_bound,
        check_a_held_websocket_lives_on,
        check_a_killed_gate_ends_its_hold,
        check_access_log,
    ]
    if KIND == "nginx":
        checks.append(check_rate_limit)
    for check in checks:
        check()
        print(f"ok {check.__name__}", flush=True)
    assert not glob.glob("/run/stairway/chat/*.new")


if __name__ == "__main__":
    main()
