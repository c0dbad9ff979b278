"""Looks after every source: may we in, what may we read, how old is the newest record, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.errors import ConnectorError
from connectors.pull import requests_today
from connectors.registry import SOURCES
from connectors.source import Finding
from pipelines.ingestion import FAIL_DAYS, WARN_DAYS, last_complete_pull
from pipelines.runtime import Runtime, open_landing
from pipelines.settings import Organisation, Settings


def examine(settings: Settings, runtime: Runtime) -> Iterator[tuple[str, str, Finding]]:
    """Every finding as (organisation, source, finding); a source that cannot be asked is a finding, not an error."""
    for organisation in settings.organisations.values():
        key = _key(organisation)
        yield organisation.id, "key", key
        for name, source_settings in organisation.settings.sources.items():
            source = SOURCES[source_settings.type]
            try:
                session = source.open_session(name, source_settings, settings.network)
                if key.is_good:
                    landing, _ = open_landing(organisation)
                    session.meter.earlier_today = requests_today(landing, name, runtime.clock())
                for finding in source.check(session, source_settings, runtime.clock()):
                    yield organisation.id, name, finding
            except ConnectorError as error:
                yield organisation.id, name, Finding("connection", is_good=False, message=str(error))
            if key.is_good:
                yield organisation.id, name, _last_pull(organisation, name, runtime)


def _key(organisation: Organisation) -> Finding:
    try:
        open_landing(organisation)
    except ConnectorError as error:
        return Finding("pseudonyms", is_good=False, message=str(error))
    return Finding("pseudonyms", is_good=True, message=f"{organisation.key_file.name} fits the landing zone")


def _last_pull(organisation: Organisation, name: str, runtime: Runtime) -> Finding:
    landing, _ = open_landing(organisation)
    last = last_complete_pull(landing, name)
    if last is None:
        return Finding("last complete pull", is_good=False, message="none yet: start one with resfri run")
    days = (runtime.clock() - last).total_seconds() / 86_400
    message = f"until {last:%Y-%m-%d %H:%M} UTC, {days:.1f} days ago"
    if days >= WARN_DAYS:
        message += f": run it again before {FAIL_DAYS} days have gone, or records are lost at the vendor"
    return Finding("last complete pull", is_good=days < WARN_DAYS, message=message)
