"""Which episodes exist: names, keys, metadata, fingerprints, and what changed since the last look.

Knows files and folders; decodes no video, and knows neither Dagster nor the index.
"""
