"""Serves the search page and its API from a published snapshot; needs neither Dagster nor torch."""
