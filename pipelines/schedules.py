"""When things run: pulls every night, files when they are handed in, figures after both, reports after a month."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from pipelines.inbox.folders import unread
from pipelines.ingestion import landing_key, selected_days
from pipelines.runtime import LOCAL, Runtime
from pipelines.settings import Organisation
from pipelines.transformation import files_key, model_key

ZONE = "Europe/Stockholm"
NIGHTLY = "30 1 * * *"
REPORT_HOUR = 5
INBOX_SECONDS = 300

Automation = dg.ScheduleDefinition | dg.SensorDefinition
Job = Any
"""What ``dagster.define_asset_job`` gives; Dagster keeps the name of its type to itself."""


def jobs(organisation: Organisation, models: Sequence[str]) -> dict[str, Job]:
    """What is run for an organisation: pull, reading its inbox, build with publication, reports."""
    pulled = dg.AssetSelection.assets(*(landing_key(organisation, name) for name in organisation.settings.sources))
    published = dg.AssetSelection.assets(
        *(model_key(organisation, name) for name in models), dg.AssetKey([organisation.id, "published"])
    )
    reports = dg.AssetSelection.assets(dg.AssetKey([organisation.id, "reports"]))
    tags = {"organisation": organisation.id}
    files = dg.AssetSelection.assets(files_key(organisation))
    made = {
        "files": dg.define_asset_job(
            f"files_{organisation.id}", files, tags=tags, executor_def=dg.in_process_executor,
            description="Read the files in the inbox that are new, and write their receipts.",
        ),
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


def automations(organisation: Organisation, made: dict[str, Job], runtime: Runtime) -> list[Automation]:
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
        ),
        _inbox(organisation, made["files"], runtime),
        *_build_after(organisation, made, "files"),
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
    return [*found, _nightly_pull(organisation, made["pull"]), *_build_after(organisation, made, "pull")]


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


def _inbox(organisation: Organisation, files: Job, runtime: Runtime) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"inbox_{organisation.id}",
        job=files,
        minimum_interval_seconds=INBOX_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Read the inbox when a file in it is new or changed and nobody is writing to it any more.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        waiting = unread(organisation, runtime.clock())
        if not waiting:
            return dg.SkipReason("no new file in the inbox")
        # a run that failed over the same files is tried again the next day
        said = [runtime.today.isoformat(), *(f"{each.key} {each.mark}" for each in waiting)]
        cursor = hashlib.sha256(" ".join(said).encode()).hexdigest()
        if cursor == context.cursor:
            return dg.SkipReason("a run was asked for already")
        return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=cursor)

    return inbox


def _build_after(organisation: Organisation, made: dict[str, Job], what: str) -> list[dg.SensorDefinition]:
    """Figures are built whether or not every source answered: what is missing shows itself as missing."""

    def sensor(status: dg.DagsterRunStatus, word: str) -> dg.SensorDefinition:
        @dg.run_status_sensor(
            run_status=status,
            name=f"build_after_{what}_{word}_{organisation.id}",
            monitored_jobs=[made[what]],
            request_job=made["build"],
            default_status=dg.DefaultSensorStatus.RUNNING,
            description=f"Build and publish after {what} {word}.",
        )
        def after(context: dg.RunStatusSensorContext) -> dg.RunRequest:
            return dg.RunRequest(run_key=context.dagster_run.run_id)

        return after

    return [sensor(dg.DagsterRunStatus.SUCCESS, "succeeded"), sensor(dg.DagsterRunStatus.FAILURE, "failed")]
