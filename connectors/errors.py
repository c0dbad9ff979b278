"""Errors of connectors, named by what to do about them.

Every message says what happened, where, and what to do next, and holds no token, name or address.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Something a connector met. Catch the subclasses."""


class ConfigurationError(ConnectorError):
    """Settings or a permission must be mended by a person; trying again does not help."""


class RetryLater(ConnectorError):  # noqa: N818 - named by what to do
    """The vendor could not answer now; the next run may succeed without anyone doing anything."""


class SkippedRecord(ConnectorError):  # noqa: N818 - named by what to do
    """One record is gone or refused at the vendor; it is counted under ``rule`` and the rest goes on."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class VendorChanged(ConnectorError):  # noqa: N818 - named by what happened
    """The vendor's answer no longer has the documented shape; resfri must be updated."""
