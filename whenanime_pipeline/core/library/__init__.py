"""Catalogues the episodes in the videos folder: names, keys, metadata, fingerprints and changes.

Reads files and folders; decodes no video, and knows neither Dagster nor the index.
"""
