"""The one way out: never to a private address, never for ever, never too much, through SOCKS or not at all."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wearemany.adapters.fetch import Answer, Limits, Way, fetch, read_home, read_socks
from wearemany.adapters.fetch_line import Roads, Socks
from wearemany.errors import Refused, TryAgain

TRIAL = Path(__file__).resolve().parents[3] / "shared" / "trials" / "ssrf" / "urls.jsonl"
PUBLIC = "93.184.215.14"
NAMES = ("many", "ok", "ok6", "both", "mastodon", "gzbomb", "remote", "xn--e1afmkfd", "xn--80aikifvh")
QUICK = Limits(body_bytes=100_000, total_s=5.0)
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell"


def authority(names: list[str], folder: Path) -> tuple[ssl.SSLContext, Callable[[], ssl.SSLContext]]:
    """Make a certificate for names; return the server's context and the trust that goes with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, lambda: ssl.create_default_context(cadata=pem.decode())


@dataclass
class Stub:
    """A web server on loopback that stands for all of the internet; `dialled` are the addresses meant."""

    port: int
    answer: Callable[[str, str], bytes]
    dialled: list[str] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @property
    def way(self) -> Way:
        return Way(roads=Roads(self._look_up, self._dial, self.trust))

    def _look_up(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        answers = self.names.get(host, [[PUBLIC]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _dial(self, address: str, port: int, limit_s: float) -> socket.socket:
        self.dialled.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=limit_s)


@contextmanager
def stub(answer: Callable[[str, str], bytes], *, context: ssl.SSLContext | None = None) -> Iterator[Stub]:
    """Serve: `answer(host, path)` gives the raw bytes; a connection that begins with TLS is served under it."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = Stub(listener.getsockname()[1], answer)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if connection.recv(1, socket.MSG_PEEK) == b"\x16":
                assert context is not None
                connection = context.wrap_socket(connection, server_side=True)
            head = connection.recv(65_536)
            made.heard.append(head)
            lines = head.decode("latin-1").split("\r\n")
            host = next(line[6:] for line in lines if line.startswith("Host: "))
            connection.sendall(made.answer(host, lines[0].split(" ")[1]))
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield made
    finally:
        listener.close()


def always(content: bytes) -> Callable[[str, str], bytes]:
    return lambda host, path: content


def packed(content: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + more + b"Content-Length: %d\r\n\r\n" % len(content) + content


def trial() -> list[dict[str, Any]]:
    if not TRIAL.exists():
        return []
    return [json.loads(line) for line in TRIAL.read_text().splitlines()]


def bomb() -> bytes:
    """Return a small gzip file that swells to 64 MiB of zeros."""
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as stream:
        for _ in range(64):
            stream.write(bytes(1 << 20))
    return made.getvalue()


def played(row: dict[str, Any]) -> Callable[[str, str], bytes]:
    """Return what the stub answers in a row of the trial: its chain of redirects, its bomb, or that all is well."""
    chain: list[str] = row.get("redirects", [])
    swollen = packed(bomb(), b"Content-Encoding: gzip\r\n") if "gzbomb" in row["url"] else b""

    def answer(host: str, path: str) -> bytes:
        for here, onward in pairwise(chain):
            if here == f"https://{host}{path}":
                return (
                    b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + onward.encode() + b"\r\n\r\n"
                )
        return swollen or WELL

    return answer


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Callable[[], ssl.SSLContext]]:
    return authority([f"{name}.example" for name in NAMES], tmp_path_factory.mktemp("papers"))


@pytest.mark.skipif(not TRIAL.exists(), reason="the trial is not beside this checkout")
@pytest.mark.parametrize("row", trial(), ids=lambda row: row["id"])
@pytest.mark.threat("O")
def test_the_trial_of_forged_requests(row: dict[str, Any], papers: Any) -> None:
    """No connection where one is forbidden, one to the checked address where it is allowed; counted at the dial."""
    context, trust = papers
    expect = row["expect"]
    with stub(played(row), context=context) as site:
        site.trust = trust
        host = row["url"].partition("://")[2].partition("/")[0]
        site.names = {host: row["dns"]} if "dns" in row else {}
        site.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]] if expect != "block" else [["127.0.0.1"]]
        try:
            answer: Answer | None = fetch(row["url"], way=site.way, limits=QUICK)
        except (Refused, TryAgain):
            answer = None
    own = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
    assert all(address in own for address in site.dialled)
    if expect == "allow":
        assert answer is not None and answer.body == b"well" and len(site.dialled) == 1
    elif expect == "allow-or-block":
        assert all(b"\r\nX-Injected" not in head for head in site.heard)
    elif expect == "block" and "redirects" not in row:
        assert answer is None and site.dialled == []
    elif expect == "block":
        assert answer is None and len(site.dialled) <= 4
    elif expect == "never dial 127.0.0.1":
        assert site.dialled == [PUBLIC] and answer is not None
    else:
        assert expect in ("clear failure", "stop at the size limit after decoding")
        assert answer is None


@pytest.mark.threat("O")
def test_the_checked_address_is_the_one_connected_to() -> None:
    """A name that is looked up again would answer differently: it is looked up once, and that answer is dialled."""
    with stub(always(WELL)) as site:
        site.names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        assert fetch("http://rebind.example/", way=site.way).body == b"well"
        assert (site.looked_up, site.dialled) == (["rebind.example"], [PUBLIC])
        with pytest.raises(Refused) as refusal:
            fetch("http://rebind.example/", way=site.way)
        assert refusal.value.code == "outbound-refused" and site.dialled == [PUBLIC]


def test_a_private_place_must_be_named() -> None:
    """Loopback is refused unless this very place is named; a redirect there from elsewhere is refused all the same."""
    with stub(always(WELL)) as site:
        here = f"http://127.0.0.1:{site.port}/x"
        with pytest.raises(Refused):
            fetch(here, way=Way())
        assert fetch(here, way=Way(home=read_home((f"127.0.0.1:{site.port}",)))).body == b"well"
        assert fetch(here, way=Way().leading_home(here)).body == b"well"
        with pytest.raises(Refused):
            fetch(f"http://127.0.0.1:{site.port + 1}/x", way=Way().leading_home(here))
        site.answer = always(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
        with pytest.raises(Refused):
            fetch("http://many.example/", way=site.way)


def test_a_post_is_sent_once_and_its_answer_is_whatever_it_is() -> None:
    """A body is posted; a redirect or an error is an answer like any other; headers and cookies are not kept."""
    told = b"HTTP/1.1 409 Conflict\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\nX-Size: 7\r\n\r\n12"
    with stub(always(told)) as site:
        answer = fetch("http://many.example/add?x=1#y", way=site.way, body=b"old 1\n", headers={"X-Key": "k"})
        assert (answer.status, answer.body, answer.headers["x-size"]) == (409, b"12", "7")
        head = site.heard[0].decode()
        assert head.startswith("POST /add?x=1 HTTP/1.1\r\n") and "X-Key: k" in head
        assert "Host: many.example\r\n" in head and "User-Agent: wearemany\r\n" in head
        fetch("http://many.example/", way=site.way)
        assert b"Cookie" not in site.heard[1]
        site.answer = always(
            b"HTTP/1.1 307 Moved\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n"
        )
        assert fetch("http://many.example/", way=site.way, body=b"x").status == 307
        assert len(site.heard) == 3


def test_headers_go_to_the_place_that_was_named_alone() -> None:
    """A redirect does not carry a key to somebody else."""

    def answer(host: str, path: str) -> bytes:
        moved = b"HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n"
        return moved if host == "many.example" else WELL

    with stub(answer) as site:
        assert (
            fetch("http://many.example/", way=site.way, headers={"X-Key": "k"}).url == "http://other.example/"
        )
        assert b"X-Key" in site.heard[0] and b"X-Key" not in site.heard[1]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (b"", "outbound-unreachable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nhalf", "outbound-unreachable"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf", "outbound-unreachable"),
        (
            packed(gzip.compress(b"whole" * 99, mtime=0)[:-9], b"Content-Encoding: gzip\r\n"),
            "outbound-unreachable",
        ),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "outbound-unreachable"),
        (packed(bytes(100_001)), "outbound-answer"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(300_000), "outbound-answer"),
        (packed(b"x", b"Content-Encoding: br\r\n"), "outbound-answer"),
        (packed(b"no gzip", b"Content-Encoding: gzip\r\n"), "outbound-answer"),
        (packed(bomb(), b"Content-Encoding: gzip\r\n"), "outbound-answer"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9000, "outbound-answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "outbound-answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_broken_or_greedy_answer_is_an_error_of_ours(told: bytes, code: str) -> None:
    """It failed, or it failed and had happened: the request was heard, and the caller learns that nothing is known."""
    with stub(always(told)) as site:
        for body in (None, b"asked for"):
            with pytest.raises((Refused, TryAgain)) as trouble:
                fetch("http://many.example/", way=site.way, body=body, limits=QUICK)
            assert trouble.value.code == code
        assert len(site.heard) == 2, "each was sent once and never by itself again"


def test_an_answer_is_unpacked() -> None:
    """What comes compressed arrives as it was; nothing of it, too, where there is no body."""
    with stub(always(packed(gzip.compress(b"well" * 1000), b"Content-Encoding: gzip\r\n"))) as site:
        assert fetch("http://many.example/", way=site.way).body == b"well" * 1000
        site.answer = always(b"HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n")
        assert fetch("http://many.example/", way=site.way).status == 304


def test_everything_ends_in_time() -> None:
    """Names that are not found, connections that stay silent, answers that trickle: all end at the one moment."""
    waiting = threading.Event()

    def never(host: str, port: int) -> list[str]:
        waiting.wait(20)
        return []

    begun = monotonic()
    with pytest.raises(TryAgain):
        fetch("http://many.example/", way=Way(roads=Roads(look_up=never)), limits=Limits(total_s=0.3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/"):
            with pytest.raises(TryAgain):
                fetch(url, way=Way().leading_home(url), limits=Limits(total_s=0.3))
    waiting.set()
    with trickling() as port:
        url = f"http://127.0.0.1:{port}/"
        with pytest.raises(TryAgain):
            fetch(url, way=Way().leading_home(url), limits=Limits(total_s=0.5))
    assert monotonic() - begun < 4


@contextmanager
def trickling() -> Iterator[int]:
    """Serve an answer a letter at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()

        def talk() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                    while not stopped.wait(0.05):
                        connection.sendall(b"x")

        threading.Thread(target=talk, daemon=True).start()
        yield listener.getsockname()[1]
        stopped.set()


def test_a_server_must_prove_its_name(papers: Any) -> None:
    """A certificate that nobody vouches for, or of another name, is not believed, at home neither."""
    context, trust = papers
    with stub(always(WELL), context=context) as site:
        with pytest.raises(TryAgain):
            fetch("https://many.example/", way=site.way)
        site.trust = trust
        assert fetch("https://many.example/", way=site.way).body == b"well"
        with pytest.raises(TryAgain):
            fetch("https://many.elsewhere/", way=site.way)
        url = f"https://localhost:{site.port}/"
        with pytest.raises(TryAgain):
            fetch(url, way=site.way.leading_home(url))
    assert len(site.heard) == 1


def test_the_environment_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies that the environment names are not used: only the option decides."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with stub(always(WELL)) as site:
        assert fetch("http://many.example/", way=site.way).body == b"well"


@dataclass
class Proxy:
    """A SOCKS5 proxy that leads everything to one port; `asked` are the names it was to look up."""

    port: int
    asked: list[tuple[str, int]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)


@contextmanager
def socks_proxy(lead_to: int, *, refuses: int = 0) -> Iterator[Proxy]:
    listener = socket.create_server(("127.0.0.1", 0))
    made = Proxy(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError, struct.error, IndexError), connection:
            method = connection.recv(3)[2]
            connection.sendall(bytes([5, method]))
            if method == 2:
                made.users.append(connection.recv(600).decode("latin-1"))
                connection.sendall(b"\x01\x00")
            asked = connection.recv(600)
            kind, host = asked[3], asked[4:-2]
            made.asked.append(
                (host[1:].decode() if kind == 3 else host.hex(), struct.unpack(">H", asked[-2:])[0])
            )
            connection.sendall(bytes([5, refuses, 0, 1]) + bytes(6))
            if refuses:
                return
            with socket.create_connection(("127.0.0.1", lead_to)) as onward:
                onward.sendall(connection.recv(65_536))
                while part := onward.recv(65_536):
                    connection.sendall(part)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield made
    finally:
        listener.close()


def nobody(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up here")


def test_through_socks_names_are_looked_up_elsewhere() -> None:
    """Everything goes through the proxy, onion services and home too; private addresses stay forbidden."""
    onion = "a2" * 28 + ".onion"
    with stub(always(WELL)) as site, socks_proxy(site.port) as proxy:
        way = Way(
            Socks("127.0.0.1", proxy.port, "me", "secret"), frozenset({"10.1.2.3:80"}), Roads(look_up=nobody)
        )
        for url in ("http://many.example/", f"http://{onion}/", "http://10.1.2.3/", f"http://{PUBLIC}/"):
            assert fetch(url, way=way).body == b"well"
        for url in ("http://localhost/", "http://10.1.2.4/", "http://[::1]/", "http://printer.local/"):
            with pytest.raises(Refused):
                fetch(url, way=way)
    assert [host for host, _ in proxy.asked] == ["many.example", onion, "0a010203", "5db8d70e"]
    assert proxy.users[0] == "\x01\x02me\x06secret"


@pytest.mark.threat("O")
def test_without_its_proxy_nothing_goes_out() -> None:
    """A proxy that is silent, away or unwilling closes the way: nothing ever goes direct."""
    with stub(always(WELL)) as site:
        with socket.create_server(("127.0.0.1", 0)) as held:
            away = held.getsockname()[1]
        with socks_proxy(site.port, refuses=1) as unwilling:
            for port in (away, unwilling.port):
                way = Way(Socks("127.0.0.1", port), roads=Roads(look_up=nobody))
                home = f"http://127.0.0.1:{site.port}/"
                for url in ("http://many.example/", home):
                    with pytest.raises(TryAgain):
                        fetch(url, way=way.leading_home(home), limits=QUICK)
        assert site.heard == []


def test_an_onion_service_is_reached_through_socks_alone() -> None:
    """Its name is never looked up: that would tell the resolver who is asked for."""
    with pytest.raises(Refused):
        fetch("http://" + "a2" * 28 + ".onion/", way=Way(roads=Roads(look_up=nobody)))


def test_options_are_read_strictly() -> None:
    """A proxy or a home that is misspelt stops the program instead of going direct."""
    assert read_socks("") is None
    assert read_socks("socks5://u:p@127.0.0.1:9050") == Socks("127.0.0.1", 9050, "u", "p")
    for text in (
        "127.0.0.1:9050",
        "http://127.0.0.1:9050",
        "socks5://tor",
        "socks4://tor:9050",
        "socks5://u@h:1",
    ):
        with pytest.raises(ValueError):
            read_socks(text)
    assert read_home(("10.0.0.1:81", "[::1]:80", "witness.lan")) == {
        "10.0.0.1:81",
        "[::1]:80",
        "witness.lan:443",
    }
    for text in ("http://10.0.0.1", "10.0.0.1/x", "a@b"):
        with pytest.raises(ValueError):
            read_home((text,))


def test_another_address_is_tried_before_anything_was_sent() -> None:
    """Of several addresses of a name the first that answers is taken."""
    with stub(always(WELL)) as site:
        site.names["many.example"] = [["93.184.215.15", PUBLIC]]
        way = site.way
        tried: list[str] = []

        def dial(address: str, port: int, limit_s: float) -> socket.socket:
            tried.append(address)
            if address != PUBLIC:
                raise ConnectionRefusedError
            return way.roads.dial(address, port, limit_s)

        roads = Roads(way.roads.look_up, dial)
        assert fetch("http://many.example/", way=Way(roads=roads)).body == b"well"
        assert tried == ["93.184.215.15", PUBLIC] and len(site.heard) == 1
