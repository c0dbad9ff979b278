"""What Dagster sees of an organisation: assets with descriptions and columns, blocking checks, jobs and schedules."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from models import engine
from pipelines.definitions import definitions
from pipelines.reconciliation import CHECKS
from pipelines.runtime import LOCAL
from pipelines.settings_file import load_settings

EXAMPLE = Path(__file__).parents[1] / "resfri.example.toml"


@pytest.fixture(scope="module")
def repository() -> dg.RepositoryDefinition:
    found = definitions(load_settings(EXAMPLE))
    dg.Definitions.validate_loadable(found)
    return found.get_repository_def()


def test_every_source_model_and_result_is_an_asset_with_a_description(repository: dg.RepositoryDefinition):
    specs = {spec.key.to_user_string(): spec for spec in _specs(repository)}
    wanted = {f"exempelby/landing/{name}" for name in ("teams", "directory", "rooms", "files")}
    wanted |= {f"exempelby/{name}" for name in engine.load_models()} | {"exempelby/published", "exempelby/reports"}
    assert set(specs) == wanted
    assert [key for key, spec in specs.items() if not spec.description] == []
    for name, model in engine.load_models().items():
        schema = specs[f"exempelby/{name}"].metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == [column.name for column in model.columns]
        assert all(column.description for column in schema.columns)


def _specs(repository: dg.RepositoryDefinition) -> list[dg.AssetSpec]:
    return [spec for asset in repository.assets_defs_by_key.values() for spec in asset.specs if spec.key in asset.keys]


def test_what_is_published_waits_for_blocking_checks_of_every_model(repository: dg.RepositoryDefinition):
    graph = repository.asset_graph
    for name, model in engine.load_models().items():
        if model.layer == "out":
            key = dg.AssetKey(["exempelby", name])
            (check,) = [graph.get_check_spec(check) for check in graph.asset_check_keys if check.asset_key == key]
            assert check.blocking
            assert key in graph.get(dg.AssetKey(["exempelby", "published"])).parent_keys


def test_contested_travel_stops_publication_and_other_questions_do_not(repository: dg.RepositoryDefinition):
    graph = repository.asset_graph
    found = {
        (check.asset_key.path[-1], check.name): graph.get_check_spec(check).blocking
        for check in graph.asset_check_keys
        if check.name in CHECKS
    }
    assert found == {
        ("core_authorities", "one_source"): True,
        ("core_reconciliation", "reconciled"): False,
        ("core_silences", "speaks"): False,
        ("core_staff_changes", "steady"): False,
        ("core_trips", "classed"): False,
        ("core_totals", "filling"): False,
        ("core_staff_monthly", "named"): False,
    }


def test_meeting_logs_are_pulled_by_day_in_one_run_and_directories_as_they_are(repository: dg.RepositoryDefinition):
    teams = repository.assets_defs_by_key[dg.AssetKey(["exempelby", "landing", "teams"])]
    assert isinstance(teams.partitions_def, dg.DailyPartitionsDefinition)
    assert teams.backfill_policy == dg.BackfillPolicy.single_run()
    assert repository.assets_defs_by_key[dg.AssetKey(["exempelby", "landing", "directory"])].partitions_def is None


def test_the_night_begins_at_half_past_one_with_yesterday(repository: dg.RepositoryDefinition):
    nightly = repository.get_schedule_def("nightly_exempelby")
    assert (nightly.cron_schedule, nightly.execution_timezone) == ("30 1 * * *", "Europe/Stockholm")
    at = datetime(2026, 10, 26, 1, 30, tzinfo=LOCAL)  # the night after the clock was set back
    (request,) = nightly.evaluate_tick(dg.build_schedule_context(scheduled_execution_time=at)).run_requests or []
    assert request.tags["dagster/asset_partition_range_start"] == "2026-10-25"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-10-25"


def test_reports_are_written_the_day_after_a_month_closes(repository: dg.RepositoryDefinition):
    monthly = repository.get_schedule_def("monthly_reports_exempelby")
    assert (monthly.cron_schedule, monthly.execution_timezone) == ("0 5 16 * *", "Europe/Stockholm")


def test_figures_are_built_after_a_pull_however_it_ended(repository: dg.RepositoryDefinition):
    for word in ("succeeded", "failed"):
        sensor = repository.get_sensor_def(f"build_after_pull_{word}_exempelby")
        assert sensor.job_name == "build_exempelby"
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING


def test_an_organisation_without_sources_builds_from_its_files_every_night(tmp_path: Path):
    path = tmp_path / "resfri.toml"
    path.write_text('[organisations.lab]\nname = "Lab"\n', encoding="utf-8")
    repository = definitions(load_settings(path)).get_repository_def()
    assert repository.get_schedule_def("nightly_lab").job_name == "build_lab"
