"""Shows a person how far a run has come, and afterwards what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipelines.runs import RunResult, run
from pipelines.runtime import Runtime
from pipelines.settings import Organisation, Settings


def run_with_progress(
    settings: Settings,
    organisations: Sequence[Organisation],
    source: str | None,
    first: date | None,
    last: date | None,
    runtime: Runtime,
    console: Console,
) -> list[RunResult]:
    """Run as :func:`pipelines.runs.run` and tell the console: records as they come, then a line per source and file."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting")

        def tell(organisation: str, name: str, records: int) -> None:
            progress.update(task, description=f"{organisation}: {name}: {records:,} records")

        results = run(settings, organisations, source, first, last, replace(runtime, progress=tell))
    for result in results:
        for name, became in result.pulled.items():
            excluded = sum(became["excluded"].values())
            console.print(
                f"{result.organisation}: {name}: {became['pulled']} read = {became['landed']} landed + "
                f"{became['rejected']} rejected + {excluded} excluded, {became['requests']} requests",
                markup=False,
            )
        for line in result.files:
            console.print(f"{result.organisation}: {line}", markup=False)
        if result.version:
            console.print(f"{result.organisation}: published {result.version}", markup=False)
    return results
