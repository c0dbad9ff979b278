"""The dashboard, reading published files only."""
