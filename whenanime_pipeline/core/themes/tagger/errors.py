"""Errors of taggers; the message names the file and what to do."""

from whenanime_pipeline.core.themes.errors import ThemesError


class TaggerError(ThemesError):
    """A tagger is missing, damaged or of another version."""
