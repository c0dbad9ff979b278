"""Every source of logs and directories there is, by the name that settings call it (``type``)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.cisco_meeting_server import meetings as cisco_meeting_server
from connectors.microsoft import directory, room_calendars, rooms, teams, teams_usage
from connectors.source import Source
from connectors.webex import directory as webex_directory
from connectors.webex import meetings as webex
from connectors.webex import rooms as webex_rooms
from connectors.zoom import meetings as zoom
from connectors.zoom import users as zoom_users

SOURCES: Mapping[str, Source] = {
    module.SOURCE.type_name: module.SOURCE
    for module in (
        teams,
        teams_usage,
        directory,
        rooms,
        room_calendars,
        webex,
        webex_directory,
        webex_rooms,
        zoom,
        zoom_users,
        cisco_meeting_server,
    )
}
