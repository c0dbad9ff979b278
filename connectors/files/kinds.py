"""Which reader reads which kind of file."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date

from connectors.errors import ConfigurationError
from connectors.files.departments import read_departments
from connectors.files.mapped_rows import Understood, is_rejected
from connectors.files.meeting_costs import read_meeting_costs
from connectors.files.meetings import read_meetings
from connectors.files.profiles import Profile
from connectors.files.sites import read_sites
from connectors.files.staff import read_staff
from connectors.files.survey import SMALLEST_GROUP, read_survey
from connectors.files.table_files import TextTable
from connectors.files.totals import read_totals
from connectors.files.training import read_training
from connectors.files.travel import read_travel
from connectors.pseudonyms import Pseudonyms


def read_rows(
    table: TextTable,
    profile: Profile,
    pseudonyms: Pseudonyms,
    *,
    valid_from: date | None = None,
    smallest_group: int = SMALLEST_GROUP,
    landed_elsewhere: AbstractSet[str] = frozenset(),
) -> Understood:
    """Read a table as its profile says.

    Args:
        table: the file as texts.
        profile: what its columns and rows mean.
        pseudonyms: of the organisation.
        valid_from: since when a register is as the file says.
        smallest_group: of a survey.
        landed_elsewhere: meetings that another file of the profile has brought already.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    match profile.kind:
        case "travel":
            return read_travel(table, profile, pseudonyms)
        case "staff":
            return read_staff(table, profile)
        case "departments":
            return read_departments(table, profile)
        case "sites":
            return read_sites(table, profile, valid_from)
        case "survey":
            return read_survey(table, profile, smallest_group)
        case "training":
            return read_training(table, profile)
        case "meeting_costs":
            return read_meeting_costs(table, profile)
        case "meeting_totals" | "travel_totals":
            return read_totals(table, profile)
        case "meetings":
            return read_meetings(table, profile, pseudonyms, landed_elsewhere)


def refuse_if_nothing_is_understood(table: TextTable, profile: Profile, found: Understood) -> None:
    """Stop at a file of which every row is rejected: it is another export, or the profile is wrong.

    Raises:
        ConfigurationError: not one row can be read.
    """
    rejected = found.outcome.filter(is_rejected())
    if rejected.height and rejected.height == found.outcome["rule"].null_count():
        reason, name = rejected.row(0, named=True)["reason"], rejected["field"][0]
        raise ConfigurationError(
            f"{table.name}: not one of {rejected.height} rows can be read with profile {profile.name} (first: "
            f"{name} {reason}); check that it is the right export, or correct the profile"
        )
