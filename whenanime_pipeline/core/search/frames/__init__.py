"""Distinct frames of a video: sampling, extraction, storage, timeline."""
