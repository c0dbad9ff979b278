"""Describes a published version as a Data Package (version 2), from the models' declarations.

The shape follows https://datapackage.org/standard/data-package/ with one addition: ``unit`` of a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from models.engine import Model, ModelColumn

_TYPES = {"VARCHAR": "string", "DOUBLE": "number", "BIGINT": "integer", "BOOLEAN": "boolean", "DATE": "date"}


def descriptor(
    tables: Mapping[str, pl.DataFrame], models: Iterable[Model], version: str, as_of: date
) -> dict[str, Any]:
    """The content of ``datapackage.json``.

    Args:
        tables: the rows of each published table.
        models: the published models.
        version: the version's name.
        as_of: the day the figures are computed for.
    """
    settings = tables["out_settings"]
    names = dict(settings.select("setting", "value").iter_rows())
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"resfri-{settings['organisation'][0]}",
        "title": f"resfri: {names['organisation_name']}",
        "version": version,
        "created": f"{as_of.isoformat()}T00:00:00Z",
        "resources": [_resource(model) for model in models],
    }


def _resource(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "type": "table",
        "path": f"{model.name}.parquet",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "description": model.description,
        "schema": {
            "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
            "fields": [_field(column) for column in model.columns],
            "primaryKey": list(model.grain),
        },
    }


def _field(column: ModelColumn) -> dict[str, Any]:
    unit = {"unit": column.unit} if column.unit else {}
    return {"name": column.name, "type": _TYPES[column.type], "description": column.description, **unit}
