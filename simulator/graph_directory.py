"""Users, rooms and the telephone log as Graph JSON."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from simulator.calls import PEER, SERVICE, Identity
from simulator.geography import SITES
from simulator.graph_payloads import Json, instant_text
from simulator.municipality import Municipality
from simulator.people import Person, Room
from simulator.record_versions import View

DEFAULT_PROPERTIES = (
    "businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname "
    "userPrincipalName id"
).split()
"""What a user has without ``$select``."""
OTHER_PROPERTIES = "department city employeeId employeeType accountEnabled userType proxyAddresses".split()

_SWITCHBOARD = "+46 8 465 004 00"
"""Reserved for fiction by the telephone authority."""
_BRIDGE = "+4684650040"
_HOMES = {site.name: site for site in SITES}


def users(municipality: Municipality, now: datetime) -> list[Json]:
    """The accounts there are at a moment: everyone who has ever begun, and the rooms' mailboxes."""
    return [
        *(_user(person, is_enabled=is_there) for person, is_there in municipality.accounts(now)),
        *(_room_account(room) for room in municipality.rooms),
    ]


def _user(person: Person, *, is_enabled: bool) -> Json:
    addresses = [f"SMTP:{person.mail}", *([f"smtp:{person.upn}"] if person.upn != person.mail else [])]
    return {
        "id": person.entra_id,
        "displayName": person.display_name,
        "givenName": person.given_name,
        "surname": person.surname,
        "userPrincipalName": person.upn,
        "mail": person.mail,
        "proxyAddresses": addresses,
        "mobilePhone": person.mobile_as_written,
        "businessPhones": [_SWITCHBOARD] if person.group == "employee" else [],
        "department": person.department,
        "officeLocation": person.site,
        "city": person.site,
        "employeeId": person.employee_no,
        "employeeType": "Förtroendevald" if person.group == "elected" else "Anställd",
        "accountEnabled": is_enabled,
        "userType": "Member",
        "jobTitle": None,
        "preferredLanguage": "sv-SE",
    }


def _room_account(room: Room) -> Json:
    empty: Json = dict.fromkeys((*DEFAULT_PROPERTIES, *OTHER_PROPERTIES))
    return empty | {
        "id": room.entra_id,
        "displayName": room.name,
        "userPrincipalName": room.mail,
        "mail": room.mail,
        "proxyAddresses": [f"SMTP:{room.mail}"],
        "businessPhones": [],
        "accountEnabled": False,
        "userType": "Member",
    }


def room_place(room: Room) -> Json:
    """A room as a place."""
    site = _HOMES[room.site]
    return {
        "@odata.type": "#microsoft.graph.room",
        "id": room.entra_id,
        "emailAddress": room.mail,
        "displayName": room.name,
        "nickname": room.name,
        "address": {"street": None, "city": room.site, "state": None, "postalCode": None, "countryOrRegion": "SE"},
        "geoCoordinates": {"latitude": site.latitude, "longitude": site.longitude},
        "phone": None,
        "label": None,
        "capacity": room.capacity,
        "building": room.site,
        "floorNumber": None,
        "floorLabel": None,
        "isWheelChairAccessible": True,
        "bookingType": "standard",
        "tags": [],
        "audioDeviceName": None,
        "videoDeviceName": "Teams Rooms" if room.has_video else None,
        "displayDeviceName": None,
    }


def telephone_rows(municipality: Municipality, view: View, first: date, last: date) -> list[Json]:
    """The telephone log of whole UTC days, both ends included: one row per session with a telephone."""
    since, until = ((day - date(1970, 1, 1)) // timedelta(microseconds=1) for day in (first, last + timedelta(days=1)))
    calls, identities = municipality.calls, municipality.cast.identities
    first_phone = municipality.cast.first_phone
    rows = []
    for call in view.listed(since, until):
        account = identities[calls.organiser[call]]
        for session in view.content(call).sessions:
            ends = [int(calls.who[session.row]), int(calls.other[session.row])]
            if max(ends) >= first_phone:
                phone = identities[max(ends)]
                is_peer, is_outward = calls.kind[call] == PEER, bool(calls.is_outbound[session.row])
                if is_peer:
                    is_outward = ends[1] >= first_phone
                    account = identities[min(ends)] if min(ends) != SERVICE else account
                times = session.start, session.end
                rows.append(_row(calls.session_ids[session.row], account, phone, times, is_peer, is_outward))
    return rows


def _row(
    session: str, account: Identity, phone: Identity, times: tuple[int, int], is_peer: bool, is_outward: bool
) -> Json:
    sides = (phone.id, _BRIDGE) if is_outward else (_BRIDGE, phone.id)
    kind, way = "user" if is_peer else "conf", "out" if is_outward else "in"
    return {
        "id": session,
        "callId": session[::-1],
        "userId": account.id,
        "userPrincipalName": account.upn,
        "userDisplayName": account.display_name,
        "startDateTime": instant_text(times[0]),
        "endDateTime": instant_text(times[1]),
        "duration": (times[1] - times[0]) // 1_000_000,
        "charge": 0.0,
        "callType": f"{kind}_{way}",
        "currency": "SEK",
        "calleeNumber": sides[0],
        "callerNumber": sides[1],
        "usageCountryCode": "SE",
        "tenantCountryCode": "SE",
        "connectionCharge": 0.0,
        "destinationContext": None,
        "destinationName": "Sweden",
        "conferenceId": None if is_peer else "404004",
        "licenseCapability": "MCOMEETADV" if not is_peer else "MCOPSTN1",
        "inventoryType": "Service" if not is_peer else "Subscriber",
        "operator": "Microsoft",
        "callDurationSource": "microsoft",
    }
