"""Dagster assets that pull each source of an organisation into its landing zone, a day a partition."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import polars as pl

from connectors.contract import TABLES
from connectors.errors import ConnectorError, RetryLater
from connectors.landing import Landing
from connectors.pull import Outcome, describe, next_window, pull, within_history
from connectors.quarantine import Quarantine
from connectors.registry import SOURCES
from connectors.source import Source, SourceSettings, Window
from connectors.transport import Network
from pipelines.checks import landing_checks, run_checks
from pipelines.runtime import LOCAL, Runtime, only_one, open_landing
from pipelines.settings import Organisation

FIRST_DAY = "2015-01-01"
"""No meeting log is older."""
Days = tuple[date, date]
"""First and last."""
DAYS = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone="Europe/Stockholm")

WARN_DAYS, FAIL_DAYS = 7, 20
"""Days without a complete pull: Graph forgets after 30, so there must be time to mend it."""

CONTRACT, FRESH = "contract", "fresh"


def landing_key(organisation: Organisation, source: str) -> dg.AssetKey:
    """The asset of one source of one organisation."""
    return dg.AssetKey([organisation.id, "landing", source])


def pull_window(
    source: Source, settings: SourceSettings, last_complete: datetime | None, first: date, last: date, now: datetime
) -> Window:
    """What to ask for when the days from ``first`` to ``last`` are wanted.

    Days that are over are asked for as they are. A range that reaches yesterday is the nightly run: it begins where
    the last complete pull ended, so that a server that was off catches up by itself, and ends now.
    """
    start, end = (datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC) for day in (first, last + _DAY))
    asked = Window(start, min(end, now))
    if last >= now.astimezone(LOCAL).date() - _DAY:
        return next_window(source, settings, last_complete, now, asked)
    return within_history(source, settings, asked, now)


def pull_source(
    organisation: Organisation, name: str, network: Network, runtime: Runtime, first: date | None, last: date | None
) -> Outcome:
    """Pull one source; days are None for a source that is read as it is today.

    Raises:
        ConnectorError: see :func:`connectors.pull.pull`.
    """
    settings = organisation.settings.sources[name]
    source = SOURCES[settings.type]
    now = runtime.clock().astimezone(UTC)
    with only_one(organisation, f"pull-{name}"):
        landing, pseudonyms = open_landing(organisation)
        quarantine = Quarantine(organisation.quarantine, pseudonyms)
        quarantine.forget_old(now)
        window = Window(now, now)
        if first is not None and last is not None:
            window = pull_window(source, settings, last_complete_pull(landing, name), first, last, now)
        return pull(
            source, name, settings, network, landing, pseudonyms, quarantine, window, lambda: now,
            lambda records: runtime.progress(organisation.id, name, records),
        )  # fmt: skip


def last_complete_pull(landing: Landing, source: str) -> datetime | None:
    """Until when everything of a source was read."""
    found: datetime | None = landing.pulls(source).filter(pl.col("status") == "complete")["window_to"].max()  # type: ignore[assignment]
    return found


def ingestion_assets(
    organisation: Organisation, network: Network, runtime: Runtime, days: Days | None = None
) -> list[dg.AssetsDefinition]:
    """One asset per source of an organisation.

    Args:
        organisation: whose sources.
        network: how vendors are reached.
        runtime: clock and progress.
        days: the days to pull, for a run that nothing keeps a record of; None for a partition a day. Dagster writes an
            event for every partition, which for the days of a year takes longer than the pull of a small organisation.
    """
    return [_asset(organisation, name, network, runtime, days) for name in organisation.settings.sources]


def _asset(
    organisation: Organisation, name: str, network: Network, runtime: Runtime, days: Days | None
) -> dg.AssetsDefinition:
    settings = organisation.settings.sources[name]
    source = SOURCES[settings.type]
    has_days = source.kind in ("meetings", "bookings", "totals")
    has_partitions = has_days and days is None
    key = landing_key(organisation, name)

    @dg.asset(
        key=key,
        group_name=organisation.id,
        description=f"{organisation.settings.name}: what {name} ({settings.type}) said, as rows of the landing tables.",
        partitions_def=DAYS if has_partitions else None,
        backfill_policy=dg.BackfillPolicy.single_run() if has_partitions else None,
        check_specs=[
            dg.AssetCheckSpec(CONTRACT, asset=key, blocking=True, description="New rows keep the landing contract."),
            dg.AssetCheckSpec(FRESH, asset=key, description="Everything up to a few days ago has been read."),
        ],
        op_tags={"organisation": organisation.id},
    )
    def landed(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        first, last = days if has_days and days else (None, None)
        if has_partitions:
            keys = context.partition_key_range
            first, last = date.fromisoformat(keys.start), date.fromisoformat(keys.end)
        started = runtime.clock().astimezone(UTC)
        try:
            outcome = pull_source(organisation, name, network, runtime, first, last)
        except ConnectorError as error:
            raise dg.Failure(str(error), allow_retries=isinstance(error, RetryLater)) from None
        landing, _ = open_landing(organisation)
        yield dg.MaterializeResult(
            metadata=dict(describe(outcome)),
            check_results=[_contract(landing, name, started), freshness(landing, name, runtime.clock())],
        )

    return landed


def _contract(landing: Landing, name: str, since: datetime) -> dg.AssetCheckResult:
    """Great Expectations over the rows that this run has written, by the landing contract."""
    found: list[str] = []
    rows = 0
    for table in TABLES.values():
        fresh = landing.read(table.name, name).filter(pl.col("seen_at") >= since)
        if fresh.height:
            rows += fresh.height
            found += [
                f"{table.name}: {result.name}"
                for result in run_checks(landing_checks(table), fresh)
                if not result.passed
            ]
    return dg.AssetCheckResult(
        passed=not found, check_name=CONTRACT, metadata={"rows": rows, "failed": ", ".join(found) or "none"}
    )


def freshness(landing: Landing, name: str, now: datetime) -> dg.AssetCheckResult:
    """How long ago everything was read: a warning after a week, a failure while the vendor still remembers."""
    last = last_complete_pull(landing, name)
    days = None if last is None else (now - last) / timedelta(days=1)
    return dg.AssetCheckResult(
        passed=days is not None and days < WARN_DAYS,
        check_name=FRESH,
        severity=dg.AssetCheckSeverity.WARN if days is not None and days < FAIL_DAYS else dg.AssetCheckSeverity.ERROR,
        metadata={"days since the last complete pull": "none yet" if days is None else round(days, 2)},
    )


_DAY = timedelta(days=1)


def selected_days(first: date, last: date) -> dict[str, str]:
    """The tags of a run over a range of partitions."""
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
