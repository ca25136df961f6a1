"""The search page and its API on one port, over a published snapshot; no Dagster, no torch."""
