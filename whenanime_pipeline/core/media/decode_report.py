"""Reports damage and gaps met while decoding a video."""

from dataclasses import dataclass, field

MAX_BRIDGED_GAP = 0.5  # seconds: shorter gaps are bridged by the previous picture, as in players
_MAX_LISTED_GAPS = 10  # gaps listed one by one, so that a badly broken file fills no page


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """Outcome of decoding; times in seconds from the container's start.

    Attributes:
        duration: Declared end of the pictures; None when the file declares none.
        decoded_until: End of the last decoded picture.
        missing_seconds: Length of the requested range without pictures, damaged or cut off.
        warnings: Short sentences for people; empty for an undamaged file.
    """

    duration: float | None
    decoded_until: float
    missing_seconds: float
    warnings: tuple[str, ...]


@dataclass(slots=True)
class DamageLog:
    """Counts damage during decoding.

    Attributes:
        broken_packets: Packets that could not be read or decoded.
        damaged_frames: Frames that the decoder marked as corrupt.
        backward_frames: Frames dropped for impossible times.
        gaps: Start and end of stretches without pictures, in seconds.
    """

    broken_packets: int = 0
    damaged_frames: int = 0
    backward_frames: int = 0
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def make_report(
        self, *, duration: float | None, decoded_until: float, requested_end: float | None
    ) -> DecodeReport:
        """Return the report of a finished decoding.

        Args:
            duration: Declared end of the pictures in seconds, None when unknown.
            decoded_until: End of the last decoded picture in seconds.
            requested_end: End of the requested range in seconds, None for the whole file.
        """
        warnings = [
            f"no picture from {a:.1f} s to {b:.1f} s" for a, b in self.gaps[:_MAX_LISTED_GAPS]
        ]
        if len(self.gaps) > _MAX_LISTED_GAPS:
            warnings.append(f"and {len(self.gaps) - _MAX_LISTED_GAPS} more such gaps")
        if self.broken_packets:
            warnings.append(f"broken packets left out: {self.broken_packets}")
        if self.damaged_frames:
            warnings.append(f"damaged pictures: {self.damaged_frames}")
        if self.backward_frames:
            warnings.append(f"pictures with impossible times left out: {self.backward_frames}")
        missing = sum(b - a for a, b in self.gaps)
        expected = min(t for t in (duration, requested_end, float("inf")) if t is not None)
        if MAX_BRIDGED_GAP < expected - decoded_until < float("inf"):
            lost = expected - decoded_until
            missing += lost
            warnings.append(
                f"ends at {decoded_until:.1f} s of {expected:.1f} s: {lost:.1f} s are missing"
            )
        return DecodeReport(duration, decoded_until, missing, tuple(warnings))
