"""The dashboard, reading published files only."""

from __future__ import annotations

from dashboard.launch import command as command
from dashboard.launch import environment as environment
