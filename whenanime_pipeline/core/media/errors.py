"""What can go wrong with a file or a picture, in words that name it."""

from os import PathLike


class MediaError(Exception):
    """A file cannot be used at all; what is merely damaged is a warning in a report instead.

    Args:
        path: The file, as the caller named it.
        reason: What is wrong, in a few words that go after "path: ".
    """

    def __init__(self, path: str | PathLike[str], reason: str) -> None:
        super().__init__(path, reason)  # both, so that the error survives pickling
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class PictureError(MediaError):
    """An uploaded picture is refused; the reason is a sentence for the stranger who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__("picture", reason)
        self.args = (reason,)

    def __str__(self) -> str:
        return self.reason


class LargePictureError(PictureError):
    """An uploaded picture is refused because it has too many pixels."""
