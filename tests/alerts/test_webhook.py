"""Whatever the receiver does, sending ends soon, follows nobody, and says in a sentence what went wrong."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from recon.alerts.problems import AddressRefused, NotSent
from recon.alerts.webhook import READ_LIMIT, Answer, send
from tests.alerts.builders import Behave, answering, receiver

SOON = 0.7
"""Seconds a test grants where the sidecar grants ten."""


def post(url: str, *, seconds: float = 5.0, **more: object) -> Answer:
    return send(url, headers={"webhook-id": "a"}, body=b"{}", allow_loopback=True, deadline_seconds=seconds, **more)  # type: ignore[arg-type]


def drip(text: bytes) -> Behave:
    def behave(connection: socket.socket) -> None:
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return behave


def sending(text: bytes) -> Behave:
    return lambda connection: connection.sendall(text)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def test_a_message_is_posted_as_json_under_its_own_host_and_the_answer_comes_back() -> None:
    with receiver(answering("202 Accepted")) as there:
        assert post(there.url) == Answer(status=202, retry_after=None)
        assert there.requests[0].startswith(b"POST /hook?key=secret HTTP/1.1\r\n")
        headers = there.headers(0)
    assert headers["host"] == there.url.split("/")[2]
    assert (headers["content-type"], headers["webhook-id"]) == ("application/json", "a")
    assert there.body(0) == b"{}"


def test_a_wish_to_wait_is_passed_on() -> None:
    with receiver(answering("429 Too Many\r\nRetry-After: 7")) as there:
        assert post(there.url) == Answer(status=429, retry_after="7")


def test_a_redirect_is_not_followed() -> None:
    with receiver(answering("200 OK")) as inside:
        with receiver(answering(f"302 Found\r\nLocation: {inside.url}")) as there:
            assert post(there.url).status == 302
        assert inside.requests == []


@pytest.mark.parametrize(
    "behave", [silent, drip(b"HTTP/1.1 200 OK\r\n" * 9), drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 99)]
)
def test_silence_and_dripping_heads_end_at_the_deadline(behave: Behave) -> None:
    with receiver(behave) as there, pytest.raises(NotSent, match="no answer in time"):
        post(there.url, seconds=SOON)


def test_an_answer_counts_though_its_body_drips_or_breaks_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    with receiver(lambda connection: (connection.sendall(head), drip(b"x" * 99)(connection))[1]) as there:
        assert post(there.url, seconds=2 * SOON).status == 200
    with receiver(sending(head + b"cut")) as there:
        assert post(there.url).status == 200


def test_of_an_endless_body_little_is_read() -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * READ_LIMIT))

    with receiver(flood) as there:
        assert post(there.url).status == 200
    assert sum(sent) < 400 * READ_LIMIT  # what fits into the buffers between two processes, not gigabytes


@pytest.mark.parametrize("text", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 99, b""])
def test_what_is_no_http_is_a_failure_that_may_pass(text: bytes) -> None:
    with receiver(sending(text)) as there, pytest.raises(NotSent, match="not answer as a web server"):
        post(there.url)


def test_a_refused_connection_is_a_failure_that_may_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(NotSent, match="No connection"):
        post(url)


def test_the_next_address_of_a_name_is_asked_when_the_first_refuses() -> None:
    with receiver(answering("200 OK")) as there:
        found = post(there.url.replace("127.0.0.1", "hooks.test"), resolve=lambda *_: ("127.0.0.2", "127.0.0.1"))
    assert found.status == 200
    assert there.headers(0)["host"].startswith("hooks.test:")


def test_a_name_is_resolved_once_and_the_connection_made_to_that_address() -> None:
    asked = []

    def first_here_then_elsewhere(host: str, port: int) -> tuple[str, ...]:
        asked.append((host, port))
        return ("127.0.0.1",) if len(asked) == 1 else ("203.0.113.1",)

    with receiver(answering("200 OK")) as there:
        port = int(there.url.split(":")[2].split("/")[0])
        assert post(f"http://rebinding.test:{port}/", resolve=first_here_then_elsewhere).status == 200
    assert asked == [("rebinding.test", port)]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.com/", "https"),
        ("ftp://hooks.example.com/", "https"),
        ("file:///etc/passwd", "https"),
        ("//hooks.example.com", "https"),
        ("https://", "no host"),
        ("https://me:secret@hooks.example.com/", "user name"),
        ("https://[::1", "not an address"),
        ("https://hooks.example.com:99999/", "a port"),
        ("https://10.0.0.1/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
    ],
)
def test_what_is_no_public_https_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(AddressRefused, match=why) as refused:
        send(url, headers={}, body=b"", resolve=lambda host, _: (host.strip("[]"),))
    assert "secret" not in str(refused.value)


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(AddressRefused, match="https"):
        post("http://hooks.example.com/", resolve=lambda *_: ("8.8.8.8",))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
def test_the_certificate_is_that_of_the_name_not_of_the_address(tmp_path: Path) -> None:
    key, certificate = _certificate(tmp_path, "hooks.test")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=certificate)

    def resolve(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    with receiver(answering("200 OK"), tls=serving) as there:
        port = there.url.split(":")[2].split("/")[0]
        assert post(f"https://hooks.test:{port}/", resolve=resolve, tls=trusting).status == 200
        with pytest.raises(NotSent, match="certificate"):
            post(f"https://other.test:{port}/", resolve=resolve, tls=trusting)
        with pytest.raises(NotSent, match="certificate"):
            post(f"https://hooks.test:{port}/", resolve=resolve)
    assert len(there.requests) == 1


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Key and certificate of that name, which nobody trusts who is not told to."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "2"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    return key, certificate
