"""The receiver of call detail records: who may post, what is kept, and that an answer of 200 means durable."""

from __future__ import annotations

import asyncio
import errno
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
import uvicorn
from cms_bridge import NAME, NOW, PSEUDONYMS, WINDOW, Bridge, Site, guid, later_proof
from receiver_endurance import endure
from starlette.applications import Starlette

import connectors.cisco_meeting_server.spool
from connectors.cisco_meeting_server.coverage import Mark, covered
from connectors.cisco_meeting_server.receiver import receiver_app, serve_receiver
from connectors.cisco_meeting_server.settings import ReceiverSettings
from connectors.cisco_meeting_server.spool import Spool, days, read_day, read_rejections
from connectors.errors import ConfigurationError
from connectors.source import Window

SECRET = "a-long-secret-of-a-test"
PATH = f"/cdr/{SECRET}"


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def receiver_settings(site, **changes):
    secret = site.folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    values = {"path_secret_file": secret, "allowed_addresses": ["127.0.0.0/8", "2001:db8::/32"], **changes}
    return ReceiverSettings.model_validate(values)


@dataclass
class Web:
    """Asks the application itself; what needs a socket asks through one below."""

    app: Starlette
    address: str

    def post(self, path, content):
        return self.ask("POST", path, content)[0]

    def ask(self, method, path, content):
        """Status and body; content is bytes, or parts of unknown length."""
        parts = [content] if isinstance(content, bytes) else list(content)
        length = [(b"content-length", str(len(content)).encode())] if isinstance(content, bytes) else []
        route, _, query = path.partition("?")
        scope = {"type": "http", "method": method, "path": route, "raw_path": route.encode(), "query_string": query.encode(),
                 "headers": length, "client": (self.address, 50000), "http_version": "1.1", "root_path": "", "scheme": "http"}  # fmt: skip
        told = []

        async def receive():
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message):
            told.append(message)

        asyncio.run(self.app(scope, receive, send))
        return told[0]["status"], b"".join(message.get("body", b"") for message in told)


@contextmanager
def client(site, address="127.0.0.1", **changes):
    spool = Spool(site.spool, PSEUDONYMS.fingerprint)
    app = receiver_app(NAME, receiver_settings(site, **changes), PSEUDONYMS, spool, site.quarantine, lambda: NOW)
    try:
        yield Web(app, address)
    finally:
        spool.close()


def stored(site):
    return [(record.session, record.index) for *_, path in days(site.spool) for record in read_day(path)]


def meeting(session="first"):
    bridge = Bridge(session)
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:00", "10:30", "anna", "meeting")
    bridge.call_end("10:30", "meeting")
    return bridge


def numbers(bridge):
    return [(guid(bridge.session), index) for index in range(len(bridge.told))]


def test_every_record_of_a_post_is_stored_once_however_often_it_comes(site):
    bridge = meeting()
    with client(site) as web:
        for body in (*bridge.posts(2), *bridge.posts(3), bridge.document()):
            assert web.post(PATH, body) == 200
    assert stored(site) == numbers(bridge)


def test_a_receiver_that_starts_again_knows_what_it_has(site):
    bridge = meeting()
    with client(site) as web:
        web.post(f"{PATH}?system_id=a", bridge.posts(2)[0])
    with client(site) as web:
        assert web.post(PATH, bridge.document()) == 200
    assert stored(site) == numbers(bridge)


@pytest.mark.parametrize(
    ("address", "method", "path", "answer"),
    [
        ("127.0.0.1", "POST", PATH, 200),
        ("::ffff:127.0.0.1", "POST", PATH, 200),
        ("2001:db8::7", "POST", PATH, 200),
        ("192.0.2.1", "POST", PATH, 403),
        ("192.0.2.1", "POST", "/", 403),
        ("127.0.0.1", "POST", "/", 404),
        ("127.0.0.1", "POST", PATH[:-1], 404),
        ("127.0.0.1", "POST", "/cdr/å", 404),
        ("127.0.0.1", "GET", PATH, 404),
    ],
)
def test_who_gets_in(site, address, method, path, answer):
    with client(site, address) as web:
        assert web.ask(method, path, meeting().document()) == (answer, b"")
    assert bool(stored(site)) == (answer == 200)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE records [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<records session="x"><record>&b;</record></records>"""
OUTSIDE = b'<!DOCTYPE records SYSTEM "http://127.0.0.1:1/x.dtd"><records/>'


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (LAUGHS, "doctype", None),
        (OUTSIDE, "doctype", None),
        (b"<a>" * 50, "not_records", None),
        (b"<records>" + b"<a>" * 50, "too_deep", None),
        (b"this is no XML", "not_xml", None),
        (b'<records session="', "not_xml", None),
        (b"<records>&b;</records>", "not_xml", None),
        (b'{"json": true}', "not_xml", None),
        (b"<records/>" * 21, "too_many_documents", None),
        (
            b'<records><record type="callEnd" time="2026-10-29T10:00:00Z" correlatorIndex="1"/></records>',
            "missing",
            "session",
        ),
    ],
)
def test_what_cannot_be_read_is_kept_encrypted_counted_once_and_taken(site, body, reason, field):
    with client(site) as web:
        for _ in range(2):
            assert web.post(PATH, body) == 200
    assert [(each.what, each.reason, each.field) for each in read_rejections(site.spool)] == [
        ("cdr_document", reason, field)
    ]
    assert [kept.body for kept in site.quarantine.read(NAME)] == [body]
    files = b"".join(path.read_bytes() for path in (site.folder / "quarantine").rglob("*") if path.is_file())
    assert body not in files
    assert stored(site) == []


def test_one_bad_record_costs_only_itself_and_shows_in_the_pull(site):
    bridge = meeting()
    bad = bridge.told[2].replace('correlatorIndex="2"', 'correlatorIndex="two"')
    with client(site) as web:
        web.post(PATH, bridge.document([*bridge.told[:2], bad, *bridge.told[3:]]))
    assert len(stored(site)) == len(bridge.told) - 1
    site.receive(later_proof(bridge))
    assert site.pull(Window(WINDOW.start, NOW.replace(hour=4))).rejected == 1
    assert site.landing.read("rejected").select("reason", "field").rows() == [("unreadable", "correlatorIndex")]


def test_a_newer_version_takes_what_it_understands_out_of_quarantine(site, monkeypatch):
    bridge = meeting()
    with monkeypatch.context() as older:
        older.setattr("connectors.cisco_meeting_server.documents.DEEPEST", 2)
        with client(site) as web:
            web.post(PATH, bridge.document())
    assert stored(site) == []
    with client(site):
        assert stored(site) == numbers(bridge)
    assert list(site.quarantine.read(NAME)) == []


def chunks(size):
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize("content", [b"x" * 5000, "chunked"])
def test_what_is_too_large_is_refused_and_counted_once(site, content):
    with client(site, most_bytes=3000) as web:
        for _ in range(2):
            body = chunks(5000) if content == "chunked" else content
            assert web.post(PATH, body) == 413
    assert [each.reason for each in read_rejections(site.spool)] == ["too_large"]
    assert list(site.quarantine.read(NAME)) == []


@pytest.mark.parametrize("fails", ["write", "fsync"])
def test_a_full_disk_is_answered_503_and_the_record_is_taken_when_it_comes_again(site, monkeypatch, fails):
    bridge = meeting()
    first, *rest = bridge.posts(1)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with client(site) as web:
        web.post(PATH, first)
        with monkeypatch.context() as disk:
            disk.setattr(connectors.cisco_meeting_server.spool.os, fails, full)
            assert web.post(PATH, rest[0]) == 503
        assert stored(site) == numbers(bridge)[:1]
        for body in rest:
            assert web.post(PATH, body) == 200
    assert stored(site) == numbers(bridge)


def test_a_disk_that_takes_half_a_line_leaves_no_half_line(site, monkeypatch):
    bridge = meeting()
    write = os.write
    with client(site) as web:
        web.post(PATH, bridge.posts(1)[0])
        with monkeypatch.context() as disk:
            disk.setattr(
                connectors.cisco_meeting_server.spool.os, "write", lambda handle, lines: write(handle, lines[:20])
            )
            assert web.post(PATH, bridge.document()) == 503
        assert web.post(PATH, bridge.document()) == 200
    assert stored(site) == numbers(bridge)


def test_a_line_cut_off_by_a_crash_is_neither_read_nor_kept(site):
    bridge = meeting()
    site.receive(*bridge.posts(1)[:3])
    (path,) = (path for *_, path in days(site.spool))
    path.write_bytes(path.read_bytes() + b'{"session":"cut')
    assert stored(site) == numbers(bridge)[:3]
    site.receive(bridge.document())
    assert stored(site) == numbers(bridge)
    assert b"cut" not in path.read_bytes()


def test_the_spool_is_private_and_belongs_to_one_process_and_one_key(site):
    site.receive(meeting().document())
    for path in site.spool.rglob("*.jsonl"):
        assert path.stat().st_mode & 0o077 == 0
    with client(site), pytest.raises(ConfigurationError, match="another receiver"):
        Spool(site.spool, PSEUDONYMS.fingerprint)
    with pytest.raises(ConfigurationError, match="another pseudonym key"):
        Spool(site.spool, "of another key")


@pytest.mark.parametrize(
    ("secret", "mode", "says"),
    [("short", 0o600, "at least 16"), (SECRET, 0o644, "chmod 600"), (None, 0, "cannot be read")],
)
def test_a_weak_secret_is_refused(site, secret, mode, says):
    settings = receiver_settings(site)
    settings.path_secret_file.unlink()
    if secret:
        settings.path_secret_file.write_text(secret)
        settings.path_secret_file.chmod(mode)
    spool = Spool(site.spool, PSEUDONYMS.fingerprint)
    with pytest.raises(ConfigurationError, match=says):
        receiver_app(NAME, settings, PSEUDONYMS, spool, site.quarantine)
    spool.close()


def test_nobody_is_allowed_by_default(site):
    with pytest.raises(ValueError, match="allowed_addresses"):
        receiver_settings(site, allowed_addresses=[])


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def post(connection, body):
    connection.request("POST", PATH, body)
    answer = connection.getresponse()
    answer.read()
    return answer.status


@contextmanager
def running(site):
    """The receiver behind a real socket."""
    spool = Spool(site.spool, PSEUDONYMS.fingerprint)
    app = receiver_app(NAME, receiver_settings(site), PSEUDONYMS, spool, site.quarantine)
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(server.config.port)
    try:
        yield server.config.port
    finally:
        server.should_exit = True
        thread.join()
        spool.close()


def wait_for(port):
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError


def test_several_bridges_post_at_once_over_connections_that_stay_open(site):
    bridges = [meeting(f"session {number}") for number in range(6)]

    def deliver(bridge):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        return [post(connection, body) for body in (*bridge.posts(1), *bridge.posts(2))]

    with running(site) as port, ThreadPoolExecutor(6) as pool:
        answers = [status for each in pool.map(deliver, bridges) for status in each]
    assert set(answers) == {200}
    assert sorted(stored(site)) == sorted(number for bridge in bridges for number in numbers(bridge))


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
import connectors.cisco_meeting_server.receiver
from cms_bridge import NAME, PSEUDONYMS, Site
from connectors.cisco_meeting_server.settings import ReceiverSettings
from connectors.cisco_meeting_server.spool import Spool

folder, port, dies = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "dies"
if dies:
    store = Spool.store
    def store_and_die(spool, records):
        store(spool, records)
        os.kill(os.getpid(), signal.SIGKILL)  # on disk, not answered
    Spool.store = store_and_die
settings = ReceiverSettings(path_secret_file=folder / "secret", allowed_addresses=["127.0.0.1"], port=port)
site = Site(folder)
connectors.cisco_meeting_server.receiver.serve_receiver(NAME, settings, PSEUDONYMS, site.spool, site.quarantine)
"""


@contextmanager
def process(site, port, mode):
    here = Path(__file__).parent
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(site.folder), str(port), mode, str(here)]
    with subprocess.Popen(command, cwd=here.parent) as child:
        try:
            wait_for(port)
            yield child
        finally:
            child.send_signal(signal.SIGTERM)


def test_killed_between_disk_and_answer_the_same_post_again_is_known(site):
    receiver_settings(site)
    bridge = meeting()
    port = free_port()
    with process(site, port, "dies") as child:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with pytest.raises((http.client.HTTPException, OSError)):
            post(connection, bridge.document())
        assert child.wait(10) == -signal.SIGKILL
    assert stored(site) == numbers(bridge)
    with process(site, port, "lives"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        assert post(connection, bridge.document()) == 200
    assert stored(site) == numbers(bridge)


def test_it_speaks_tls(site):
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    key, chain = site.folder / "key.pem", site.folder / "chain.pem"
    certificate.private_key_pem.write_to_path(key)
    chain.write_bytes(b"".join(part.bytes() for part in certificate.cert_chain_pems))
    with pytest.raises(ConfigurationError, match="TLS"):
        serve_receiver(
            NAME, receiver_settings(site, tls_key_file=site.folder / "no.pem"), PSEUDONYMS, site.spool, site.quarantine
        )
    spool = Spool(site.spool, PSEUDONYMS.fingerprint)
    app = receiver_app(NAME, receiver_settings(site), PSEUDONYMS, spool, site.quarantine)
    config = uvicorn.Config(app, port=free_port(), ssl_certfile=chain, ssl_keyfile=key, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(config.port)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    assert (
        post(http.client.HTTPSConnection("localhost", config.port, context=context, timeout=10), meeting().document())
        == 200
    )
    server.should_exit = True
    thread.join()
    spool.close()


def test_no_message_holds_the_secret_an_address_or_what_was_posted(site, caplog):
    with client(site) as web:
        web.post(PATH, b"<records session='anna@exempelby.se'><record type='callEnd'/></records>")
        web.post(PATH + "x", b"")
    with client(site, "192.0.2.1", most_bytes=10) as web:
        web.post(PATH, b"x" * 100)
    ours = "\n".join(line.getMessage() for line in caplog.records if line.name.startswith("connectors"))
    assert "not understood" in ours
    for secret in (SECRET, "anna", "192.0.2", "127.0.0"):
        assert secret not in ours


def test_fifty_thousand_records_of_four_bridges_through_a_receiver_that_is_killed(tmp_path):
    found = endure(tmp_path, records=50_000, kills=6, seed=1)
    assert found.kills == 6
    assert found.unanswered > 0  # some posts met a receiver that was dead
    assert found.repeated > 20
    assert len(found.answered) == 50_000
    assert set(found.stored) == found.answered
    assert set(found.stored.values()) == {1}
    assert sum(found.declared.values()) > 0
    gaps = [gap for gap in known(tmp_path).gaps if gap.records]
    assert sum(gap.records for gap in gaps) == sum(found.declared.values())


def known(folder):
    """What the receiver's records say of the day."""
    records = [record for *_, path in days(Site(folder).spool) for record in read_day(path)]
    marks = [Mark(record.session, record.index, record.at, record.missing, record.bridge) for record in records]
    found = covered(marks, WINDOW)
    assert found is not None
    return found
