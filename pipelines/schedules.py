"""When things run: pulls every night, figures when the pulls have ended, reports once a month has closed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from pipelines.ingestion import landing_key, selected_days
from pipelines.runtime import LOCAL
from pipelines.settings import Organisation
from pipelines.transformation import model_key

ZONE = "Europe/Stockholm"
NIGHTLY = "30 1 * * *"
REPORT_HOUR = 5

Automation = dg.ScheduleDefinition | dg.SensorDefinition
Job = Any
"""What ``dagster.define_asset_job`` gives; Dagster keeps the name of its type to itself."""


def jobs(organisation: Organisation, models: Sequence[str]) -> dict[str, Job]:
    """The three things that are run for an organisation: pull, build with publication, reports."""
    pulled = dg.AssetSelection.assets(*(landing_key(organisation, name) for name in organisation.settings.sources))
    published = dg.AssetSelection.assets(
        *(model_key(organisation, name) for name in models), dg.AssetKey([organisation.id, "published"])
    )
    reports = dg.AssetSelection.assets(dg.AssetKey([organisation.id, "reports"]))
    tags = {"organisation": organisation.id}
    made = {
        "build": dg.define_asset_job(
            f"build_{organisation.id}", published, tags=tags, executor_def=dg.in_process_executor,
            description="Build every model, check it, and publish closed periods.",
        ),
        "reports": dg.define_asset_job(
            f"report_{organisation.id}", reports, tags=tags, executor_def=dg.in_process_executor,
            description="Write the follow-up reports of the newest closed periods.",
        ),
    }  # fmt: skip
    if organisation.settings.sources:
        made["pull"] = dg.define_asset_job(
            f"pull_{organisation.id}", pulled, tags=tags, executor_def=dg.in_process_executor,
            description="Pull every source; one that fails does not stop the others.",
        )  # fmt: skip
    return made


def automations(organisation: Organisation, made: dict[str, Job]) -> list[Automation]:
    """The schedules and sensors of an organisation; they are on from the start."""
    on_day = organisation.settings.method.closes_on_day + 1
    found: list[Automation] = [
        dg.ScheduleDefinition(
            name=f"monthly_reports_{organisation.id}",
            job=made["reports"],
            cron_schedule=f"0 {REPORT_HOUR} {on_day} * *",
            execution_timezone=ZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="The day after a month closes.",
        )
    ]
    if "pull" not in made:
        nightly = dg.ScheduleDefinition(
            name=f"nightly_{organisation.id}",
            job=made["build"],
            cron_schedule=NIGHTLY,
            execution_timezone=ZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        return [*found, nightly]
    return [*found, _nightly_pull(organisation, made["pull"]), *_build_after_pull(organisation, made)]


def _nightly_pull(organisation: Organisation, pull: Job) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"nightly_{organisation.id}",
        job=pull,
        cron_schedule=NIGHTLY,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Yesterday, and everything since the last complete pull.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        yesterday = context.scheduled_execution_time.astimezone(LOCAL).date() - timedelta(days=1)
        return dg.RunRequest(run_key=yesterday.isoformat(), tags=selected_days(yesterday, yesterday))

    return nightly


def _build_after_pull(organisation: Organisation, made: dict[str, Job]) -> list[dg.SensorDefinition]:
    """Figures are built whether or not every source answered: what is missing shows itself as missing."""

    def sensor(status: dg.DagsterRunStatus, word: str) -> dg.SensorDefinition:
        @dg.run_status_sensor(
            run_status=status,
            name=f"build_after_pull_{word}_{organisation.id}",
            monitored_jobs=[made["pull"]],
            request_job=made["build"],
            default_status=dg.DefaultSensorStatus.RUNNING,
            description=f"Build and publish after a pull that {word}.",
        )
        def after(context: dg.RunStatusSensorContext) -> dg.RunRequest:
            return dg.RunRequest(run_key=context.dagster_run.run_id)

        return after

    return [sensor(dg.DagsterRunStatus.SUCCESS, "succeeded"), sensor(dg.DagsterRunStatus.FAILURE, "failed")]
