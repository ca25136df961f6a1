"""What can go wrong with stored tracks."""

from whenanime_pipeline.core.search.errors import SearchError


class TrackError(SearchError):
    """A stored track is damaged; the message names the file and what to do."""
