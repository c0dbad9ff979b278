"""Runs the same Dagster assets that the schedules run, from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")

import dagster as dg

from connectors.errors import ConfigurationError
from models import engine
from pipelines.definitions import assets_of
from pipelines.ingestion import FRESH, landing_key, selected_days
from pipelines.runtime import Runtime
from pipelines.settings import Organisation, Settings
from pipelines.transformation import FILES, files_key, model_key

_STOPPED = "DagsterAssetCheckFailedError"
"""How a step ends of which a blocking check has failed; the check has said why."""


@dataclass
class RunResult:
    """What became of one organisation's run."""

    organisation: str
    pulled: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Source to what became of its pull."""
    files: list[str] = field(default_factory=list)
    """One line per file of the inbox that is new or waits; one that is refused is its owner's matter, no failure."""
    failures: list[str] = field(default_factory=list)
    """One line per thing that failed."""
    warnings: list[str] = field(default_factory=list)
    version: str | None = None
    """The published version; None if nothing was published."""
    database: str | None = None


def run(
    settings: Settings,
    organisations: Sequence[Organisation],
    source: str | None,
    first: date | None,
    last: date | None,
    runtime: Runtime,
) -> list[RunResult]:
    """Pull, read the inbox, build and publish each organisation; what fails in one stops no other source.

    Args:
        settings: all settings.
        organisations: those to run.
        source: pull only this source; None for all.
        first: first day wanted; None for what the nightly run would ask for.
        last: last day wanted; None for yesterday.
        runtime: clock and progress.

    Raises:
        ConfigurationError: no organisation has that source, or the days are in the wrong order.
    """
    yesterday = runtime.today - timedelta(days=1)
    last = last or yesterday
    first = first or last
    if first > last:
        raise ConfigurationError(f"--from {first} is after --to {last}: exchange them")
    if last > yesterday:
        raise ConfigurationError(f"--to {last} is not over yet: the last whole day is {yesterday}")
    if source is not None and not any(source in each.settings.sources for each in organisations):
        known = sorted({name for each in organisations for name in each.settings.sources})
        raise ConfigurationError(f"no source {source} in settings; there are: {', '.join(known) or 'none'}")
    is_kept = bool(os.environ.get("DAGSTER_HOME"))
    instance = dg.DagsterInstance.get() if is_kept else dg.DagsterInstance.ephemeral()
    results = []
    with instance:
        for organisation in organisations:
            result = RunResult(organisation.id)
            assets = assets_of(organisation, settings.network, runtime, None if is_kept else (first, last))
            wanted = [name for name in organisation.settings.sources if source in (None, name)]
            if wanted:
                keys = [landing_key(organisation, name) for name in wanted]
                _collect(result, _execute(assets, keys, selected_days(first, last) if is_kept else {}, instance))
            _collect(result, _execute(assets, [files_key(organisation)], {}, instance))
            keys = [model_key(organisation, name) for name in engine.load_models()]
            keys.append(dg.AssetKey([organisation.id, "published"]))
            _collect(result, _execute(assets, keys, {}, instance))
            results.append(result)
    return results


def _execute(
    assets: Sequence[dg.AssetsDefinition],
    keys: Sequence[dg.AssetKey],
    tags: dict[str, str],
    instance: dg.DagsterInstance,
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        assets,
        selection=dg.AssetSelection.assets(*keys),
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=instance,
        tags=tags,
        raise_on_error=False,
    )


def _collect(result: RunResult, done: dg.ExecuteInProcessResult) -> None:
    """Read from a run's events what the person at the keyboard wants to know."""
    for event in done.get_asset_materialization_events():
        materialization = event.step_materialization_data.materialization
        path = materialization.asset_key.path
        values: dict[str, Any] = {key: value.value for key, value in materialization.metadata.items()}
        if path[1:] == FILES:
            result.files = values["files"]
            if values["faults"]:
                result.failures.append(f"inbox: {values['faults']} files met a fault in resfri; they are named above")
        elif len(path) == 3:
            result.pulled[path[-1]] = values
        elif path[-1] == "published":
            result.version, result.database = str(values["version"]), str(values["file"])
    for check in done.get_asset_check_evaluations():
        if not check.passed:
            words = f"{check.asset_key.path[-1]}: check {check.check_name}: " + ", ".join(
                f"{key} {value.value}" for key, value in check.metadata.items()
            )
            # how old a source is says nothing of the run just made, which may have asked for older days
            is_error = check.severity == dg.AssetCheckSeverity.ERROR and check.check_name != FRESH
            (result.failures if is_error else result.warnings).append(words)
    for event in done.get_step_failure_events():
        failure = event.step_failure_data
        if failure.user_failure_data is not None and failure.user_failure_data.description:
            result.failures.append(failure.user_failure_data.description)
        elif failure.error is not None and failure.error.cls_name == _STOPPED:
            result.failures.append("nothing new is published until that check passes; what was published before stays")
        elif failure.error is not None:
            result.failures.append(f"{event.step_key}: {_fault(failure.error)}")


def _fault(error: Any) -> str:
    """What to report of an unexpected error: its kind and place, but not its text, which can hold data."""
    while error.cause is not None:
        error = error.cause
    places = re.findall(r'File "[^"]*?((?:connectors|models|pipelines)/[^"/]+)", line (\d+)', "".join(error.stack))
    where = ":".join(places[-1]) if places else "an unknown place"
    return f"a fault in resfri ({error.cls_name} at {where}): what was landed stays; report it with this line"
