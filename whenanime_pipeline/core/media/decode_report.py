"""What a decoding came across: how far it got, what is missing, in words for a person."""

from dataclasses import dataclass, field

MAX_BRIDGED_GAP = (
    0.5  # seconds: shorter breaks are bridged by the picture before them, as players do
)
_MAX_LISTED_GAPS = 10  # gaps named one by one; a thoroughly broken file must not fill a page


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """The outcome of a decoding; times in seconds from the container's start.

    Attributes:
        duration: The pictures' end as the file declares it; None when it declares none.
        decoded_until: End of the last decoded picture.
        missing_seconds: How much of the asked range has no picture for being damaged or cut off.
        warnings: Each a short sentence; empty for a sound file.
    """

    duration: float | None
    decoded_until: float
    missing_seconds: float
    warnings: tuple[str, ...]


@dataclass(slots=True)
class DamageLog:
    """Collects what goes wrong while decoding goes on."""

    broken_packets: int = 0
    damaged_frames: int = 0
    backward_frames: int = 0
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def make_report(
        self, *, duration: float | None, decoded_until: float, requested_end: float | None
    ) -> DecodeReport:
        """Close the log.

        Args:
            duration: Declared end of the pictures in seconds, None when unknown.
            decoded_until: End of the last decoded picture in seconds.
            requested_end: End of the range that was asked for, None for the whole file.
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
