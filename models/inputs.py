"""The settings as the tables that the models read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from models.choices import Action, Authority, ExpectedSource, Target, TripClassRule
from models.method import METHOD_VERSION, MethodSettings

OTHERS: Mapping[str, Any] = {
    "organisation": pl.String,
    "period_kind": pl.String,
    "period_end": pl.Date,
    "baseline": pl.String,
    "indicator": pl.String,
    "measure": pl.String,
    "dimension_2": pl.String,
    "value_2": pl.String,
    "value": pl.Float64,
}
"""Columns of other organisations' figures: published ones, of the whole organisation, undivided."""
_TARGETS: Mapping[str, Any] = {
    "target": pl.String,
    "target_name": pl.String,
    "indicator": pl.String,
    "measure": pl.String,
    "base_year": pl.Int64,
    "base_value": pl.Float64,
    "target_change": pl.Float64,
    "target_year": pl.Int64,
}


def input_tables(
    organisation: str,
    name: str,
    method: MethodSettings,
    sources: list[ExpectedSource],
    as_of: date,
    authorities: Sequence[Authority] = (),
    factors: pl.DataFrame | None = None,
    trip_classes: Sequence[TripClassRule] = (),
    targets: Mapping[str, Target] | None = None,
    actions: Sequence[Action] = (),
    others: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """The settings as the tables the models read.

    Args:
        organisation: id of the organisation.
        name: its name in reports.
        method: the counting rules.
        sources: the sources expected.
        as_of: the day the figures are computed for; decides which periods are closed.
        authorities: which sources count where several tell of the same travel.
        factors: the emission factors to take instead of the project's own.
        trip_classes: what counts as a meeting or as service where a trip does not say it itself.
        targets: where indicators are to be, by the target's key.
        actions: what was done, and when.
        others: published figures of organisations to compare with, in the columns of ``OTHERS``.

    Returns:
        ``settings_method`` (one row), ``settings_sources`` (a row per source), ``settings_authorities`` (a row per
        source that counts), ``settings_trip_classes`` (a row per rule), ``settings_targets``, ``settings_actions``,
        ``settings_others`` (a row per figure of another organisation) and ``settings_printed`` (a row per setting, as
        text, for reports); with ``ref_emission_factors`` if factors were given.
    """
    values = method.model_dump()
    facts: dict[str, object] = {
        "organisation": organisation,
        "organisation_name": name,
        "as_of": as_of,
        "method_version": METHOD_VERSION,
        "baseline_label": method.baseline_label,
    }
    typed = facts | values
    typed["meetings_baseline_label"] = method.meetings_baseline_label
    for key in ("baseline_from", "baseline_to"):
        typed[key] = date.fromisoformat(f"{values[key]}-01")
        typed[f"meetings_{key}"] = date.fromisoformat(f"{values[f'meetings_{key}'] or values[key]}-01")
    fields = MethodSettings.model_fields
    texts = {
        "organisation_name": ("Organisation", "Organisation"),
        "as_of": ("Beräknad för", "Computed for"),
        "method_version": ("Metodversion", "Method version"),
        "baseline_label": ("Jämförelseperiod", "Baseline"),
    }
    printed = [
        {"setting": key, "value": str(facts[key]), "unit": "", "description_sv": sv, "description_en": en}
        for key, (sv, en) in texts.items()
    ] + [
        {"setting": key, "value": "–" if value is None else str(value), "unit": _extra(fields[key], "unit"),
         "description_sv": _extra(fields[key], "sv"), "description_en": fields[key].description or ""}
        for key, value in values.items()
    ]  # fmt: skip
    own = {} if factors is None else {"ref_emission_factors": factors}
    return own | {
        "settings_method": pl.DataFrame([typed]),
        "settings_sources": pl.DataFrame(
            [
                {
                    "source": s.source,
                    "kind": s.kind,
                    "expected_from": _first_day(s.expected_from),
                    "expected_to": _first_day(s.expected_to),
                    "filled_by": s.filled_by,
                }
                for s in sources
            ],
            schema={
                "source": pl.String,
                "kind": pl.String,
                "expected_from": pl.Date,
                "expected_to": pl.Date,
                "filled_by": pl.String,
            },
        ),
        "settings_authorities": pl.DataFrame(
            [(each.quantity, each.mode, each.vehicle_class, source) for each in authorities for source in each.sources],
            schema=dict.fromkeys(("quantity", "mode", "vehicle_class", "source"), pl.String),
            orient="row",
        ),
        "settings_trip_classes": pl.DataFrame(
            [(each.by, each.value, each.trip_class) for each in trip_classes],
            schema=dict.fromkeys(("rule", "rule_value", "trip_class"), pl.String),
            orient="row",
        ),
        "settings_targets": pl.DataFrame(
            [
                (key, each.name, each.indicator, each.measure, each.base_year, each.base_value, each.change, each.year)
                for key, each in (targets or {}).items()
            ],
            schema=_TARGETS,
            orient="row",
        ),
        "settings_actions": pl.DataFrame(
            [(each.on, each.kind, each.sv, each.en or each.sv) for each in actions],
            schema={"action_on": pl.Date, "kind": pl.String, "name_sv": pl.String, "name_en": pl.String},
            orient="row",
        ),
        "settings_others": pl.DataFrame(schema=OTHERS) if others is None else others,
        "settings_printed": pl.DataFrame(printed),
    }


def _extra(field: Any, key: str) -> str:
    return str(field.json_schema_extra[key])


def _first_day(month: str | None) -> date | None:
    return None if month is None else date.fromisoformat(f"{month}-01")
