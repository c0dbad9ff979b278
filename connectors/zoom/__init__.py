"""Zoom: meetings and users of an account, through its REST API."""
