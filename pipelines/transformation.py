"""Dagster assets of the models: all of an organisation in one step, checked before anything reads them."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from connectors.contract import TABLES
from connectors.errors import ConfigurationError, ConnectorError
from connectors.landing import Landing, files_in_force
from connectors.registry import SOURCES
from models import engine
from models.choices import ExpectedSource
from models.inputs import input_tables
from pipelines.checks import CheckResult, model_checks, run_checks, warehouse_checks
from pipelines.factor_files import factors_of
from pipelines.ingestion import landing_key
from pipelines.other_figures import other_figures
from pipelines.reconciliation import BLOCKING, CHECKS, LIKELY_RIGHT, Verdict, verdict
from pipelines.runtime import Runtime, only_one, open_landing
from pipelines.settings import Organisation

DECLARED = "declared"
FILES = ["landing", "files"]
"""What the asset of handed-in files is called below its organisation."""


def model_key(organisation: Organisation, model: str) -> dg.AssetKey:
    """The asset of one model of one organisation."""
    return dg.AssetKey([organisation.id, model])


def files_key(organisation: Organisation) -> dg.AssetKey:
    """The asset of what people hand in as files."""
    return dg.AssetKey([organisation.id, *FILES])


def expected_sources(organisation: Organisation, landing: Landing) -> list[ExpectedSource]:
    """Which sources the figures need: those in settings, and every profile that a file was ever imported with."""
    kinds: dict[str, str] = {
        name: kind
        for name, settings in organisation.settings.sources.items()
        if (kind := SOURCES[settings.type].kind) in ("meetings", "directory", "bookings")
    }
    imported = files_in_force(landing.files()).filter(pl.col("kind").is_in(["travel", "staff", "meetings"]))
    kinds |= dict(imported.select("source", "kind").unique().iter_rows())
    kinds |= {name: said.kind for name, said in organisation.settings.expected.items() if said.kind}
    expected = organisation.settings.expected
    return [
        ExpectedSource.model_validate(
            {"source": name, "kind": kind} | (expected[name].model_dump(exclude={"kind"}) if name in expected else {})
        )
        for name, kind in sorted(kinds.items())
    ]


def build_warehouse(
    organisation: Organisation, runtime: Runtime, only: frozenset[str] | None = None
) -> tuple[dict[str, int], list[CheckResult], dict[str, Verdict]]:
    """Build an organisation's warehouse, or some of its models anew, and check it.

    Returns:
        Rows per model; the result of every check that its ``.yml`` declares; what somebody has to look at, by check.

    Raises:
        ConnectorError: the landing zone cannot be opened, another run is building, or Spark is wanted and missing.
    """
    with only_one(organisation, "build"):
        landing, _ = open_landing(organisation)
        settings = organisation.settings
        inputs = input_tables(
            organisation.id,
            settings.name,
            settings.method,
            expected_sources(organisation, landing),
            runtime.today,
            settings.authoritative.listed(),
            factors_of(settings.factor_files, settings.method.factor_set),
            settings.trip_class.listed(),
            settings.targets,
            settings.actions,
            other_figures(settings.compared_with, organisation.id),
        )
        columns = {name: table.schema for name, table in TABLES.items()}
        rows = _run_models(organisation, inputs, columns, only)
        organisation.warehouse.chmod(0o600)
        chosen = [model for name, model in engine.load_models().items() if name in rows]
        with duckdb.connect(str(organisation.warehouse), read_only=True) as connection:
            results = warehouse_checks(connection, [model for model in chosen if model.layer == "core"])
            for model in chosen:
                if model.layer == "out":
                    results += run_checks(model_checks(model), connection.sql(f"FROM {model.name}").pl())
            found = {check: verdict(connection, check) for check, (model, _) in CHECKS.items() if model in rows}
    return rows, results, found


def _run_models(
    organisation: Organisation,
    inputs: Mapping[str, pl.DataFrame],
    columns: Mapping[str, Mapping[str, Any]],
    only: frozenset[str] | None,
) -> dict[str, int]:
    settings = organisation.settings
    if settings.engine == "duckdb":
        return engine.build(organisation.landing, organisation.warehouse, inputs, columns, only)
    from models import spark  # most never need it, and every command would wait for it

    try:
        return spark.build(
            organisation.landing,
            organisation.warehouse,
            inputs,
            columns,
            only,
            master=settings.spark_master,
            working_folder=settings.spark_folder and settings.spark_folder / organisation.id,
        )
    except spark.SparkMissingError as error:
        raise ConfigurationError(
            f'organisations.{organisation.id}.engine = "spark", but {error}: install it as docs/spark.md says, or take '
            'engine = "duckdb", which gives the same figures'
        ) from None


def transformation_assets(organisation: Organisation, runtime: Runtime) -> dg.AssetsDefinition:
    """Every model of an organisation: one step, any subset of it."""
    models = engine.load_models()
    sources = [landing_key(organisation, name) for name in organisation.settings.sources]
    keys = {name: model_key(organisation, name) for name in models}

    @dg.multi_asset(
        name=f"{organisation.id}__models",
        specs=[
            dg.AssetSpec(
                keys[name],
                group_name=organisation.id,
                description=model.description,
                deps=_upstream(model, keys, [*sources, files_key(organisation)]),
                metadata={"dagster/column_schema": column_schema(model)},
                kinds={organisation.settings.engine, "sql"},
            )
            for name, model in models.items()
        ],
        check_specs=[
            dg.AssetCheckSpec(DECLARED, asset=keys[name], blocking=True, description="Grain and rows are as declared.")
            for name, model in models.items()
            if model_checks(model)
        ]
        + [
            dg.AssetCheckSpec(check, asset=keys[model], blocking=check in BLOCKING, description=description)
            for check, (model, description) in CHECKS.items()
        ],
        can_subset=True,
        op_tags={"organisation": organisation.id},
    )
    def built(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        selected = frozenset(key.path[-1] for key in context.selected_asset_keys)
        only = None if selected == models.keys() else selected
        try:
            rows, results, found = build_warehouse(organisation, runtime, only)
        except ConnectorError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        for name, count in rows.items():
            yield dg.MaterializeResult(asset_key=keys[name], metadata={"dagster/row_count": count})
        for check in context.selected_asset_check_keys:
            if check.name in found:
                lines = found[check.name]
                yield dg.AssetCheckResult(
                    asset_key=check.asset_key,
                    check_name=check.name,
                    passed=not lines.lines,
                    severity=_severity(check.name),
                    metadata={"found": lines.words or "nothing"},
                )
                continue
            mine = [result for result in results if result.check.table == check.asset_key.path[-1]]
            failed = [result.message for result in mine if not result.passed]
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=not failed,
                metadata={"checks": len(mine), "failed": "; ".join(failed) or "none"},
            )

    return built


def _severity(check: str) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.WARN if check in LIKELY_RIGHT else dg.AssetCheckSeverity.ERROR


def column_schema(model: engine.Model) -> dg.TableSchema:
    """A model's columns as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column.name, column.type, column.description + (f" [{column.unit}]" if column.unit else ""))
            for column in model.columns
        ]
    )


def _upstream(model: engine.Model, keys: dict[str, dg.AssetKey], landed: list[dg.AssetKey]) -> list[dg.AssetKey]:
    """The models it reads, and everything landed if it reads landing tables."""
    found = [keys[name] for name in sorted(model.depends_on) if name in keys]
    return found + (landed if any(name.startswith("landing_") for name in model.depends_on) else [])
