"""What can go wrong between stored frames and an answer."""

from whenanime_pipeline.core.messages import Message, MessageError, MessageTemplate


class SearchError(Exception):
    """Base of this room's errors; the message names the file and what to do."""


class FramesError(SearchError):
    """A file of stored frames or features is damaged or from another version."""


class ContentGoneError(FramesError):
    """A content left the library, and its snapshot was cleared away under its reader."""


class ModelError(SearchError):
    """A model is missing, damaged or from another version."""


class SnapshotMessage(MessageTemplate):
    """Reasons why a published snapshot cannot be loaded, of which a page tells its visitors."""

    CHANGED_FILE = "{path}: not the file that was published; index again"
    UNREADABLE_FILE = "{path}: cannot be read; index again ({why})"
    NEWER_SNAPSHOT = (
        "{path}: a snapshot of version {version}; this program reads up to {supported}. "
        "Update whenanime, or index again with this version"
    )


class SnapshotError(SearchError, MessageError):
    """A snapshot is incomplete, damaged or from a newer version.

    Args:
        message: with a code where a page has a translation.
    """

    def __init__(self, message: Message | str) -> None:
        super().__init__(message if isinstance(message, Message) else Message(message))
