"""Reads the sound of a range of a video as samples."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.sound_decoding import SoundFormat, open_sound
from whenanime_pipeline.core.media.video import Source

SAMPLE_RATE = 48_000  # samples per second
_STEREO = SoundFormat("fltp", "stereo", SAMPLE_RATE)


def read_sound(
    source: Source, start: float, end: float, reading: FileReading | None = None
) -> NDArray[np.float32] | None:
    """Return the sound between two seconds, synchronous with the pictures.

    Args:
        source: Path of the video, or a seekable binary stream.
        start: Second of the player's clock.
        end: Second at which to stop.
        reading: How the file is read where its header tells it wrong.

    Returns:
        (2, samples) at `SAMPLE_RATE`, from -1 to 1, zero where sound is missing or broken; None for
        a file without sound.

    Raises:
        MediaError: The file cannot be opened.
    """
    first = round(start * SAMPLE_RATE)
    sound: NDArray[np.float32] | None = None
    for piece in open_sound(source, reading or PLAIN, start, end):
        if sound is None:
            sound = np.zeros((2, round((end - start) * SAMPLE_RATE)), np.float32)
        for position, samples in piece.decode(_STEREO):
            room = sound[:, position - first :]
            room[:, : samples.shape[1]] = samples[:, : room.shape[1]]
    return sound
