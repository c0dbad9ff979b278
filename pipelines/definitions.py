"""Everything Dagster sees: the assets, checks, jobs and schedules of every organisation in the settings."""

from __future__ import annotations

import warnings

import dagster as dg

from connectors.transport import Network
from models import engine
from pipelines.inbox.assets import files_asset
from pipelines.ingestion import Days, ingestion_assets
from pipelines.reporting import publication_assets
from pipelines.runtime import Runtime
from pipelines.schedules import automations, jobs
from pipelines.settings import Organisation, Settings
from pipelines.settings_file import load_settings, settings_path
from pipelines.transformation import transformation_assets

warnings.filterwarnings("ignore", category=dg.BetaWarning)


def assets_of(
    organisation: Organisation, network: Network, runtime: Runtime, days: Days | None = None
) -> list[dg.AssetsDefinition]:
    """Every asset of one organisation; ``days`` as in :func:`ingestion_assets`."""
    return [
        *ingestion_assets(organisation, network, runtime, days),
        files_asset(organisation, runtime),
        transformation_assets(organisation, runtime),
        *publication_assets(organisation, runtime),
    ]


def definitions(settings: Settings) -> dg.Definitions:
    """The definitions for some settings: assets, checks, jobs, schedules and sensors of every organisation."""
    runtime = Runtime()
    found: list[dg.Definitions] = []
    for organisation in settings.organisations.values():
        made = jobs(organisation, list(engine.load_models()))
        acts = automations(organisation, made, runtime)
        found.append(
            dg.Definitions(
                assets=assets_of(organisation, settings.network, runtime),
                jobs=list(made.values()),
                schedules=[act for act in acts if isinstance(act, dg.ScheduleDefinition)],
                sensors=[act for act in acts if isinstance(act, dg.SensorDefinition)],
            )
        )
    return dg.Definitions.merge(*found, dg.Definitions(executor=dg.in_process_executor))


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that ``dagster dev`` and ``dg dev`` show; the settings are named by ``RESFRI_SETTINGS``."""
    return definitions(load_settings(settings_path()))
