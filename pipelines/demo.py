"""The demo: a simulated municipality is pulled, imported, built, published and reported like any other.

Only the vendor is invented. Everything resfri does is what it does at an organisation: HTTPS with an own certificate
authority, the landing zone, the models, publication and the report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.profiles import FileKind
from connectors.pseudonyms import new_key
from pipelines.progress import run_with_progress
from pipelines.runtime import LOCAL, Runtime, open_landing
from pipelines.settings import Organisation, Settings
from pipelines.settings_file import load_settings
from reports.headlines import headlines
from reports.language import language
from reports.periods import Period
from reports.published import open_published
from reports.render import render_report
from reports.subject import Subject
from simulator.addresses import Address
from simulator.calls import VENDORS
from simulator.cms import write_cdr_archive
from simulator.exports import write_exports
from simulator.follow_up_exports import write_follow_up
from simulator.municipality import Municipality, simulate
from simulator.people import DOMAIN, ROOM_DOMAIN
from simulator.service import serve
from simulator.skype import write_lcscdr

ORGANISATION = "exempelby"
SKYPE = "skype_for_business"
_MARK = "demo.json"


def run_demo(folder: Path, people: int, months: int, seed: int, console: Console) -> None:
    """Run everything, print the headline figures and where the results are.

    Args:
        folder: where everything goes; a folder from an earlier demo of the same municipality is continued.
        people: people in the municipality.
        months: months of meetings and travel; the second half is compared with the first.
        seed: of all chance.
        console: where to print.

    Raises:
        ConfigurationError: the folder holds something else.
    """
    last_month = last_quarter_closed(datetime.now(LOCAL).date())
    _claim(folder, {"people": people, "months": months, "seed": seed, "last_month": f"{last_month:%Y-%m}"})
    console.print(f"Simulating a municipality of {people} people over {months} months …")
    municipality = simulate(people, months, seed, last_month, platforms=VENDORS)
    # the day after the last month has closed, so that nothing is asked for that was never simulated
    now = datetime.combine(municipality.period.month(months) + timedelta(days=15), datetime.min.time(), LOCAL)
    runtime = Runtime(clock=lambda: now)
    with serve(municipality, now=now, folder=folder / "vendor") as service:
        settings = write_settings(folder, municipality, service.address)
        organisation = settings.one(ORGANISATION)
        import_exports(folder, municipality, organisation, now, console)
        results = run_with_progress(settings, [organisation], None, municipality.period.first, None, runtime, console)
    failures = [line for result in results for line in result.failures]
    if failures:
        raise ConfigurationError(f"the demo could not finish: {failures[0]}")
    period = Period(municipality.period.month(months) - timedelta(days=1), "rolling_12")
    paths = render_report(organisation.published, ORGANISATION, period.text, "sv", organisation.reports)
    _show(organisation, municipality, period, console)
    console.print(f"\nPublished file: {results[0].database}", markup=False)
    for path in paths:
        console.print(f"Report: {path}", markup=False)
    console.print(f"Dashboard: resfri dashboard --settings {settings.file}", markup=False)


def serve_until_stopped(folder: Path, people: int, months: int, seed: int, port: int, console: Console) -> None:
    """Serve the municipality's vendors in the foreground, with settings and export files beside."""
    last_month = last_quarter_closed(datetime.now(LOCAL).date())
    _claim(folder, {"people": people, "months": months, "seed": seed, "last_month": f"{last_month:%Y-%m}"})
    municipality = simulate(people, months, seed, last_month, platforms=VENDORS)
    now = datetime.now(UTC)
    with serve(municipality, now=now, folder=folder / "vendor", port=port) as service:
        settings = write_settings(folder, municipality, service.address)
        write_exports(municipality, folder / "exports")
        console.print(f"Serving {service.address.base_url}; settings: {settings.file}; Ctrl-C ends it", markup=False)
        _wait()


def _wait() -> None:
    import threading

    with _ended_by_ctrl_c():
        threading.Event().wait()


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        return


def last_quarter_closed(today: date) -> date:
    """First day of the last month of the newest closed quarter, up to which twelve months are given."""
    month = (today - timedelta(days=15)).replace(day=1)
    while (month := (month - timedelta(days=1)).replace(day=1)).month % 3:
        pass
    return month


def _claim(folder: Path, municipality: dict[str, object]) -> None:
    """Make the folder this demo's, or make sure that it is already."""
    mark = folder / _MARK
    if mark.exists():
        if json.loads(mark.read_text("utf-8")) != municipality:
            raise ConfigurationError(
                f"{folder} holds the demo of another municipality: delete it or choose another --dir"
            )
        return
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder} holds something else: choose another --dir")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps(municipality), encoding="utf-8")


def write_settings(folder: Path, municipality: Municipality, address: Address) -> Settings:
    """Settings for the simulated vendor, written as a person would write them."""
    period = municipality.period
    half = period.months // 2
    start, end = max(0, half - 12), half - 1
    expected = f'expected_from = "{period.first:%Y-%m}", expected_to = "{period.month(period.months - 1):%Y-%m}"'
    _keep(folder / "keys" / f"{ORGANISATION}.secret", address.client_secret)
    is_teams_alone = municipality.platforms == {"teams"}
    gave_up = f'expected_from = "{period.first:%Y-%m}", expected_to = "{period.month(half - 1):%Y-%m}"'
    lasting = [name for name in VENDORS if name not in ("teams", SKYPE)]
    others = "".join(f"{name} = {{ {expected} }}\n" for name in lasting)
    others = "" if is_teams_alone else f'{others}{SKYPE} = {{ kind = "meetings", {gave_up} }}\n'
    elsewhere = "" if is_teams_alone else _elsewhere(folder, municipality, address)
    path = folder / "resfri.toml"
    path.write_text(
        f"""# Settings of the demo. The vendor is simulated: 'resfri simulate' serves it again.
data_dir = "data"
keys_dir = "keys"

[network]
ca_file = "{address.ca_file.resolve().relative_to(folder.resolve()).as_posix()}"

[organisations.{ORGANISATION}]
name = "{municipality.name}"

[organisations.{ORGANISATION}.accounts.microsoft]
tenant_id = "{address.tenant_id}"
client_id = "{address.client_id}"
client_secret_file = "keys/{ORGANISATION}.secret"
authority = "{address.authority}"
base_url = "{address.base_url}"

[organisations.{ORGANISATION}.sources]
teams = {{ type = "teams", account = "microsoft", limits = "simulator" }}
rooms = {{ type = "entra_rooms", account = "microsoft", limits = "simulator" }}
room_calendars = {{ type = "room_calendars", account = "microsoft", limits = "simulator" }}
teams_usage = {{ type = "teams_usage", account = "microsoft", limits = "simulator" }}

[organisations.{ORGANISATION}.sources.directory]
type = "entra_directory"
account = "microsoft"
limits = "simulator"
needs_employee_id = true
person_groups = {{ "Förtroendevald" = "elected" }}

[organisations.{ORGANISATION}.expected]
teams = {{ {expected} }}
room_calendars = {{ {expected} }}
{others}travel_agency = {{ kind = "travel", {expected} }}
rail_account = {{ kind = "travel", {expected} }}
mileage_claims = {{ kind = "travel", {expected} }}
staff = {{ kind = "staff", {expected} }}

[organisations.{ORGANISATION}.method]
baseline_from = "{period.month(start):%Y-%m}"
baseline_to = "{period.month(end):%Y-%m}"
{elsewhere}""",
        encoding="utf-8",
    )
    settings = load_settings(path)
    new_key(settings.one(ORGANISATION).key_file)
    return settings


def _elsewhere(folder: Path, municipality: Municipality, address: Address) -> str:
    """Settings of the platforms besides Teams, with their secrets and archived records written beside."""
    _keep(folder / "keys" / f"{ORGANISATION}.zoom.secret", address.zoom.client_secret)
    _keep(folder / "keys" / f"{ORGANISATION}.webex.secret", address.webex.client_secret)
    _keep(folder / "keys" / f"{ORGANISATION}.webex.token", address.webex.refresh_token)
    write_cdr_archive(municipality, folder / "cdr")
    webex = f"""client_id = "{address.webex.client_id}"
client_secret_file = "keys/{ORGANISATION}.webex.secret"
token_file = "keys/{ORGANISATION}.webex.token"
base_url = "{address.webex.base_url}\""""
    return f"""
[organisations.{ORGANISATION}.accounts.zoom]
account_id = "{address.zoom.account_id}"
client_id = "{address.zoom.client_id}"
client_secret_file = "keys/{ORGANISATION}.zoom.secret"
base_url = "{address.zoom.base_url}"
token_url = "{address.zoom.token_url}"
plan = "business"

[organisations.{ORGANISATION}.sources.zoom]
type = "zoom"
account = "zoom"
limits = "simulator"
home_domains = ["{DOMAIN}"]

[organisations.{ORGANISATION}.sources.zoom_users]
type = "zoom_users"
account = "zoom"
limits = "simulator"

[organisations.{ORGANISATION}.sources.webex]
type = "webex"
limits = "simulator"
home_domains = ["{DOMAIN}"]
service_types = ["MeetingCenter"]
{webex}

[organisations.{ORGANISATION}.sources.webex_directory]
type = "webex_directory"
limits = "simulator"
{webex}

[organisations.{ORGANISATION}.sources.webex_rooms]
type = "webex_rooms"
limits = "simulator"
{webex}

[organisations.{ORGANISATION}.sources.cisco_meeting_server]
type = "cisco_meeting_server"
archive_folder = "cdr"
home_domains = ["{DOMAIN}"]
room_domains = ["{ROOM_DOMAIN}"]
"""


def _keep(path: Path, secret: str) -> None:
    """A file that its owner alone may read."""
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secret, encoding="utf-8")


def import_exports(
    folder: Path, municipality: Municipality, organisation: Organisation, now: datetime, console: Console
) -> None:
    """Write all files that the municipality exports by hand, and import each with its profile."""
    exports = write_exports(municipality, folder / "exports")
    logs = write_lcscdr(municipality, folder / "lcscdr")
    follow_up = write_follow_up(municipality, folder / "exports")
    landing, pseudonyms = open_landing(organisation)
    files: list[tuple[FileKind, str, Path, tuple[date, date] | None]] = [
        *(("travel", profile, path, (first, last)) for profile, path, first, last in exports.travel),
        *(("staff", profile, path, (first, last)) for profile, path, first, last in exports.staff),
        *(("sites", profile, path, None) for profile, path, *_ in exports.sites),
        *(("meetings", SKYPE, path, (first, last)) for path, first, last in logs),
        *(("survey", profile, path, (first, last)) for profile, path, first, last in follow_up.survey),
        *(("training", profile, path, (first, last)) for profile, path, first, last in follow_up.training),
        *(("meeting_costs", profile, path, (first, last)) for profile, path, first, last in follow_up.meeting_costs),
    ]
    read = landed = 0
    for kind, profile, path, covers in files:
        receipt = import_file(path, kind, profile, landing, pseudonyms, now, covers=covers)
        read, landed = read + receipt.rows_read, landed + receipt.rows_landed
    console.print(f"Imported {len(files)} files: {read} rows read, {landed} understood", markup=False)


def _show(organisation: Organisation, municipality: Municipality, period: Period, console: Console) -> None:
    """The headline figures, and beside the replacement rate what the simulator knows to be true."""
    published = open_published(organisation.published, organisation.id)
    console.print(f"\n{published.name}, {period.label('sv')}", markup=False)
    for headline in headlines(Subject(published, period, language("sv"))):
        console.print(f"  {headline.label}: {headline.value}", markup=False)
        for sentence in headline.sentences:
            console.print(f"      {sentence}", markup=False)
    console.print(
        f"  (simulated effect: {municipality.effect:.0%} of the meeting trips are no longer made)", markup=False
    )
