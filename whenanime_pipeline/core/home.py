"""Where everything of one library lives: the layout of `WHENANIME_HOME`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock


def name_skipped(fingerprint: str) -> str:
    """Name the seconds of a content that its sampling leaves out of the index.

    Their frames and features are stored next to the content's own, under this name.
    """
    return f"{fingerprint}.skipped"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds all that is computed; the videos are elsewhere and only read."""

    root: Path

    @property
    def config_file(self) -> Path:
        """The operator's options, `config.toml`; may be missing."""
        return self.root / "config.toml"

    @property
    def catalogue_file(self) -> Path:
        """Which episodes exist."""
        return self.root / "catalogue.json"

    @property
    def unsettled_file(self) -> Path:
        """Files that were still being copied when the folder's sensor looked last."""
        return self.root / "being-copied.json"

    @property
    def problems_file(self) -> Path:
        """What the folder's sensor cannot use, and why; changes when that changes."""
        return self.root / "problems.json"

    @property
    def in_progress_file(self) -> Path:
        """The episode that a run of Dagster's works on, if any; written when that changes."""
        return self.root / "in-progress.json"

    @property
    def service_log(self) -> Path:
        """What Dagster's processes print."""
        return self.root / "logs" / "dagster.log"

    @property
    def readings_file(self) -> Path:
        """How each video is read where its header tells it wrong."""
        return self.root / "readings.json"

    @property
    def models(self) -> Path:
        """Trained models, a folder each, and the pointer to the one in use."""
        return self.root / "models"

    @property
    def theme_taggers(self) -> Path:
        """Trained taggers of themes, a folder each, and the pointer to the one in use."""
        return self.models / "themes"

    @property
    def dataset(self) -> Path:
        """What models are trained on: frames of the videos, their split, their views."""
        return self.root / "dataset"

    @property
    def snapshots(self) -> Path:
        """What the app reads: published indexes and the `LATEST` pointer."""
        return self.root / "snapshots"

    @property
    def dagster(self) -> Path:
        """`DAGSTER_HOME`: runs, events and schedules."""
        return self.root / "dagster"

    def frames_file(self, sampling_id: str, fingerprint: str) -> Path:
        """The distinct pictures of one video under one way of sampling."""
        return self.root / f"frames/{sampling_id}/{fingerprint}.arrow"

    def failure_file(self, sampling_id: str, fingerprint: str) -> Path:
        """Why that video gave no frames, when it did not."""
        return self.root / f"frames/{sampling_id}/{fingerprint}.failed.json"

    def list_failure_files(self) -> Iterator[tuple[str, Path]]:
        """Yield the fingerprint and the failure file of every video that has one."""
        for path in self.root.glob("frames/*/*.failed.json"):
            yield path.name.removesuffix(".failed.json"), path

    def features_file(self, model_id: str, sampling_id: str, fingerprint: str) -> Path:
        """The embeddings of those pictures by one model."""
        return self.root / f"features/{model_id}/{sampling_id}/{fingerprint}.parquet"

    def local_features_file(self, local_id: str, sampling_id: str, fingerprint: str) -> Path:
        """The local features of those pictures, described in one way."""
        return self.root / f"local/{local_id}/{sampling_id}/{fingerprint}.npz"

    def sound_track_file(self, track_id: str, fingerprint: str) -> Path:
        """The sound of one video as numbers over time, made in one way."""
        return self.root / f"tracks/sound/{track_id}/{fingerprint}.npz"

    def picture_statistics_file(self, statistics_id: str, sampling_id: str, content: str) -> Path:
        """The gray levels of the stored frames of one video."""
        return self.root / f"tracks/pictures/{statistics_id}/{sampling_id}/{content}.npz"

    def text_track_file(self, track_id: str, fingerprint: str) -> Path:
        """How much text one video shows near its beginning and end, found in one way."""
        return self.root / f"tracks/text/{track_id}/{fingerprint}.npz"

    def faces_file(self, faces_id: str, sampling_id: str, fingerprint: str) -> Path:
        """The faces in those pictures, found and cut out in one way."""
        return self.root / f"faces/{faces_id}/{sampling_id}/{fingerprint}.arrow"

    def season_themes_file(self, season_id: str) -> Path:
        """The themes of one season, and what they were computed from."""
        return self.root / f"themes/{season_id}.json"

    def list_season_themes_files(self) -> list[Path]:
        """Return the files of all seasons whose themes are known, sorted."""
        return sorted(self.root.glob("themes/*.json"))

    @property
    def theme_labels_file(self) -> Path:
        """The operator's word on themes; may be missing, and may be edited by hand."""
        return self.root / "themes.yaml"

    @property
    def last_theme_labels_file(self) -> Path:
        """The operator's word as it could be read last; in force while `themes.yaml` cannot be."""
        return self.root / "themes/last-labels.yaml"

    @property
    def theme_exports_file(self) -> Path:
        """Which files of themes were written outside the home, and what was written."""
        return self.root / "theme-exports.json"

    @property
    def operator_key_file(self) -> Path:
        """The operator's key, with which the page takes changes; made by the server."""
        return self.root / "app/operator-key"

    def lock(self, name: str) -> FileLock:
        """A lock between processes, given up by the system when its holder dies.

        Args:
            name: what is guarded: `catalogue`, `publish`, `index`, `themes`, `theme-exports`, or a
                content's fingerprint.
        """
        folder = self.root / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{name}.lock")
