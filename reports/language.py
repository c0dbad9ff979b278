"""Words and numbers of one language: texts from ``texts/<language>.toml``, numbers by Babel."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from reports.cells import Cell
from reports.periods import LOCALES, LanguageCode, Period, month_label, month_short

NumberKind = Literal["number", "share", "change"]
DASH = "—"

# Decimals by indicator: as many as the figure can carry, so that a column reads evenly.
_DECIMALS: dict[str, int] = {
    "digital_meetings_per_fte": 1,
    "trips_per_fte": 2,
    "travel_days_per_fte": 2,
    "travel_cost_per_fte": 0,
    "travel_co2_per_fte": 1,
    "count": 0,
    "factor": 4,
}
_SHARES = {
    "digital_share", "replacement_rate", "meeting_form_share", "reach", "technical_trouble", "target_progress",
}  # fmt: skip
_CHANGES = {"travel_change"}


@dataclass(frozen=True)
class Language:
    """Everything that differs between a Swedish and an English report."""

    code: LanguageCode
    texts: Mapping[str, object]

    def __call__(self, key: str, **values: object) -> str:
        """The text with a dotted key, its ``{fields}`` filled in.

        Raises:
            KeyError: the text file lacks the key.
        """
        text = self._look(key)
        if not isinstance(text, str):
            raise KeyError(key)
        return text.format(**values) if values else text

    def word(self, section: str, code: str | None) -> str:
        """A code in words, e.g. ``word("mode", "rail")``; a code nobody has put into words stands as it is."""
        found = self._look(f"{section}.{code}", None)
        return found if isinstance(found, str) else str(code if code is not None else DASH)

    def has(self, section: str, code: str) -> bool:
        """Whether a code has words."""
        return isinstance(self._look(f"{section}.{code}", None), str)

    def keys_of(self, section: str) -> tuple[str, ...]:
        """The keys of a section, in the order of the text file."""
        found = self._look(section)
        return tuple(found) if isinstance(found, Mapping) else ()

    def reason(self, code: str | None, *, short: bool = False) -> str:
        """Why there is no figure, in words; short for table cells."""
        section = "reason_short" if short else "reason"
        if code is None or not self.has(section, code):
            return self(f"{section}.other") + (f" ({code})" if code else "")
        return self(f"{section}.{code}")

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with the language's decimal sign and grouping; what is not zero never reads as zero."""
        if value and abs(value) < 0.5 * 10**-decimals:
            decimals = -math.floor(math.log10(abs(value)))
        rounded = round(value, decimals) + 0.0  # + 0.0: no "−0"
        pattern = "#,##0" + ("." + "0" * decimals if decimals > 0 else "")
        return self._minus(str(format_decimal(rounded, format=pattern, locale=LOCALES[self.code])))

    def share(self, value: float, decimals: int = 0) -> str:
        """A share as per cent, e.g. ``31 %``."""
        if value and abs(value) < 0.005 * 10**-decimals:
            decimals = -math.floor(math.log10(abs(value) * 100))
        pattern = "#,##0" + ("." + "0" * decimals if decimals > 0 else "") + ("\u00a0%" if self.code == "sv" else "%")
        rounded = round(value, decimals + 2) + 0.0
        return self._minus(str(format_percent(rounded, format=pattern, locale=LOCALES[self.code])))

    def change(self, value: float) -> str:
        """A relative change with its sign, e.g. ``−25 %`` or ``+4 %``."""
        text = self.share(value)
        return f"+{text}" if value > 0 else text

    def interval(self, low: float, high: float) -> str:
        """An interval of shares: ``24–36 %``, with ``till`` where a minus sign would be read as a dash."""
        first, last = self.share(low), self.share(high)
        if low < 0 or high < 0:
            return f"{first} {self('to')} {last}"
        return f"{first.rstrip('%').rstrip()}–{last}"

    def value(self, indicator: str, value: float) -> str:
        """A figure of an indicator, without its unit except for per cent."""
        if indicator in _CHANGES:
            return self.change(value)
        if indicator in _SHARES:
            return self.share(value)
        return self.number(value, 0 if abs(value) >= 100 else _DECIMALS.get(indicator, 2))

    def cell(self, indicator: str, cell: Cell) -> str:
        """A published cell: the figure with its interval, or a dash and the reason in words."""
        if cell.value is None:
            return f"{DASH} {self.reason(cell.why, short=True)}"
        text = self.value(indicator, cell.value)
        if cell.low is not None and cell.high is not None and indicator in _SHARES:
            text += f" ({self.interval(cell.low, cell.high)})"
        return text

    def period(self, period: Period) -> str:
        """A period in words."""
        return period.label(self.code)

    def month(self, day: date) -> str:
        """A month in words with its year."""
        return month_label(day, self.code)

    def month_axis(self, day: date) -> str:
        """A month in three letters."""
        return month_short(day, self.code)

    def day(self, day: date) -> str:
        """A day in words."""
        return str(format_date(day, "d MMMM y", locale=LOCALES[self.code]))

    def listed(self, items: list[str]) -> str:
        """Items as a list in a sentence."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self('and')} {items[-1]}"

    def _minus(self, text: str) -> str:
        return text.replace("-", "−")

    def _look(self, key: str, *default: object) -> object:
        found: object = self.texts
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                if default:
                    return default[0]
                raise KeyError(key)
            found = found[part]
        return found


def number_kind(indicator: str) -> NumberKind:
    """How figures of an indicator are written: as a number, a share or a change."""
    if indicator in _CHANGES:
        return "change"
    return "share" if indicator in _SHARES else "number"


def decimals_of(indicator: str) -> int:
    """Decimals shown for an indicator that is not a share."""
    return _DECIMALS.get(indicator, 2)


@cache
def language(code: LanguageCode) -> Language:
    """The texts and number formats of a language, ``sv`` or ``en``."""
    text = files("reports").joinpath("texts", f"{code}.toml").read_text(encoding="utf-8")
    return Language(code, tomllib.loads(text))
