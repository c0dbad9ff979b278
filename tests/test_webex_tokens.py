"""The refresh token of a Webex app: never lost, never told, renewed by one at a time."""

from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from connectors.errors import ConfigurationError, RetryLater
from connectors.transport import Network
from connectors.webex.account import WebexCredentials
from connectors.webex.meetings import SOURCE
from connectors.webex.tokens import RefreshTokenFile
from tests.pull_rig import NAME, NOW, START, Rig
from tests.webex_double import TRACKING, WebexMeetingsDouble


@pytest.fixture
def vendor(tmp_path):
    with WebexMeetingsDouble(tmp_path / "vendor") as double:
        yield double


def sign_in(vendor) -> str:
    """What a new process does."""
    parsed = SOURCE.settings.model_validate(vendor.settings())
    credentials = WebexCredentials(NAME, parsed, Network(ca_file=vendor.ca_file, timeout_seconds=10))
    return credentials.headers()["Authorization"]


def kept(vendor) -> dict[str, str]:
    return msgspec.json.decode(vendor.token_file.read_bytes())


def write(vendor, text: str, mode: int = 0o600) -> None:
    vendor.token_file.write_text(text)
    vendor.token_file.chmod(mode)


@pytest.mark.parametrize("written", ["bare token", "the vendor's answer"])
def test_a_token_given_by_a_person_is_used_and_replaced(vendor, written):
    vendor.settings()
    if written == "the vendor's answer":
        write(vendor, '{"access_token": "x", "expires_in": 9, "refresh_token": "refresh-0-of-this-run"}')
    sign_in(vendor)
    assert kept(vendor)["refresh_token"] == "refresh-1-of-this-run"
    assert kept(vendor)["previous"] == "refresh-0-of-this-run"
    assert stat.S_IMODE(vendor.token_file.stat().st_mode) == 0o600


def test_a_vendor_that_does_not_rotate_keeps_its_token(vendor):
    vendor.rotates = False
    for _ in range(2):
        sign_in(vendor)
    assert kept(vendor)["refresh_token"] == "refresh-0-of-this-run"
    assert "previous" not in kept(vendor)


def test_the_new_token_is_in_place_before_anything_is_asked_with_it(vendor, tmp_path):
    vendor.put("r0", START)
    seen: list[str] = []
    vendor.on_request = lambda _number: seen.append(kept(vendor)["refresh_token"])
    Rig(vendor.type_name, vendor.settings(), vendor.ca_file, tmp_path / "org").pull()
    assert set(seen) == {vendor.refresh_tokens[-1]} == {"refresh-1-of-this-run"}


class Crash(BaseException):
    """Power cut."""


MOMENTS = ("opening", "forcing to disk", "moving", "forcing the folder")
CRASHES = [
    (moment, forgets_old)
    for moment in MOMENTS
    for forgets_old in ("never", "when the new one is used", "at once")
    # a token that was in memory only, of a vendor that has withdrawn all others, is lost to anyone
    if (moment, forgets_old) != ("opening", "at once")
]


@pytest.mark.parametrize(("moment", "forgets_old"), CRASHES)
def test_a_crash_at_any_moment_leaves_a_token_that_works(vendor, monkeypatch, moment, forgets_old):
    vendor.forgets_old = forgets_old
    sign_in(vendor)
    calls = []

    def crash(*_args: object, **_options: object) -> None:
        raise Crash

    def second_fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise Crash

    with monkeypatch.context() as patched:
        if moment == "opening":
            patched.setattr(
                os, "open", lambda path, *rest, _open=os.open: crash() if ".tmp" in str(path) else _open(path, *rest)
            )
        elif moment == "moving":
            patched.setattr(Path, "replace", crash)
        else:
            patched.setattr(os, "fsync", crash if moment == "forcing to disk" else second_fsync)
        with pytest.raises(Crash):
            sign_in(vendor)
    assert sign_in(vendor)
    assert kept(vendor)["refresh_token"] == vendor.refresh_tokens[-1]


def test_the_token_before_is_used_while_the_newest_is_not_proven(vendor):
    sign_in(vendor)
    vendor.good = {"refresh-0-of-this-run"}
    assert sign_in(vendor)
    assert kept(vendor)["previous"] == "refresh-0-of-this-run"


def test_one_renews_at_a_time_and_every_other_takes_up_where_it_ended(vendor):
    vendor.forgets_old = "at once"
    vendor.settings()
    signed_in: list[str] = []
    threads = [threading.Thread(target=lambda: signed_in.append(sign_in(vendor))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(signed_in)) == 6
    assert (vendor.sign_ins, vendor.most_under_way) == (6, 1)
    assert kept(vendor)["refresh_token"] == "refresh-6-of-this-run"


def test_a_token_that_expires_is_renewed_once_for_all_that_are_under_way(vendor, tmp_path):
    for number in range(60):
        vendor.put(f"r{number}", START + timedelta(minutes=number))
    vendor.page_size = 1000
    vendor.faults.token_uses = 30
    assert Rig(vendor.type_name, vendor.settings(), vendor.ca_file, tmp_path / "org").pull().landed == 60
    assert vendor.sign_ins == 2


def test_somebody_who_holds_the_lock_too_long_is_reported(vendor, monkeypatch):
    monkeypatch.setattr("connectors.webex.tokens.LONGEST_RENEWAL_SECONDS", 0.1)
    vendor.settings()
    with (
        RefreshTokenFile(vendor.token_file).lock(),
        pytest.raises(RetryLater, match=r"under_test: no token: .*next run"),
    ):
        sign_in(vendor)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda v: v.token_file.unlink(), "there is no .*webex.token: check the path, or put the refresh token there"),
        (lambda v: write(v, ""), "holds no refresh token"),
        (lambda v: write(v, "two words"), "holds no refresh token"),
        (lambda v: write(v, '{"access_token": "x"}'), "holds no refresh token"),
        (lambda v: write(v, "refresh-0-of-this-run", 0o644), "others can read .*chmod 600"),
        (
            lambda v: write(v, "t0ken-of-another-app"),
            f"POST /access_token was answered 400 .trackingId {TRACKING}.: check client_id",
        ),
        (lambda v: v.token_file.parent.joinpath("secret").write_text(""), "client_secret_file is empty"),
        (lambda v: v.token_file.parent.joinpath("secret").unlink(), "client_secret_file: .* cannot be read"),
    ],
)
def test_what_is_wrong_with_the_files_is_said(vendor, spoil, words):
    parsed = SOURCE.settings.model_validate(vendor.settings())
    spoil(vendor)
    with pytest.raises(ConfigurationError, match=f"^under_test: no token: .*{words}") as raised:
        WebexCredentials(NAME, parsed, Network(ca_file=vendor.ca_file)).headers()
    assert not [told for told in (*vendor.never_told, "t0ken-of-another-app") if told in str(raised.value)]


def test_exactly_one_secret_is_wanted_and_it_is_never_shown(vendor):
    raw = vendor.settings()
    with pytest.raises(ValueError, match="exactly one") as raised:
        SOURCE.settings.model_validate(raw | {"client_secret": vendor.secret})
    assert vendor.secret not in str(raised.value)
    del raw["client_secret_file"]
    with pytest.raises(ValueError, match="exactly one"):
        SOURCE.settings.model_validate(raw)
    assert vendor.secret not in repr(SOURCE.settings.model_validate(raw | {"client_secret": vendor.secret}))


@pytest.mark.parametrize(("days", "is_good"), [(0, True), (59, True), (60, False), (89, False)])
def test_the_doctor_tells_the_age_of_the_refresh_token(vendor, days, is_good):
    vendor.put("r0", NOW - timedelta(hours=2))
    raw = vendor.settings()
    at = NOW - timedelta(days=days, minutes=1)
    write(vendor, msgspec.json.encode({"refresh_token": vendor.refresh_tokens[-1], "renewed_at": at}).decode())
    parsed = SOURCE.settings.model_validate(raw)
    session = SOURCE.open_session(NAME, parsed, Network(ca_file=vendor.ca_file))
    first = next(SOURCE.check(session, parsed, NOW))
    assert (first.what, first.is_good) == ("token", is_good)
    assert f" {days} days" in first.message
    assert "90" in first.message


def test_a_token_whose_renewal_was_never_noted_is_as_old_as_its_file(vendor):
    vendor.settings()
    long_ago = datetime(2026, 7, 1, tzinfo=UTC)
    os.utime(vendor.token_file, (long_ago.timestamp(), long_ago.timestamp()))
    assert RefreshTokenFile(vendor.token_file).renewed_at() == long_ago
