"""Snapshots: planned, built, checked, published, read."""
