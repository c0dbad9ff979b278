"""The simulated municipality: the same from the same seed, with exactly the effect it claims, truthfully counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.bookings import Booking
from simulator.calendar import MINUTE, Period, local_date
from simulator.calls import (
    AUDIO,
    GROUP,
    PEER,
    ROOM_SYSTEM,
    SERVICE,
    SHARE,
    VIDEO,
    WINDOWS,
    Block,
    assemble,
    assemble_cast,
)
from simulator.geography import DESTINATIONS, SITES, distance_km
from simulator.journeys import DISPERSION, draw_counts, expect, full_time_equivalents
from simulator.municipality import simulate
from simulator.people import acquaint, employ, furnish
from simulator.truth import MonthTruth, find_truth
from tests.simulator_client import exempelby

NINE = 9 * 60 * MINUTE + 20_000 * 86_400_000_000


def calls_as_text(**arguments: int) -> tuple[object, ...]:
    found = simulate(people=60, months=2, **arguments)
    columns = [getattr(found.calls, name).tolist() for name in ("start", "end", "who", "media", "version", "modified")]
    return found.calls.ids, columns, found.people, found.journeys, found.truth.to_json()


def test_the_same_seed_gives_the_same_municipality_and_another_seed_another():
    assert calls_as_text(seed=3) == calls_as_text(seed=3)
    assert calls_as_text(seed=3)[0] != calls_as_text(seed=4)[0]


@pytest.mark.parametrize(("people", "months", "effect"), [(23, 2, 0.3), (60, 0, 0.3), (60, 2, 1.0), (60, 2, -0.1)])
def test_impossible_municipalities_are_refused(people, months, effect):
    with pytest.raises(ValueError):
        simulate(people=people, months=months, effect=effect)


@settings(max_examples=15, deadline=None)
@given(effect=st.floats(0, 0.95), seed=st.integers(0, 1000), people=st.integers(30, 300))
def test_expected_meeting_trips_per_fte_fall_by_exactly_the_effect(effect, seed, people):
    period = Period.until(date(2026, 10, 1), 24)
    fte = full_time_equivalents(employ(np.random.default_rng(seed), people, period), period)
    expected = expect(fte, period, effect)
    meeting = expected.meeting.sum(axis=0) / fte.sum(axis=0)
    service = expected.service.sum(axis=0) / fte.sum(axis=0)
    assert meeting[12:] == pytest.approx((1 - effect) * meeting[:12], rel=1e-9)
    assert service[12:] == pytest.approx(service[:12], rel=1e-9)


def test_drawn_trips_have_the_expected_mean_and_the_stated_dispersion():
    drawn = draw_counts(np.random.default_rng(1), np.full(40_000, 6.0))
    assert drawn.mean() == pytest.approx(6.0, rel=0.02)
    assert drawn.var() / drawn.mean() == pytest.approx(DISPERSION, rel=0.05)


def test_every_call_has_sessions_and_lasts_from_the_first_to_the_last():
    calls = exempelby().calls
    assert len(set(calls.ids)) == len(calls)
    assert len(set(calls.session_ids)) == calls.sessions == calls.first[-1]
    for call in range(len(calls)):
        rows = calls.sessions_of(call)
        assert len(rows) > 0
        assert calls.start[call] == calls.session_start[list(rows)].min()
        assert calls.end[call] == calls.session_end[list(rows)].max()
    assert (calls.session_end >= calls.session_start).all()
    assert (np.diff(calls.start) >= 0).all()
    assert (calls.modified > calls.end).all()


def test_the_municipality_has_every_odd_call():
    town, calls = exempelby(), exempelby().calls
    who = [town.cast.identities[number].kind if number != SERVICE else "service" for number in calls.who]
    assert {"user", "outside", "room", "guest", "phone", "service"} == set(who)
    assert calls.is_test.any()
    assert max(len(calls.sessions_of(call)) for call in range(len(calls))) > 130
    starts = {local_date(int(start)) != local_date(int(end)) for start, end in zip(calls.start, calls.end, strict=True)}
    assert starts == {True, False}
    assert any(day == date(2026, 10, 25) for day in map(local_date, calls.start.tolist())), "the clock changes that day"


@pytest.mark.parametrize("months", [1, 2, 3, 24])
def test_everyone_is_at_work_at_some_time_in_the_period(months):
    period = Period.until(date(2026, 10, 1), months)
    for person in employ(np.random.default_rng(months), 1500, period):
        assert 0 <= person.first_month < person.after_month <= months


def test_people_reach_only_each_others_reserved_numbers_and_domains():
    for person in exempelby().people:
        assert person.upn.endswith(".example")
        assert person.mobile.startswith("+46740")
        assert person.ip_address.startswith("10.")
    assert len(exempelby().personal_strings()) > 6 * len(exempelby().people)


def test_distances_grow_with_the_detour():
    home, stockholm = SITES[0], next(place for place in DESTINATIONS if place.name == "Stockholm")
    air, rail, road = (distance_km(home, stockholm, mode) for mode in ("flight", "rail", "road"))
    assert 190 < air < 220
    assert (rail, road) == (pytest.approx(air * 1.2, abs=1), pytest.approx(air * 1.3, abs=1))
    assert distance_km(home, home, "road") == 1


def test_truth_adds_up():
    town = exempelby()
    for index, month in enumerate(town.truth.months):
        journeys = [journey for journey in town.journeys if f"{journey.departs:%Y-%m}" == month.month]
        assert month.digital_meetings == month.digital_phone + month.digital_web + month.digital_video
        assert month.spanning_organised_internally <= month.organised_internally <= month.digital_meetings
        assert month.distinct_people <= month.attended
        assert month.trips == len(journeys) == sum(month.trips_by_mode.values())
        assert round(100 * month.cost_sek) == sum(journey.cost_ore for journey in journeys)
        assert month.meeting_trips == sum(journey.purpose != "Tillsyn" for journey in journeys)
        assert month.fte == pytest.approx(town.fte[:, index].sum(), abs=0.005)
        assert min(month.digital_phone, month.digital_web, month.digital_video, month.peer_to_peer_calls) > 0
    peers = sum(month.peer_to_peer_calls for month in town.truth.months)
    tests = sum(bool(town.calls.is_test[row]) for row in town.calls.first[:-1][town.calls.kind == PEER])
    assert peers == int((town.calls.kind == PEER).sum()) - tests


def counted(
    *sessions: tuple[str, int, int, int], is_test: bool = False, bookings: Sequence[Booking] = ()
) -> MonthTruth:
    """Truth of one call: who (person, other site, outside, room, phone of the person), minutes from and to, media."""
    rng, period = np.random.default_rng(5), Period.until(date(2024, 10, 1), 1)
    people, rooms, outside = employ(rng, 60, period), furnish(rng), acquaint(rng)
    cast = assemble_cast(rng, "tenant", people, rooms, outside)
    away = [row for row, who in enumerate(people) if who.site != people[0].site]
    near = [row for row, who in enumerate(people) if who.site == people[0].site]
    names = {
        "a": near[0], "b": near[1], "c": near[2], "far": away[0], "room": cast.first_room,
        "outside": cast.first_outside, "guest": cast.first_guest, "service": SERVICE,
        "a's phone": cast.first_phone + near[0], "b's phone": cast.first_phone + near[1],
        "stranger's phone": cast.first_other_phone,
    }  # fmt: skip
    who, start, end, media = (
        np.array(column) for column in zip(*((names[s[0]], *s[1:]) for s in sessions), strict=True)
    )
    count = len(sessions)
    block = Block(
        kind=np.array([GROUP]), organiser=np.array([near[0]]), thread=np.array([1]), call=np.zeros(count, dtype=np.int64),
        who=who, other=np.full(count, SERVICE), start=NINE + start * MINUTE, end=NINE + end * MINUTE,
        platform=np.where(who == cast.first_room, ROOM_SYSTEM, WINDOWS), media=media,
        is_test=np.full(count, is_test), failure=np.zeros(count, dtype=np.int64), is_outbound=np.zeros(count, dtype=bool),
    )  # fmt: skip
    fte = full_time_equivalents(people, period)
    return find_truth(assemble(rng, block), cast, people, [], fte, period, 0.3, {}, bookings).months[0]


SEEN = AUDIO | VIDEO


@pytest.mark.parametrize(
    ("sessions", "modality", "attended", "spanning"),
    [
        ([("a", 0, 30, SEEN), ("b", 0, 30, SEEN)], "web", 2, 0),
        ([("a", 0, 30, AUDIO), ("b", 0, 30, AUDIO)], "web", 2, 0),
        ([("a", 0, 30, SEEN)], None, 0, 0),
        ([("a", 0, 10, SEEN), ("a", 12, 30, SEEN)], None, 0, 0),
        ([("a", 0, 30, SEEN), ("service", 0, 30, AUDIO)], None, 0, 0),
        ([("a", 0, 30, SEEN), ("room", 0, 30, SEEN)], "video", 1, 0),
        ([("a", 0, 30, SEEN), ("far", 0, 30, SEEN)], "web", 2, 1),
        ([("a", 0, 30, SEEN), ("outside", 0, 30, SEEN)], "web", 1, 1),
        ([("a", 0, 30, SEEN), ("guest", 0, 30, SEEN)], "web", 1, 0),
        ([("a's phone", 0, 30, AUDIO), ("b's phone", 0, 30, AUDIO)], None, 0, 0),
        ([("a's phone", 0, 30, AUDIO), ("b", 0, 30, AUDIO), ("stranger's phone", 0, 30, AUDIO)], "phone", 2, 0),
        ([("a's phone", 0, 30, AUDIO), ("a", 0, 30, AUDIO), ("b's phone", 0, 30, AUDIO)], None, 0, 0),
        ([("a's phone", 0, 30, AUDIO), ("b", 0, 30, AUDIO | SHARE)], "web", 2, 0),
    ],
)
def test_what_truth_counts_as_a_digital_meeting(sessions, modality, attended, spanning):
    month = counted(*sessions)
    modalities = {name: getattr(month, f"digital_{name}") for name in ("phone", "web", "video")}
    assert modalities == {name: int(name == modality) for name in modalities}
    assert month.digital_meetings == month.organised_internally == (modality is not None)
    assert (month.attended, month.distinct_people) == (attended, attended)
    assert month.spanning_organised_internally == spanning


def test_tests_are_no_meetings_and_overlapping_connections_count_once():
    assert counted(("a", 0, 30, SEEN), ("b", 0, 30, SEEN), is_test=True).digital_meetings == 0
    month = counted(("a", 0, 20, SEEN), ("a", 10, 30, SEEN), ("a's phone", 25, 40, AUDIO), ("b", 5, 15, SEEN))
    assert month.person_minutes == pytest.approx(40 + 10)
