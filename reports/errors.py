"""Why a report could not be made, each with what to do next; the message is one line."""

from __future__ import annotations


class ReportError(Exception):
    """A report, explanation or page cannot be made. Catch the subclasses to tell the cases apart."""


class NothingPublished(ReportError):  # noqa: N818 - named by what happened
    """The organisation has no published version yet."""


class PublishedFileUnreadable(ReportError):  # noqa: N818 - named by what happened
    """The published file is missing, damaged or not one of ours. Never to be shown as figures of zero."""


class PeriodUnknown(ReportError):  # noqa: N818 - named by what happened
    """The period is not written as a period, or nothing is published for it."""


class IndicatorUnknown(ReportError):  # noqa: N818 - named by what happened
    """No such indicator in the published file."""
