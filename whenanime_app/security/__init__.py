"""Protects the server: limits, headers, safe fetching, logs without secrets."""
