"""The ``resfri`` command: set up, run, import, report, explain, look after."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from connectors.errors import ConfigurationError, ConnectorError
from connectors.files.importing import import_file
from connectors.files.periods import Overlap
from connectors.files.profiles import FileKind
from connectors.files.values import period as file_period
from pipelines.publication_checks import PublicationRefused
from pipelines.settings_file import DEFAULT_SETTINGS, SETTINGS_VARIABLE, load_settings
from reports.errors import ReportError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Measures how far digital meetings replace business travel, from logs and exports you already have.",
)
out = Console(highlight=False, soft_wrap=True)
_DAY = ["%Y-%m-%d"]

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar=SETTINGS_VARIABLE, help="The settings file.", show_default=True)
]
Organisation = Annotated[str, typer.Option("--org", help="The organisation's id in the settings.")]
Language = Annotated[Literal["sv", "en"], typer.Option("--language", help="Language of the text.")]


def main() -> None:
    """Run the command; an expected failure ends in one line and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app()
    except (ConnectorError, ReportError, PublicationRefused) as error:
        typer.echo(f"resfri: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("resfri: stopped; what was landed stays, and the next run goes on from there", err=True)
        sys.exit(130)


@app.command()
def init(
    settings: SettingsFile = DEFAULT_SETTINGS,
    org: Annotated[str, typer.Option("--org", help="Id of the organisation: a–z, 0–9 and _.")] = "kommunen",
    name: Annotated[str, typer.Option("--name", help="Its name in reports.")] = "Kommunen",
) -> None:
    """Write a settings file to fill in and the organisation's pseudonym key; nothing that exists is touched."""
    from pipelines.setup import initialise

    for line in initialise(settings, org, name):
        out.print(line)


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Where to put it; made if missing.")] = Path("demo"),
    people: Annotated[int, typer.Option(help="People in the simulated municipality.", min=60)] = 1000,
    months: Annotated[int, typer.Option(help="Months of meetings and travel.", min=13)] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same municipality.")] = 1,
) -> None:
    """Run everything against a simulated municipality: pull, import, build, publish, report."""
    from pipelines.demo import run_demo

    run_demo(directory, people, months, seed, out)


@app.command()
def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
    org: Annotated[str | None, typer.Option("--org", help="Only this organisation.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Pull only this source.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day to pull; default: since the last run.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="Last day to pull; default: yesterday.")
    ] = None,
) -> None:
    """Pull, build and publish: what the nightly schedule does."""
    from pipelines.progress import run_with_progress
    from pipelines.runtime import Runtime

    loaded = load_settings(settings)
    results = run_with_progress(
        loaded, loaded.chosen(org), source, first.date() if first else None, last.date() if last else None,
        Runtime(), out,
    )  # fmt: skip
    for result in results:
        for line in (*result.warnings, *result.failures):
            typer.echo(f"resfri: {line}", err=True)
    if any(result.failures for result in results):
        raise typer.Exit(1)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The file.", exists=False)],
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    org: Organisation,
    kind: Annotated[FileKind, typer.Option("--as", help="What the file holds.")],
    profile: Annotated[
        str | None, typer.Option("--profile", help="A profile's name, or the path of a TOML file.")
    ] = None,
    covers: Annotated[str | None, typer.Option("--covers", help="Period the file speaks for: 2025, 2025-03, …")] = None,
    overlap: Annotated[
        Overlap, typer.Option("--overlap", help="What to do with files for some of the same days.")
    ] = "refuse",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and account for everything, write nothing.")] = False,
) -> None:
    """Import a file (travel, staff, departments, sites, survey, training, meetings …); account for every row."""
    from connectors.files.profiles import available_profiles
    from pipelines.runtime import open_landing

    organisation = load_settings(settings).one(org)
    if profile is None:
        known = available_profiles(kind)
        if len(known) != 1:
            listed = ", ".join(sorted(known))
            raise ConfigurationError(f"say which profile the file follows (--profile): {listed}, or a file of your own")
        (profile,) = known
    landing, pseudonyms = open_landing(organisation)
    receipt = import_file(
        file, kind, profile, landing, pseudonyms, datetime.now(UTC),
        covers=file_period(covers) if covers else None, overlap=overlap, dry_run=dry_run,
    )  # fmt: skip
    out.print(str(receipt), markup=False)


@app.command()
def report(
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    org: Organisation,
    period: Annotated[str, typer.Option("--period", help="2026, 2026-Q2, 2026-06 or 2025-10/2026-09.")],
    language: Language = "sv",
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where to write; default: the organisation's reports.")
    ] = None,
) -> None:
    """Write the follow-up report of a closed period as HTML and XLSX."""
    from reports.render import render_report

    organisation = load_settings(settings).one(org)
    for path in render_report(organisation.published, org, period, language, folder or organisation.reports):
        out.print(str(path), markup=False)


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="For example replacement_rate or travel_co2_per_fte.co2e_kg.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    org: Organisation,
    period: Annotated[str, typer.Option("--period", help="2026, 2026-Q2, 2026-06 or 2025-10/2026-09.")],
    language: Language = "sv",
) -> None:
    """Say where a figure comes from: numerator, denominator, sources, gaps, settings."""
    from reports.explain import explain as explained

    organisation = load_settings(settings).one(org)
    out.print(explained(organisation.published, org, indicator, period, language), markup=False, end="")


@app.command()
def doctor(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Check every source: credentials, permissions, newest record, and what to do."""
    from pipelines.doctor import examine
    from pipelines.runtime import Runtime

    is_well = True
    for organisation, source, finding in examine(load_settings(settings), Runtime()):
        is_well &= finding.is_good
        word = "ok  " if finding.is_good else "MEND"
        out.print(f"{word} {organisation} {source}: {finding.what}: {finding.message}", markup=False)
    if not is_well:
        raise typer.Exit(1)


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="The file.", exists=False)],
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    org: Annotated[
        str | None, typer.Option("--org", help="Read with this organisation's key; default: with none.")
    ] = None,
    kind: Annotated[
        FileKind | None, typer.Option("--as", help="What the file holds; default: what it looks most like.")
    ] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="A profile to try; default: propose one.")] = None,
    write: Annotated[Path | None, typer.Option("--write", help="Write the profile here, to be corrected.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Propose a profile for a file, and show what is understood with it and what is not. Nothing lands."""
    from connectors.files.inspection import inspect as inspected
    from pipelines.runtime import open_landing

    pseudonyms = None if org is None else open_landing(load_settings(settings).one(org))[1]
    found = inspected(file, kind, pseudonyms, profile)
    if write is not None:
        found.write_profile(write)
    out.print(found.to_json() if as_json else str(found), markup=False)


@app.command()
def receiver(
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    org: Organisation,
    source: Annotated[str, typer.Option("--source", help="The source of type cisco_meeting_server.")],
) -> None:
    """Receive the records of Cisco Meeting Server bridges until stopped; the nightly run reads what came."""
    from pipelines.receiving import receive

    receive(load_settings(settings).one(org), source)


@app.command()
def dashboard(
    settings: SettingsFile = DEFAULT_SETTINGS,
    port: Annotated[int, typer.Option("--port", help="Port on this computer.")] = 8501,
) -> None:
    """Open the dashboard over published figures in a browser; Ctrl-C ends it."""
    from dashboard.launch import command, environment

    data_dir = load_settings(settings).data_dir
    out.print(f"http://127.0.0.1:{port}")
    done = subprocess.run(command(data_dir, port), env=os.environ | environment(data_dir), check=False)  # noqa: S603 - our own command
    raise typer.Exit(done.returncode)


@app.command()
def simulate(
    directory: Annotated[Path, typer.Option("--dir", help="Where to write settings for it.")] = Path("simulated"),
    people: Annotated[int, typer.Option(help="People in the municipality.", min=60)] = 1000,
    months: Annotated[int, typer.Option(help="Months of meetings and travel.", min=13)] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same municipality.")] = 1,
    port: Annotated[int, typer.Option("--port", help="Port; 0 takes a free one.")] = 0,
) -> None:
    """Serve the simulated municipality's vendors until Ctrl-C, and write settings that read from them."""
    from pipelines.demo import serve_until_stopped

    serve_until_stopped(directory, people, months, seed, port, out)
