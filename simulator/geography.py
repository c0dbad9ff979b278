"""Where the municipality has its sites and where its journeys go: real localities, rounded to about a kilometre.

Positions are of the locality, from general geographic knowledge; the simulator needs no better.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0
DETOUR = {"flight": 1.0, "rail": 1.2}
DETOUR_BY_ROAD = 1.3


@dataclass(frozen=True)
class Place:
    """A locality."""

    name: str
    latitude: float
    longitude: float
    pull: float = 1.0
    """How often journeys go there, relative to the others."""
    is_abroad: bool = False


SITES = (
    Place("Kisa", 57.99, 15.63, 3.0),
    Place("Rimforsa", 58.14, 15.68, 1.5),
    Place("Horn", 57.90, 15.85),
    Place("Österbymo", 57.83, 15.28),
    Place("Tranås", 58.04, 14.98, 1.5),
    Place("Gullringen", 57.80, 15.71, 0.6),
)
"""The first is the main site."""

DESTINATIONS = (
    Place("Linköping", 58.41, 15.62, 9.0),
    Place("Norrköping", 58.59, 16.18, 5.0),
    Place("Stockholm", 59.33, 18.07, 11.0),
    Place("Göteborg", 57.71, 11.97, 5.0),
    Place("Malmö", 55.61, 13.00, 3.0),
    Place("Jönköping", 57.78, 14.16, 4.0),
    Place("Växjö", 56.88, 14.81, 1.5),
    Place("Kalmar", 56.66, 16.36, 1.2),
    Place("Örebro", 59.27, 15.21, 2.0),
    Place("Västerås", 59.61, 16.55, 1.2),
    Place("Uppsala", 59.86, 17.64, 1.5),
    Place("Nyköping", 58.75, 17.01, 1.2),
    Place("Karlstad", 59.38, 13.50, 0.9),
    Place("Halmstad", 56.67, 12.86, 0.6),
    Place("Karlskrona", 56.16, 15.59, 0.6),
    Place("Falun", 60.61, 15.63, 0.5),
    Place("Gävle", 60.67, 17.14, 0.5),
    Place("Sundsvall", 62.39, 17.31, 0.8),
    Place("Östersund", 63.18, 14.64, 0.5),
    Place("Umeå", 63.83, 20.26, 0.9),
    Place("Luleå", 65.58, 22.15, 0.6),
    Place("Visby", 57.63, 18.29, 0.7),
    Place("Motala", 58.54, 15.04, 2.5),
    Place("Mjölby", 58.33, 15.13, 2.0),
    Place("Vimmerby", 57.67, 15.86, 2.5),
    Place("Eksjö", 57.67, 14.97, 1.8),
    Place("Köpenhamn", 55.68, 12.57, 0.9, is_abroad=True),
    Place("Bryssel", 50.85, 4.35, 0.8, is_abroad=True),
    Place("Berlin", 52.52, 13.41, 0.4, is_abroad=True),
    Place("Wien", 48.21, 16.37, 0.3, is_abroad=True),
    Place("Barcelona", 41.39, 2.17, 0.3, is_abroad=True),
    Place("Helsingfors", 60.17, 24.94, 0.4, is_abroad=True),
)


def distance_km(origin: Place, destination: Place, mode: str) -> int:
    """Whole kilometres one way: the great circle for flights, with a detour for rail and road; at least 1."""
    north = radians(destination.latitude - origin.latitude)
    east = radians(destination.longitude - origin.longitude)
    chord = (
        sin(north / 2) ** 2 + cos(radians(origin.latitude)) * cos(radians(destination.latitude)) * sin(east / 2) ** 2
    )
    return max(1, round(2 * EARTH_RADIUS_KM * asin(sqrt(chord)) * DETOUR.get(mode, DETOUR_BY_ROAD)))
