"""What a decoding came across: how far it got, what is missing, in words for a person."""

from dataclasses import dataclass, field

HOLD = 0.5  # seconds: shorter breaks are bridged by the picture before them, as players do
_LISTED = 10  # gaps named one by one; a thoroughly broken file must not fill a page


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

    errors: int = 0
    damaged: int = 0
    backwards: int = 0
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def report(
        self, *, duration: float | None, decoded_until: float, asked_end: float | None
    ) -> DecodeReport:
        """Close the log.

        Args:
            duration: Declared end of the pictures in seconds, None when unknown.
            decoded_until: End of the last decoded picture in seconds.
            asked_end: End of the range that was asked for, None for the whole file.
        """
        warnings = [f"no picture from {a:.1f} s to {b:.1f} s" for a, b in self.gaps[:_LISTED]]
        if len(self.gaps) > _LISTED:
            warnings.append(f"and {len(self.gaps) - _LISTED} more such gaps")
        if self.errors:
            warnings.append(f"broken packets left out: {self.errors}")
        if self.damaged:
            warnings.append(f"damaged pictures: {self.damaged}")
        if self.backwards:
            warnings.append(f"pictures with impossible times left out: {self.backwards}")
        missing = sum(b - a for a, b in self.gaps)
        expected = min(t for t in (duration, asked_end, float("inf")) if t is not None)
        if HOLD < expected - decoded_until < float("inf"):
            lost = expected - decoded_until
            missing += lost
            warnings.append(
                f"ends at {decoded_until:.1f} s of {expected:.1f} s: {lost:.1f} s are missing"
            )
        return DecodeReport(duration, decoded_until, missing, tuple(warnings))
