"""The simulator held to the vendor's own description of its API, where that description is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from simulator.faults import Faults
from tests.simulator_client import RECORDS, exempelby, served

DESCRIPTION = (
    Path(__file__).parents[1].parent / "shared" / "reference" / "specs" / "graph_v1_subset_with_examples.openapi.json"
)
CALLS = exempelby().calls
SIZES = np.diff(CALLS.first)
SAMPLE = [int(SIZES.argmax()), *range(0, len(CALLS), 40)]

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason="the vendor's API description is not at hand")


@pytest.fixture(scope="module")
def description() -> Any:
    return nullable_as_json_schema(json.loads(DESCRIPTION.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def running():
    with served() as found:
        yield found


def nullable_as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 marks what may be null with a word that JSON Schema does not know.

    The description never marks references, yet its own examples have nulls there: they may be null too.
    """
    if isinstance(node, list):
        return [nullable_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {name: nullable_as_json_schema(value) for name, value in node.items() if name != "nullable"}
    if isinstance(properties := plain.get("properties"), dict):
        referring = {name: schema for name, schema in properties.items() if "$ref" in schema}
        properties |= {name: {"anyOf": [schema, {"type": "null"}]} for name, schema in referring.items()}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def hold(description: Any, template: str, body: Any, status: str = "2XX", method: str = "get") -> None:
    schema = description["paths"][template][method]["responses"][status]["content"]["application/json"]["schema"]
    whole = {**schema, "components": description["components"]}
    errors = list(jsonschema.Draft202012Validator(whole).iter_errors(body))
    assert not errors, [f"{list(error.absolute_path)}: {error.message[:200]}" for error in errors[:5]]


ONE = RECORDS + "/{callRecord-id}"
PHONES = RECORDS + "/getPstnCalls(fromDateTime={fromDateTime},toDateTime={toDateTime})"
CALENDAR = f"/users/{exempelby().rooms[0].mail}/calendarView?startDateTime=2026-09-01T00:00:00Z&endDateTime=2026-09-08T00:00:00Z"
USER = "id,displayName,mail,mobilePhone,businessPhones,department,officeLocation,city,employeeId,accountEnabled,userType,proxyAddresses"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (RECORDS, RECORDS),
        (ONE + "/sessions", f"{RECORDS}/{CALLS.ids[SAMPLE[0]]}/sessions?$expand=segments"),
        (ONE + "/participants_v2", f"{RECORDS}/{CALLS.ids[SAMPLE[0]]}/participants_v2"),
        (PHONES, RECORDS + "/getPstnCalls(fromDateTime=2026-09-01,toDateTime=2026-10-31)"),
        ("/users", f"/users?$select={USER}&$top=999"),
        ("/users", "/users"),
        ("/places/microsoft.graph.room", "/places/microsoft.graph.room"),
        ("/users/{user-id}/calendarView", CALENDAR),
    ],
)
def test_lists_are_as_described(description, running, template, path):
    body = running[1].get(path)
    assert body["value"]
    hold(description, template, body)


@pytest.mark.parametrize("expand", ["", "?$expand=sessions,participants_v2", "?$expand=sessions($expand=segments)"])
def test_call_records_are_as_described(description, running, expand):
    for row in SAMPLE:
        hold(description, ONE, running[1].get(f"{RECORDS}/{CALLS.ids[row]}{expand}"))


def test_the_check_notices_what_is_not_as_described(description, running):
    body = running[1].get(f"{RECORDS}/{CALLS.ids[0]}?$expand=sessions")
    body["sessions"][0]["startDateTime"] = "yesterday"
    with pytest.raises(AssertionError, match="yesterday"):
        hold(description, ONE, body)


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (Faults(denied_permissions=frozenset({"CallRecords.Read.All"})), "403"),
        (Faults(gone=frozenset({CALLS.ids[0]})), "404"),
        (Faults(throttle_every=1), "429"),
    ],
)
def test_refusals_are_as_described(description, running, faults, status):
    service, graph = running
    service.faults = faults
    answer = graph.ask(f"{RECORDS}/{CALLS.ids[0]}")
    service.faults = Faults()
    assert str(answer.status_code) == status
    hold(description, ONE, answer.json(), status)
    example = description["paths"][ONE]["get"]["responses"][status]["content"]["application/json"].get("example")
    if example:
        assert answer.json()["error"].keys() == example["error"].keys()


def test_batches_are_as_described(description, running):
    hold(description, "/$batch", running[1].batch("/users", "/x").json(), "200", "post")
