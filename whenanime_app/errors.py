"""Errors that the API, the page and the searches share."""


class BusyError(Exception):
    """Too many are waiting already."""


class GoneError(Exception):
    """What a link points to has left the index, or its video is not here."""


class NothingIndexedError(Exception):
    """There is no snapshot yet."""
