"""How the dashboard is started: one command and its environment, with nothing sent anywhere."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from reports.errors import ReportError

DATA_DIR = "RESFRI_DATA_DIR"
"""Environment variable that names the folder with one folder per organisation."""

_OPTIONS = {
    "server.headless": "true",  # opens no browser and asks for no mail address
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "theme.base": "light",
    "theme.primaryColor": "#0b5563",
    "theme.textColor": "#1d2529",
}


def command(data_dir: Path, port: int) -> list[str]:
    """The command that serves the dashboard on this machine only.

    Args:
        data_dir: the data folder; :func:`environment` hands it to the page.
        port: where it listens.

    Raises:
        ReportError: the data folder does not exist.
    """
    if not data_dir.is_dir():
        raise ReportError(f"The data folder {data_dir} does not exist. Check data_dir in settings.")
    app = str(files("dashboard").joinpath("app.py"))
    options = {**_OPTIONS, "server.port": str(port)}
    return [sys.executable, "-m", "streamlit", "run", app, *(f"--{name}={value}" for name, value in options.items())]


def environment(data_dir: Path) -> dict[str, str]:
    """What to add to the environment of the command.

    Args:
        data_dir: the data folder, with one folder per organisation.
    """
    return {DATA_DIR: str(data_dir.resolve()), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
