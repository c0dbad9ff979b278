"""The same call records through this connector into the landing zone and through dlt's REST source into DuckDB.

Like for like: both ask one server on this computer for the same pages, read every session, keep each record once by
its id, and end with files on disk. dlt makes a table of every nested list; here two tables are made, with pseudonyms.
Each runs in a process of its own, one after the other, and its processor time is taken.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

from benchmarks._rows import say

RECORDS = 4_000
PER_PAGE = 200


def main() -> None:
    from benchmarks.parse_pages import record

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = record(folder, ("teams",))["teams"].pages
        records = [each for page in pages for each in json.loads(page.body)][:RECORDS]
        with _served(records) as url:
            seconds = {way: _run(way, url, folder) for way in ("resfri", "dlt")}
    for way, taken in seconds.items():
        say(f"{len(records):,} call records from a local server to disk with {way}", taken, "s")
    say("dlt's time as a multiple of ours", seconds["dlt"] / seconds["resfri"], "times", 20, "more")


def _run(way: str, url: str, folder: Path) -> float:
    """Processor seconds from the first request to the last row on disk, after everything is imported."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.beside_dlt", way, url, str(folder / way)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def through_resfri(url: str, folder: Path) -> float:
    from datetime import UTC, datetime

    from connectors.landing import Landing
    from connectors.microsoft.teams import SOURCE, TeamsSettings
    from connectors.pseudonyms import Pseudonyms
    from connectors.pull import pull
    from connectors.quarantine import Quarantine
    from connectors.source import LocalSession, Page, Window
    from connectors.transport import Network

    def fetch(*_: object) -> Iterator[Page]:
        link: str | None = url
        while link:
            answer = requests.get(link, timeout=60)
            yield Page("callRecord", answer.content[len(b'{"value":') : answer.content.rindex(b',"next"')], {})
            link = json.loads(b"{" + answer.content[answer.content.rindex(b'"next"') :])["next"]

    account = {"tenant_id": "t", "client_id": "c", "client_secret": "s"}
    settings = TeamsSettings.model_validate({"type": "teams", "account": account})
    pseudonyms = Pseudonyms(b"benchmarks-have-a-key-their-own!")
    landing = Landing(folder / "landing", "bench", pseudonyms.fingerprint)
    source = replace(SOURCE, fetch=fetch, open_session=lambda name, *_: LocalSession(name))
    now = datetime(2026, 10, 16, tzinfo=UTC)
    began = time.process_time()
    outcome = pull(
        source, "teams", settings, Network(), landing, pseudonyms, Quarantine(folder / "quarantine", pseudonyms),
        Window(datetime(2026, 8, 1, tzinfo=UTC), now), lambda: now,
    )  # fmt: skip
    seconds = time.process_time() - began
    assert outcome.pulled == RECORDS
    return seconds


def through_dlt(url: str, folder: Path) -> float:
    import dlt
    from dlt.sources.rest_api import rest_api_source

    parts = urlsplit(url)
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{parts.scheme}://{parts.netloc}/",
                "paginator": {"type": "json_link", "next_url_path": "next"},
            },
            "resources": [
                {
                    "name": "call_records",
                    "primary_key": "id",
                    "write_disposition": "merge",
                    "endpoint": {"path": "pages", "params": {"from": 0}, "data_selector": "value"},
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="bench",
    )
    began = time.process_time()
    pipeline.run(source)
    seconds = time.process_time() - began
    with pipeline.sql_client() as client:
        ((rows,),) = client.execute_sql("select count(*) from call_records")
    assert rows == RECORDS
    return seconds


@contextmanager
def _served(records: list[dict[str, object]]) -> Iterator[str]:
    """The records by page, with a link to the next one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            first = int(parse_qs(urlsplit(self.path).query)["from"][0])
            after = first + PER_PAGE
            following = f"{root}/pages?from={after}" if after < len(records) else None
            body = json.dumps({"value": records[first:after], "next": following}, separators=(",", ":")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    root = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{root}/pages?from=0"
    finally:
        server.shutdown()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ways = {"resfri": through_resfri, "dlt": through_dlt}
        target = Path(sys.argv[3])
        target.mkdir()
        print(ways[sys.argv[1]](sys.argv[2], target))
    else:
        main()
