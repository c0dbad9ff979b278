"""What became of an imported file: every row and every krona accounted for, in words for the person who imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

import polars as pl

from connectors.contract import MONEY
from connectors.files.mapped_rows import Understood
from connectors.files.periods import Covers
from connectors.files.profiles import Profile
from connectors.files.table_files import ROW_NUMBER

SHOWN_ROWS = 20

Status = Literal["landed", "read_again", "unchanged", "dry_run"]

_STATUS: Mapping[Status, str] = {
    "landed": "imported",
    "read_again": "the same file, read anew with the profile as it is now",
    "unchanged": "the same file is already imported; nothing changed",
    "dry_run": "dry run: nothing was written",
}
_REASONS: Mapping[str, str] = {
    "unreadable": "cannot be read",
    "missing": "is missing",
    "negative": "is below zero",
    "unknown_value": "has a word the profile does not know",
    "repeated": "occurs more than once",
    "out_of_range": "is out of range",
    "clock_change": "lies in the hour that the clock change makes uncertain",
}


@dataclass(frozen=True)
class Amounts:
    """Sums of one currency; ``read`` = ``landed`` + ``rejected`` + ``excluded``, to the öre."""

    read: Decimal
    landed: Decimal
    rejected: Decimal
    excluded: Decimal


@dataclass(frozen=True)
class Receipt:
    """What was understood of a file, what was not, and why.

    ``rows_read`` = ``rows_landed`` + ``rows_rejected`` + ``rows_excluded``. Unknown values are the file's own
    spellings: they are for the person who imports and are stored nowhere.
    """

    file: str
    kind: str
    profile: str
    file_sha256: str
    covers: Covers
    replaces_sha256: str | None
    rows_read: int
    rows_landed: int
    rows_rejected: int
    rows_excluded: int
    amounts: Mapping[str, Amounts] = field(default_factory=dict)
    """Per currency code; ``?`` where the file does not say which."""
    reasons: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(reason, field) to rejected rows."""
    rejected_rows: tuple[int, ...] = ()
    """The first rejected rows; row 1 is the first below the header."""
    excluded_by: Mapping[str, int] = field(default_factory=dict)
    unknown_values: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(field, spelling) to rows."""
    notes: Mapping[str, int] = field(default_factory=dict)
    status: Status = "dry_run"

    def ended(self, status: Status) -> Receipt:
        """The same receipt with how the import ended."""
        return replace(self, status=status)

    def file_row(self) -> dict[str, object]:
        """The row of ``files`` that makes the rows count."""
        kronor = self.amounts.get("SEK")
        return {
            "file_sha256": self.file_sha256,
            "kind": self.kind,
            "profile": self.profile,
            "covers_from": self.covers.first,
            "covers_to": self.covers.last,
            "covers_basis": self.covers.basis,
            "replaces_sha256": self.replaces_sha256,
            "rows_read": self.rows_read,
            "rows_landed": self.rows_landed,
            "rows_rejected": self.rows_rejected,
            "rows_excluded": self.rows_excluded,
            "amount_in_sek": kronor.read if kronor else None,
            "amount_landed_sek": kronor.landed if kronor else None,
            "amount_rejected_sek": kronor.rejected if kronor else None,
        }

    def lines(self) -> list[tuple[str, str]]:
        """The receipt as (what, value) pairs, for a table."""
        shown = [
            ("file", f"{self.file} ({self.kind}, profile {self.profile})"),
            ("outcome", _STATUS[self.status]),
            ("covers", f"{self.covers.first} – {self.covers.last} ({self.covers.basis})"),
            ("rows", _parts(self.rows_read, self.rows_landed, self.rows_rejected, self.rows_excluded)),
        ]
        if self.replaces_sha256:
            shown.append(("replaces", f"the file imported earlier as {self.replaces_sha256[:12]}…"))
        for currency, sums in self.amounts.items():
            shown.append((f"amount {currency}", _parts(sums.read, sums.landed, sums.rejected, sums.excluded)))
        for (reason, name), count in self.reasons.items():
            shown.append(("not understood", f"{name} {_REASONS.get(reason, reason)}: {count}"))
        if self.rejected_rows:
            more = " …" if self.rows_rejected > len(self.rejected_rows) else ""
            shown.append(("in rows", ", ".join(str(row) for row in self.rejected_rows) + more))
        shown += [("excluded by", f"{rule}: {count}") for rule, count in self.excluded_by.items()]
        shown += [
            ("unknown word", f"{name} “{spelling}”: {count}") for (name, spelling), count in self.unknown_values.items()
        ]
        shown += [("note", f"{note}: {count}") for note, count in self.notes.items()]
        return shown

    def __str__(self) -> str:
        lines = self.lines()
        width = max(len(what) for what, _ in lines)
        return "\n".join(f"{what:<{width}}  {value}" for what, value in lines)


def account(
    name: str, profile: Profile, sha: str, covers: Covers, replaces: str | None, found: Understood, titles: int = 0
) -> Receipt:
    """Count every row and sum every amount by what became of it; ``titles`` are the rows above the header.

    Raises:
        ArithmeticError: rows or amounts do not add up, which is a fault in resfri.
    """
    outcome = found.outcome.with_columns(
        pl.when(pl.col("rule").is_not_null())
        .then(pl.lit("excluded"))
        .when(pl.col("reason").is_not_null())
        .then(pl.lit("rejected"))
        .otherwise(pl.lit("landed"))
        .alias("outcome")
    )
    counts = dict(outcome.group_by("outcome").len().iter_rows())
    rejected = outcome.filter(pl.col("outcome") == "rejected")
    stands_for = found.rows.height if found.landed is None else found.landed
    if stands_for != counts.get("landed", 0):
        raise ArithmeticError(f"{name}: rows read are not the rows landed, rejected and excluded")
    return Receipt(
        file=name,
        kind=profile.kind,
        profile=profile.name,
        file_sha256=sha,
        covers=covers,
        replaces_sha256=replaces,
        rows_read=outcome.height + titles,
        rows_landed=counts.get("landed", 0),
        rows_rejected=counts.get("rejected", 0),
        rows_excluded=counts.get("excluded", 0) + titles,
        amounts=_amounts(name, outcome, found.rows),
        reasons={(reason, name): n for reason, name, n in _counts(rejected.select("reason", "field")).iter_rows()},
        rejected_rows=tuple(rejected[ROW_NUMBER].head(SHOWN_ROWS)),
        excluded_by=dict(_counts(outcome.select("rule").drop_nulls()).iter_rows())
        | ({"title_row": titles} if titles else {}),
        unknown_values=found.unknown_values,
        notes=found.notes,
    )


def _amounts(name: str, outcome: pl.DataFrame, rows: pl.DataFrame) -> dict[str, Amounts]:
    sums = outcome.drop_nulls("amount").with_columns(pl.col("currency").fill_null("?"))
    found = {}
    if "amount" in rows.columns:
        rows = rows.select("amount", "currency")
    elif sums.height:  # shared out between rows of their own, in kronor
        rows = rows.select(pl.col("cost_sek").alias("amount"), pl.lit("SEK").alias("currency"))
    for currency in sums["currency"].unique().sort():
        of_currency = sums.filter(pl.col("currency") == currency)
        landed = rows.filter(pl.col("currency").fill_null("?") == currency)["amount"]
        parts = {
            part: _sum(of_currency.filter(pl.col("outcome") == part)["amount"]) for part in ("rejected", "excluded")
        }
        found[currency] = Amounts(_sum(of_currency["amount"]), _sum(landed), **parts)
        if found[currency].read != _sum(landed) + parts["rejected"] + parts["excluded"]:
            raise ArithmeticError(f"{name}: amounts read are not the amounts landed, rejected and excluded")
    return found


def _parts(read: object, landed: object, rejected: object, excluded: object) -> str:
    return f"{read} read = {landed} understood + {rejected} not understood + {excluded} excluded"


def _sum(amounts: pl.Series) -> Decimal:
    # the sum of no amounts is an int; landing wants two decimals
    return Decimal(amounts.cast(MONEY).sum() or 0).quantize(Decimal("0.01"))


def _counts(frame: pl.DataFrame) -> pl.DataFrame:
    """Distinct rows with their number, the most frequent first."""
    by = frame.columns
    return frame.group_by(by).len().sort("len", *by, descending=[True, *(False for _ in by)])
