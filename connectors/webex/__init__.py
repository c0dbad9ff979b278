"""Cisco Webex: meetings, people and rooms of an organisation, through its REST API."""
