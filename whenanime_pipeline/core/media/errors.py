"""Errors of files and pictures that cannot be used, and the messages that name the reason."""

from os import PathLike

from whenanime_pipeline.core.messages import Message, MessageError, MessageTemplate


class MediaMessage(MessageTemplate):
    """Reasons why a file cannot be used; each follows "path: "."""

    EMPTY_FILE = "the file is empty (0 bytes)"
    NOT_A_VIDEO = "not a readable video file ({why})"
    NO_VIDEO_STREAM = "there is no video stream in this file, so nothing to look at"
    ONLY_COVER_ART = "there is only cover art in this file, so nothing to look at"
    NO_DECODER = "there is no decoder for its video stream"
    NOTHING_DECODED = "not one picture in it could be decoded"
    NOTHING_DECODED_AT_START = "no picture could be decoded at its beginning"
    NOTHING_DECODED_AROUND = "no picture could be decoded around {at} s"
    NOTHING_DECODED_FROM = "no picture could be decoded from {at} s on"
    NO_TRAINING_FRAMES = "no picture could be decoded where training frames are taken"
    ALL_SKIPPED = "no frame lies between the skipped opening and ending"
    DOLBY_VISION = (
        "its pictures are Dolby Vision of profile 5, whose colours only its own decoders restore;"
        " convert it to HDR10 or SDR"
    )
    FILM_PART = "its part {file} cannot be read: {why}"
    FILM_LENGTH = "its length cannot be found"
    LINKED_FILE = "the file {file}, which it links, cannot be read from here"
    VIDEO_SIZE = "its pictures are {width}×{height}; at most {megapixels} megapixels are read"


class SystemMessage(MessageTemplate):
    """What the system and FFmpeg most often say of a file that cannot be read."""

    INVALID_DATA = "Invalid data found when processing input"
    END_OF_FILE = "End of file"
    FILE_NOT_FOUND = "No such file or directory"
    PERMISSION_DENIED = "Permission denied"
    INPUT_OUTPUT = "Input/output error"


class PictureMessage(MessageTemplate):
    """Sentences for the client whose picture or short video is refused."""

    DAMAGED_PICTURE = "This picture is damaged or cut short; please send it again."
    EMPTY_PICTURE = "This picture is empty (0 bytes)."
    EMPTY_VIDEO = "This video is empty (0 bytes)."
    PICTURE_BYTES = "This picture has {mebibytes} MiB; at most {limit} MiB are read."
    VIDEO_BYTES = "This video has {mebibytes} MiB; at most {limit} MiB are read."
    PICTURE_PIXELS = "This picture is too large; at most {megapixels} megapixels are read."
    PICTURE_SIZE = "This picture is {width}×{height}; at most {megapixels} megapixels are read."
    NOT_A_PICTURE = "This is not a picture that can be read: send JPEG, PNG, WebP, GIF or AVIF."
    FORMAT_NOT_READ = (
        "{kind} is not read here: save the picture as PNG or JPEG, "
        "or install whenanime[pictures] on the server."
    )
    FORMAT_NOT_DECODED = (
        "This {kind} picture is damaged or takes too much to decode: save it as PNG or JPEG."
    )
    UNUSABLE_VIDEO = "This video cannot be used: {why}."


class MediaError(MessageError):
    """A file cannot be used at all; damage alone is a warning in a `DecodeReport`.

    Args:
        path: File, as the caller named it.
        message: Short description of the problem, to follow "path: ".
    """

    def __init__(self, path: str | PathLike[str], message: Message) -> None:
        super().__init__(message)
        self.args = (path, message)  # both, so that the error survives pickling
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"

    @property
    def reason(self) -> str:
        """The reason in English, without the path."""
        return self.message.text


class PictureError(MediaError):
    """An uploaded picture is refused; the message is a sentence for the client.

    Args:
        message: Sentence for the client.
    """

    def __init__(self, message: Message) -> None:
        super().__init__("picture", message)
        self.args = (message,)

    def __str__(self) -> str:
        return self.reason


class LargePictureError(PictureError):
    """An uploaded picture is refused because it has too many pixels."""
