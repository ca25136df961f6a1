"""Errors of taggers; the message names the file and what to do."""

from whenanime_pipeline.core.search.errors import SearchError


class TaggerError(SearchError):
    """A tagger is missing, damaged or of another version."""
