"""People and rooms as the directory describes them today."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from connectors.microsoft import directory, rooms
from connectors.pseudonyms import Pseudonyms
from connectors.source import Context, Page
from tests.graph_double import CLIENT, TENANT, DirectoryDouble, room, user
from tests.pull_rig import KEY, Rig

SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
KEYS = Pseudonyms(KEY)
CONTEXT = Context(KEYS, date(2026, 11, 2))
ACCOUNT = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": "x"}


def parse(source, *records, **changes):
    settings = source.settings.model_validate({"type": source.type_name, "account": ACCOUNT} | changes)
    batch = source.parse(Page("record", msgspec.json.encode(list(records)), {}), settings, CONTEXT)
    assert batch.pulled == batch.landed + sum(batch.excluded.values()) + len(batch.unparsed)
    return batch


def people(*users, **changes):
    return parse(directory.SOURCE, *users, **changes)


def described(account, **changes):
    return people(account, **changes).frames["people"].row(0, named=True)


def test_a_person_as_the_directory_describes_them():
    assert described(user("1")) == {
        "person_key": KEYS.of("entra_id", "person-1"),
        "observed_on": date(2026, 11, 2),
        "department": "Skola",
        "site": "Kisa",
        "person_group": "employee",
        "is_active": True,
    }
    bare = described({"id": "person-2"})
    assert (bare["department"], bare["site"], bare["is_active"]) == (None, None, None)


@pytest.mark.parametrize(
    ("office", "city", "site"),
    [
        ("Kisa, plan 2", "Horn", "Kisa"),
        ("Storgatan 1", "Kisa", "Kisa"),
        ("anna@exempelby.example", None, None),
        (None, "590 40 Kisa", None),
        (" Kisa ", None, "Kisa"),
        ("K" * 61, None, None),
        ("", "", None),
    ],
)
def test_places_land_at_locality_level_only(office, city, site):
    assert described(user("1", officeLocation=office, city=city))["site"] == site
    if office is None:
        found = parse(rooms.SOURCE, room("1", address={"city": city}, building=None)).frames["rooms"]
        assert found["site"].to_list() == [site]


@pytest.mark.parametrize(
    ("kind", "department", "group"),
    [
        (None, "Skola", "employee"),
        ("Förtroendevald", "Skola", "elected"),
        (None, "Inhyrda", "consultant"),
        ("Förtroendevald", "Inhyrda", "elected"),
    ],
)
def test_groups_come_from_settings(kind, department, group):
    groups = {"Förtroendevald": "elected", "Inhyrda": "consultant"}
    assert described(user("1", employeeType=kind, department=department), person_groups=groups)["person_group"] == group


def test_every_other_name_of_a_person_is_an_alias_of_one_kind():
    account = user(
        "1",
        mail="Anna.Ek@exempelby.example",
        userPrincipalName="anna.lind@exempelby.example",
        proxyAddresses=["SMTP:anna.ek@exempelby.example", "smtp:a.ek@exempelby.example", "SIP:anna.sip@exempelby.example", "X500:/o=x"],
        mobilePhone="070-174 06 05",
        businessPhones=["+46 8 465 004 00", "växel"],
        employeeId="0042",
    )  # fmt: skip
    aliases = people(account).frames["identities"]
    assert set(aliases["person_key"]) == {KEYS.of("entra_id", "person-1")}
    assert dict(aliases.select("alias_key", "alias_kind").rows()) == {
        KEYS.of("mail", "anna.ek@exempelby.example"): "mail",
        KEYS.of("mail", "anna.lind@exempelby.example"): "mail",
        KEYS.of("mail", "a.ek@exempelby.example"): "mail",
        KEYS.of("sip", "anna.sip@exempelby.example"): "sip",
        KEYS.of("phone", "+46701740605"): "phone",
        KEYS.of("phone", "+46846500400"): "phone",
        KEYS.of("employee_no", "42"): "employee_no",
    }


def test_a_telephone_that_two_share_lands_for_both():
    batch = people(user("1", businessPhones=["0846500400"]), user("2", businessPhones=["0846500400"]))
    claims = batch.frames["identities"].filter(alias_kind="phone")
    assert claims["alias_key"].n_unique() == 1
    assert claims["person_key"].n_unique() == 2


@pytest.mark.parametrize(
    ("account", "changes", "rule"),
    [
        (user("1", userType="Guest"), {}, "guest_account"),
        (user("1", userPrincipalName="bo_annanby.se#EXT#@exempelby.onmicrosoft.com"), {}, "guest_account"),
        (user("1", department="Facket"), {"excluded_departments": ["Facket"]}, "excluded_department"),
        (user("1", employeeId=None), {"needs_employee_id": True}, "no_employee_id"),
    ],
)
def test_accounts_that_are_left_out_by_a_named_rule(account, changes, rule):
    batch = people(account, user("2"), **changes)
    assert (batch.excluded, batch.landed) == ({rule: 1}, 1)
    assert batch.frames["identities"]["person_key"].unique().to_list() == [KEYS.of("entra_id", "person-2")]


def test_accounts_without_department_stay_unless_settings_say_otherwise():
    assert people(user("1", department=None, employeeId=None)).landed == 1


def test_an_account_that_is_not_understood():
    rejected = people(user("1"), user("2", department=7)).frames["rejected"].row(0, named=True)
    assert (rejected["reason"], rejected["field"]) == ("unreadable", "department")


def test_names_are_not_even_asked_for(tmp_path):
    with DirectoryDouble(tmp_path / "vendor") as vendor:
        vendor.rows["1"] = user("1")
        Rig("entra_directory", vendor.settings(), vendor.ca_file, tmp_path / "org").pull()
        asked = vendor.requests[0].query
    assert asked["$top"] == "999"
    assert not {"displayName", "givenName", "surname", "jobTitle"} & set(asked["$select"].split(","))


@pytest.mark.parametrize(
    ("changes", "capacity", "has_video", "site"),
    [
        ({}, 8, True, "Kisa"),
        ({"capacity": "12"}, 12, True, "Kisa"),
        ({"capacity": 0}, None, True, "Kisa"),
        ({"capacity": None, "videoDeviceName": None}, None, None, "Kisa"),
        ({"address": None}, 8, True, "Stadshuset"),
        ({"address": None, "building": "Hus 4"}, 8, True, None),
    ],
)
def test_a_room(changes, capacity, has_video, site):
    found = parse(rooms.SOURCE, room("1", **changes)).frames["rooms"].row(0, named=True)
    assert found == {
        "room_key": KEYS.of("room", "RUM1@exempelby.example"),
        "observed_on": date(2026, 11, 2),
        "capacity": capacity,
        "has_video": has_video,
        "site": site,
    }


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [({"capacity": "many"}, "impossible", "capacity"), ({"emailAddress": None}, "unreadable", "emailAddress")],
)
def test_a_room_that_is_not_understood(change, reason, field):
    batch = parse(rooms.SOURCE, room("1", **change), room("2"))
    rejected = batch.frames["rejected"].row(0, named=True)
    assert (batch.landed, rejected["reason"], rejected["field"]) == (1, reason, field)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendor's examples are not here")
@pytest.mark.parametrize(
    ("source", "name"),
    [
        (directory.SOURCE, "graph_users_list.json"),
        (directory.SOURCE, "graph_users_delta.json"),
        (rooms.SOURCE, "graph_places_rooms.json"),
    ],
)
def test_the_vendors_own_examples(source, name):
    records = json.loads((SAMPLES / name).read_text("utf-8"))["value"]
    assert parse(source, *records).landed == len(records)
