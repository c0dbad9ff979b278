"""Runs the receiver of a source whose vendor hands records over instead of being asked."""

from __future__ import annotations

from connectors.cisco_meeting_server.receiver import serve_receiver
from connectors.cisco_meeting_server.settings import CiscoMeetingServerSettings
from connectors.errors import ConfigurationError
from connectors.quarantine import Quarantine
from pipelines.runtime import open_landing
from pipelines.settings import Organisation


def receive(organisation: Organisation, name: str) -> None:
    """Serve until the process is told to stop.

    Raises:
        ConfigurationError: there is no such source, or its settings do not say where and from whom to receive.
    """
    settings = organisation.settings.sources.get(name)
    if not isinstance(settings, CiscoMeetingServerSettings):
        known = [key for key, each in organisation.settings.sources.items() if each.type == "cisco_meeting_server"]
        raise ConfigurationError(
            f"{name} is no source of type cisco_meeting_server; there are: {', '.join(known) or 'none'}"
        )
    if settings.receiver is None or settings.spool_folder is None:
        raise ConfigurationError(
            f"{name}: say in settings where to listen and which bridges may send "
            f"(organisations.{organisation.id}.sources.{name}.receiver)"
        )
    _, pseudonyms = open_landing(organisation)
    quarantine = Quarantine(organisation.quarantine, pseudonyms)
    serve_receiver(name, settings.receiver, pseudonyms, settings.spool_folder, quarantine)
