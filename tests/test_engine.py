"""What every model must be: portable, declared, described, and read in the right order."""

from __future__ import annotations

import re

import duckdb
import polars as pl
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from connectors.contract import TABLES
from models import engine
from models.documentation import EVERY_FIGURE, method_page
from models.method import MethodSettings
from tests.model_cases import ask, build

MODELS = engine.load_models()
OUTSIDE = {f"landing_{name}" for name in TABLES} | set(engine.reference_tables())
SETTINGS = {
    "settings_method",
    "settings_sources",
    "settings_authorities",
    "settings_trip_classes",
    "settings_targets",
    "settings_actions",
    "settings_others",
    "settings_printed",
}

# what the two engines understand differently, or not at all
NOT_PORTABLE = (
    exp.Lambda, exp.ArrayAgg, exp.AnyValue, exp.PercentileCont, exp.Qualify, exp.Pivot, exp.Unnest, exp.GenerateSeries,
)  # fmt: skip


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_is_one_portable_select(model):
    statements = sqlglot.parse(model.sql, read="duckdb")
    assert len(statements) == 1
    tree = statements[0]
    assert isinstance(tree, exp.Query)
    assert not list(tree.find_all(*NOT_PORTABLE))
    assert not any(with_.recursive for with_ in tree.find_all(exp.With))
    assert not re.search(r"\b(asof|epoch|group by all|order by all)\b", model.sql, re.IGNORECASE)
    for division in tree.find_all(exp.Div):
        divisor = division.expression
        divisor = divisor.this if isinstance(divisor, exp.Paren) else divisor
        safe = isinstance(divisor, exp.Literal | exp.Nullif) or divisor.sql() in GUARDED.get(model.name, ())
        assert safe, f"a division without nullif: {division.sql()}"
    for zone in tree.find_all(exp.AtTimeZone):
        assert zone.args["zone"].sql() == "'Europe/Stockholm'"
    sqlglot.transpile(model.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


TEMPORAL = (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ)


@pytest.fixture(scope="module")
def typed_models():
    """Every model's parsed SQL with the type of each expression in it."""
    con = build({})
    columns: dict[str, dict[str, str]] = {}
    for table, column, dtype in ask(
        con, "select table_name, column_name, data_type from duckdb_columns() where not internal"
    ):
        columns.setdefault(str(table), {})[str(column)] = str(dtype)
    return {
        model.name: annotate_types(
            qualify(
                # a whole number, which the parser does not know
                sqlglot.parse_one(model.sql, read="duckdb").transform(
                    lambda node: exp.Literal.number(1) if node.name == "epoch_us" else node
                ),
                schema=columns,
                dialect="duckdb",
                identify=False,
            ),
            schema=columns,
            dialect="duckdb",
        )
        for model in MODELS.values()
    }


@pytest.mark.parametrize("name", MODELS)
def test_a_model_writes_nothing_that_the_engines_would_write_or_round_differently(name, typed_models):
    tree = typed_models[name]
    for cast in tree.find_all(exp.Cast):
        given, wanted = cast.this.type, cast.to
        if wanted.is_type(*exp.DataType.TEXT_TYPES) and not isinstance(cast.this, exp.Null):
            # 1.0E10 or 10000000000.0, with its zone or without
            assert given.is_type(*exp.DataType.INTEGER_TYPES, *exp.DataType.TEXT_TYPES), f"as text: {cast.sql()}"
        if wanted.is_type(*exp.DataType.INTEGER_TYPES) and not isinstance(cast.this, exp.Null):
            # rounded, or cut off; what is whole already is neither
            is_whole = isinstance(cast.this, exp.Ceil | exp.Floor | exp.Round)
            assert is_whole or given.is_type(*exp.DataType.INTEGER_TYPES), f"as a whole number: {cast.sql()}"
    for difference in tree.find_all(exp.Sub):
        # days, or an interval: date_diff says which
        between = [each.type for each in (difference.this, difference.expression)]
        assert not all(each and each.is_type(*TEMPORAL) for each in between), difference.sql()
    for replacing in tree.find_all(exp.RegexpReplace):
        # the first, or all; at one end of the text there is but one
        at_an_end = re.search(r"^\^|\$$", replacing.text("expression"))
        assert at_an_end or "g" in replacing.text("modifiers"), replacing.sql()
        assert not re.search(r"[\\$]", replacing.text("replacement")), replacing.sql()
    for like in tree.find_all(exp.Like):
        # itself, or what makes the next sign stand for itself
        assert "\\" not in like.expression.sql(), like.sql()
    for window in tree.find_all(exp.Window):
        assert not isinstance(window.this, exp.Filter), f"Spark has no filter in a window: {window.sql()}"
        assert not window.this.find(exp.Distinct), f"Spark has no distinct in a window: {window.sql()}"
    # a table expression of a model has one meaning in it
    assert len(list(tree.find_all(exp.With))) <= 1


# divisors that a condition beside them keeps from being zero
GUARDED = {
    "core_cells": ("filled.facts",),
    "core_comparisons": ("baseline_exposure", "SUM(facts)", "SUM(baseline_facts)"),
    "core_period_denominators": ("COUNT(*)",),
    "core_replacement": ("expected",),
    "core_target_years": ("lines.slope",),
    "out_gaps": ("COUNT(*)",),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_reads_only_what_there_is_and_never_forward(model):
    earlier = set(list(MODELS)[: list(MODELS).index(model.name)])
    assert model.depends_on <= earlier | OUTSIDE | SETTINGS
    if model.layer == "core":
        assert not any(name.startswith("out_") for name in model.depends_on)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_says_what_it_is(model):
    assert len(model.description) > 30
    assert set(model.grain) <= {column.name for column in model.columns}
    assert all(len(column.description) > 3 for column in model.columns)
    named_units = {"km": "km", "kg": "kg", "kwh": "kWh", "sek": "SEK", "hours": "hours", "fte": "full-time"}
    for column in model.columns:
        unit = named_units.get(column.name.rsplit("_", 1)[-1])
        if unit and "DOUBLE" in column.type:
            assert unit in (column.unit or ""), f"{column.name} has no unit"
        assert (column.type == "BOOLEAN") == column.name.startswith(("is_", "has_")), column.name


def test_descriptions_are_the_comment_on_top_of_the_sql():
    for model in MODELS.values():
        comment = " ".join(line[2:].strip() for line in model.sql.splitlines() if line.startswith("--"))
        words = " ".join(model.description.split())
        assert comment.startswith(words), model.name


def test_the_same_name_is_the_same_type_everywhere():
    types: dict[str, set[str]] = {}
    for model in MODELS.values():
        for column in model.columns:
            types.setdefault(column.name, set()).add(column.type)
    # an amount is decimal while it is summed, a figure afterwards; a setting's value is printed as text
    assert {name for name, found in types.items() if len(found) > 1} <= {"amount", "trips", "value"}


def test_every_grain_is_unique_and_every_check_holds_on_a_small_organisation():
    con = build(
        {
            "people": "person_key | department\n" + "\n".join(f"p{n} | Skola" for n in range(9)),
            "travel_segments": "departed_at | person_key\n"
            + "\n".join(f"2025-0{1 + n % 9}-03 | p{n}" for n in range(9)),
        }
    )
    for model in MODELS.values():
        if model.grain:
            ((rows, keys),) = ask(con, f"select count(*), count(distinct ({', '.join(model.grain)})) from {model.name}")
            assert rows == keys, model.name
        for check in model.checks:
            assert ask(con, f"select count(*) from {model.name} where not ({check})") == [(0,)], (model.name, check)


def test_every_indicator_says_everything_about_itself():
    catalogue = engine.reference_tables()["ref_indicators"]
    assert catalogue.select("indicator", "measure").is_unique().all()
    optional = {"dimensions", "multiplied_by", "quantity", "of_quantity", "settings_used"}
    texts = [name for name in catalogue.columns if name not in optional]
    for name in texts:
        assert catalogue[name].null_count() == 0, name
        assert (catalogue[name].str.len_chars() > 1).all(), name
    formulas = {"per_fte", "total", "share", "digital_share", "change", "replacement", "measured"}
    assert set(catalogue["formula"]) == formulas
    # what is no sum has a model of its own, everything else says of what it is one
    assert ((catalogue["quantity"] == "") == (catalogue["formula"] == "measured")).all()
    assert ((catalogue["of_quantity"] != "") == (catalogue["formula"] == "share")).all()
    assert set(catalogue["direction"]) <= {"up", "down", "none"}
    words = {
        f"{part}_{language}" for part in ("name", "question", "formula", "weaknesses") for language in ("sv", "en")
    }
    others = {"unit", "direction", "symbols", "settings_used", "definition_source", "references_text"}
    published = {column.name for column in MODELS["out_methods"].columns}
    assert published == {"indicator", "measure"} | words | others
    page = method_page()
    sections = page.split("\n### ")[1:]
    for row, section in zip(catalogue.iter_rows(named=True), sections, strict=True):
        told = {
            name
            for name in words | others
            if name.endswith(("_en", "_text", "_source")) or name in ("unit", "symbols", "name_sv")
        }
        assert [name for name in sorted(told) if row[name] not in section] == [], row["indicator"]


METHOD = {
    "digital_meetings_per_fte": "organised attended",
    "digital_meeting_cost_per_fte": "cost_sek",
    "trips_per_fte": "trips",
    "travel_days_per_fte": "days",
    "travel_cost_per_fte": "cost_sek cost_sek_doubled",
    "travel_co2_per_fte": "co2_kg co2e_kg",
    "meeting_attitude": "share_positive mean",
    "digital_share": "meetings persons meetings_spanning persons_spanning",
    "meeting_form_share": "share",
    "travel_change": "trips km co2_kg co2e_kg energy_kwh cost_sek",
    "replacement_rate": "trips",
    "replacement_ratio": "trips_per_meeting",
    "avoided_trips": "trips",
    "avoided_km": "km",
    "avoided_co2e_kg": "co2e_kg",
    "avoided_energy_kwh": "energy_kwh",
    "avoided_hours": "hours",
    "avoided_cost_sek": "cost_sek",
    "travel_energy_mwh": "energy_mwh",
    "target_progress": "share_of_way",
    "travel_hours": "all evening",
    "meeting_length": "median_min share_short hours_per_fte",
    "reach": "share_active share_top_tenth",
    "external_reach": "share organisations",
    "room_use": "occasions unused_rooms",
    "technical_trouble": "share",
    "training_reach": "share_trained change_after",
}
"""The indicators of the method and their measures."""


def test_the_catalogue_holds_every_indicator_and_measure_of_the_method():
    listed = engine.reference_tables()["ref_indicators"].select("indicator", "measure").rows()
    wanted = {(indicator, measure) for indicator, measures in METHOD.items() for measure in measures.split()}
    assert set(listed) == wanted


CHECKS_ONLY = {"staff_change_share", "reconcile_share", "reconcile_least", "reconcile_days"}
"""Settings that decide what somebody is asked to look at, and over no figure."""


def test_every_setting_decides_over_some_figure_and_every_one_named_exists():
    used = engine.reference_tables()["ref_indicators"]["settings_used"]
    named = {name for text in used for name in text.split(", ") if name}
    assert named | {*EVERY_FIGURE} | CHECKS_ONLY == set(MethodSettings.model_fields)
    assert not named & {*EVERY_FIGURE, *CHECKS_ONLY}


def test_every_emission_factor_is_sourced_and_unambiguous():
    factors = engine.reference_tables()["ref_emission_factors"]
    assert factors.select("factor_set", "factor_id").is_unique().all()
    assert factors["source"].str.len_chars().min() > 20
    assert set(factors["status"]) <= {"sourced", "secondary", "unsourced"}
    # within one set, gas, mode, fuel and cabin the distance bands do not overlap
    for _, bands in factors.sort("from_km").group_by("factor_set", "gas", "mode", "fuel", "cabin"):
        assert (bands["from_km"][1:] >= bands["below_km"][:-1]).all()
    # one gas has one boundary in a set, so that a sum never mixes two
    assert factors.group_by("factor_set", "gas").agg(pl.col("boundary").n_unique())["boundary"].max() == 1


def test_every_setting_is_printed():
    con = build({})
    printed = {row[0] for row in ask(con, "select setting from out_settings")}
    assert set(MethodSettings.model_fields) <= printed


def test_a_failed_build_leaves_the_old_warehouse(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(b"the old one")
    with pytest.raises(duckdb.Error):
        engine.build(tmp_path, warehouse, {}, {})
    assert warehouse.read_bytes() == b"the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_comments_reach_the_warehouse():
    con = build({})
    engine.describe(con)
    silent = ask(
        con,
        """select table_name, column_name from duckdb_columns()
           where comment is null and (starts_with(table_name, 'core_') or starts_with(table_name, 'out_'))""",
    )
    assert silent == []
