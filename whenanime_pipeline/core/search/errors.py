"""What can go wrong between stored frames and an answer."""


class SearchError(Exception):
    """Base of this room's errors; the message names the file and what to do."""


class FramesError(SearchError):
    """A file of stored frames or features is damaged or from another version."""


class ContentGoneError(FramesError):
    """A content left the library, and its snapshot was cleared away under its reader."""


class ModelError(SearchError):
    """A model is missing, damaged or from another version."""


class SnapshotError(SearchError):
    """A snapshot is incomplete, damaged or from a newer version."""
