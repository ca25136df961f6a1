"""Errors shared by the API, the page and the searches."""


class BusyError(Exception):
    """Too many requests are waiting, or their data takes too much memory."""


class GoneError(Exception):
    """The frame that a link points to has left the index, or its video is not available."""


class NothingIndexedError(Exception):
    """No snapshot has been published yet."""
