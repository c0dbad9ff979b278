"""Cisco Meeting Server: the service that takes its call detail records, and the meetings put together from them."""
