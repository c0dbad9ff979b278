"""Every source of logs and directories there is, by the name that settings call it (``type``)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors import (
    cisco_meeting_server,
    directory,
    room_calendars,
    rooms,
    teams,
    teams_usage,
    webex,
    webex_directory,
    webex_rooms,
    zoom,
    zoom_users,
)
from connectors.source import Source

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
