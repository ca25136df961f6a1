"""Errors of files and pictures that cannot be used, and the messages that name the reason."""

from os import PathLike


class MediaError(Exception):
    """A file cannot be used at all; damage alone is a warning in a `DecodeReport`.

    Args:
        path: File, as the caller named it.
        reason: Short description of the problem, to follow "path: ".
    """

    def __init__(self, path: str | PathLike[str], reason: str) -> None:
        super().__init__(path, reason)  # both, so that the error survives pickling
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class PictureError(MediaError):
    """An uploaded picture is refused; the reason is a sentence for the client."""

    def __init__(self, reason: str) -> None:
        super().__init__("picture", reason)
        self.args = (reason,)

    def __str__(self) -> str:
        return self.reason


class LargePictureError(PictureError):
    """An uploaded picture is refused because it has too many pixels."""
