"""Dagster assets that publish an organisation's figures and write its reports."""

from pathlib import Path

import dagster as dg

from models import engine
from pipelines.publication import Publication, publish
from pipelines.publication_checks import PublicationRefused
from pipelines.runtime import Runtime, only_one
from pipelines.settings import Organisation
from pipelines.transformation import model_key
from reports.errors import ReportError
from reports.published import open_published


def publish_organisation(organisation: Organisation, runtime: Runtime) -> Publication:
    """Publish what the warehouse holds.

    Raises:
        PublicationRefused: something in it may not be published; what was published before stays.
        RetryLater: another run is publishing.
    """
    with only_one(organisation, "publish"):
        return publish(organisation.warehouse, organisation.published, runtime.today)


def write_reports(organisation: Organisation) -> list[Path]:
    """Write the report of the newest closed period of each kind, in each of the organisation's languages.

    Raises:
        ReportError: nothing is published, or it cannot be read.
    """
    from reports.render import render_report  # charts take a second to import, and only reports have any

    published = open_published(organisation.published, organisation.id)
    newest = {period.kind: period for period in reversed(published.periods())}
    return [
        path
        for period in newest.values()
        for language in organisation.settings.languages
        for path in render_report(organisation.published, organisation.id, period.text, language, organisation.reports)
    ]


def publication_assets(organisation: Organisation, runtime: Runtime) -> list[dg.AssetsDefinition]:
    """The published version and the reports of an organisation."""
    out_models = [model_key(organisation, name) for name, model in engine.load_models().items() if model.layer == "out"]
    published_key = dg.AssetKey([organisation.id, "published"])

    @dg.asset(
        key=published_key,
        group_name=organisation.id,
        deps=out_models,
        description="What others may read: the out_ tables of closed periods, checked and swapped in whole.",
        kinds={"duckdb", "parquet"},
        op_tags={"organisation": organisation.id},
    )
    def published() -> dg.MaterializeResult[None]:
        try:
            done = publish_organisation(organisation, runtime)
        except PublicationRefused as refusal:
            raise dg.Failure(str(refusal), allow_retries=False) from None
        return dg.MaterializeResult(
            metadata={"version": done.version, "is_new": done.is_new, "file": dg.MetadataValue.path(str(done.database))}
        )

    @dg.asset(
        key=dg.AssetKey([organisation.id, "reports"]),
        group_name=organisation.id,
        deps=[published_key],
        description="The follow-up report of the newest closed month, quarter and year.",
        kinds={"html", "excel"},
        op_tags={"organisation": organisation.id},
    )
    def reports() -> dg.MaterializeResult[None]:
        try:
            paths = write_reports(organisation)
        except ReportError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        return dg.MaterializeResult(metadata={"files": [path.name for path in paths]})

    return [published, reports]
