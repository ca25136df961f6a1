"""WhenAnime's pipeline: videos in, searchable snapshots out.

Importing this package loads nothing: `whenanime_pipeline.core` is usable without Dagster, and
Dagster's side is reached through `whenanime_pipeline.definitions`.
"""
