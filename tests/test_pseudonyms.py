"""Join addresses: every spelling of one meeting's link is one key, and two meetings never share one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.pseudonyms import Pseudonyms, join_address
from tests.pull_rig import KEY

KEYS = Pseudonyms(KEY)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://exempelby.webex.com/exempelby/j.php?MTID=m0A1b2", "webex:exempelby.webex.com?mtid=m0a1b2"),
        ("https://exempelby.webex.com/exempelby-sv/j.php?RGID=r1&MTID=m0a1b2", "webex:exempelby.webex.com?mtid=m0a1b2"),
        ("https://exempelby.webex.com/meet/123456789", "webex:123456789"),
        ("https://exempelby.webex.com/m/123456789?from=mail", "webex:123456789"),
        ("https://annanby.webex.com/meet/pr123456789/", "webex:123456789"),
        ("sip:123456789@exempelby.webex.com", "webex:123456789"),
        ("https://Exempelby.webex.com/meet/Anna.Ek", "webex:exempelby.webex.com/meet/anna.ek"),
        ("sip:anna.ek@exempelby.webex.com", "sip:anna.ek@exempelby.webex.com"),
        ("https://notwebex.com/meet/123456789", "notwebex.com/meet/123456789"),
        ("https://exempelby.zoom.us/j/81234567890?pwd=x", "zoom:81234567890"),
        ("https://zoom.us/w/81234567890", "zoom:81234567890"),
        (
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Zm9y%40thread.v2/0",
            "teams:19:meeting_zm9y@thread.v2",
        ),
        ("https://moten.exempelby.example/abc?x=1", "moten.exempelby.example/abc"),
        ("https://[", None),
        (" ", None),
        (None, None),
    ],
)
def test_a_join_address(link, address):
    assert join_address(link) == address


def test_two_webex_tickets_of_one_site_are_two_meetings():
    site = "https://exempelby.webex.com/exempelby/j.php?MTID="
    assert KEYS.join_address(f"{site}m1") != KEYS.join_address(f"{site}m2")


def test_a_webex_link_with_the_number_is_the_key_of_the_meeting_in_the_usage_report():
    assert KEYS.join_address("https://exempelby.webex.com/meet/123456789") == KEYS.of("join", "webex:123456789")


@given(st.text() | st.builds("https://{}".format, st.text()))
def test_any_text_is_an_address_or_none(text):
    address = join_address(text)
    assert address is None or address
