"""Reads films as tracks with the samples of their sound, and keeps them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_reading import PLAIN
from whenanime_pipeline.core.media.sound_decoding import SoundFormat, open_sound
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.themes.tracks.episode_tracks import PictureTrack
from whenanime_pipeline.core.themes.tracks.file_tracks import read_file_tracks
from whenanime_pipeline.core.themes.tracks.sound_bands import SOUND_RATE

Sound = NDArray[np.float32]
_FORMAT = SoundFormat("s16p", "mono", SOUND_RATE)
_FIELDS = ("frames", "vectors", "hashes", "is_flat", "cuts")


@dataclass(frozen=True, slots=True)
class Film:
    """A film as it can be cut and joined.

    Attributes:
        name: of its file.
        pictures: its picture track.
        sound: `(samples,)` at `SOUND_RATE`; empty without sound.
    """

    name: str
    pictures: PictureTrack
    sound: Sound

    @property
    def seconds(self) -> float:
        """Length of the pictures."""
        return len(self.pictures.frames) / 8


def read_samples(path: Path, seconds: float = 3600.0) -> Sound:
    """Return the sound of a file, `(samples,)` at `SOUND_RATE`; empty without sound."""
    parts: list[Sound] = []
    for piece in open_sound(path, PLAIN, 0.0, seconds):
        parts += [block.samples[0].astype(np.float32) / 32_768 for block in piece.decode(_FORMAT)]
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def read_films(paths: Sequence[Path], cache: Path, log: Callable[[str], None]) -> list[Film]:
    """Return films as tracks; they are read once.

    Args:
        paths: of the films.
        cache: folder that they are kept in.
        log: takes one line of progress.
    """
    cache.mkdir(parents=True, exist_ok=True)
    embedder = Embedder.load(base_model_folder())
    return [_read_film(path, cache / f"{path.stem}.npz", embedder, log) for path in paths]


def _read_film(path: Path, kept: Path, embedder: Embedder, log: Callable[[str], None]) -> Film:
    if not kept.exists():
        log(f"reading {path.name}")
        pictures = read_file_tracks(path, embedder).pictures
        assert pictures is not None
        fields = {name: getattr(pictures, name) for name in _FIELDS}
        part = kept.with_name(f"{kept.stem}.part.npz")
        np.savez(part, sound=read_samples(path), **fields)
        part.replace(kept)
    with np.load(kept) as stored:
        track = PictureTrack(**{name: stored[name] for name in _FIELDS})
        return Film(path.name, track, stored["sound"])
