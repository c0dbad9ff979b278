"""Why a file is not imported, where whoever imports it can do something else than give up."""

from __future__ import annotations

from connectors.errors import ConfigurationError


class NotDescribed(ConfigurationError):  # noqa: N818 - named by what is wrong
    """The file lacks columns that its profile needs: another profile may describe it."""


class NoDatedRows(ConfigurationError):  # noqa: N818 - named by what is wrong
    """No row tells what period the file covers: somebody may declare it."""
