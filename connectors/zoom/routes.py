"""The routes at Zoom that are asked, by the names that messages give them, and the scope that each needs."""

from __future__ import annotations

from collections.abc import Mapping

HISTORY = "GET /report/history_meetings"
DASHBOARD = "GET /metrics/meetings"
HOSTS = "GET /report/users"
HOSTED = "GET /report/users/{userId}/meetings"
DAILY = "GET /report/daily"
REPORT_PEOPLE = "GET /report/meetings/{meetingId}/participants"
DASHBOARD_PEOPLE = "GET /metrics/meetings/{meetingId}/participants"
USERS = "GET /users"
SCOPES: Mapping[str, str] = {
    HISTORY: "report:read:list_history_meetings:admin",
    DASHBOARD: "dashboard:read:list_meetings:admin",
    HOSTS: "report:read:list_users:admin",
    HOSTED: "report:read:user:admin",
    DAILY: "report:read:daily_usage:admin",
    REPORT_PEOPLE: "report:read:list_meeting_participants:admin",
    DASHBOARD_PEOPLE: "dashboard:read:list_meeting_participants:admin",
    USERS: "user:read:list_users:admin",
}
"""Route to the granular scope it needs."""

CLASSIC_SCOPES: Mapping[str, str] = {
    "report": "report:read:admin",
    "dashboard": "dashboard_meetings:read:admin",
    "user": "user:read:admin",
}
"""First word of a granular scope to the older scope that holds it, which apps made before 2024 have."""
