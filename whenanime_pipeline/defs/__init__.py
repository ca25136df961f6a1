"""Dagster's side of the pipeline: thin assets around `whenanime_pipeline.core`."""
