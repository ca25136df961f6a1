"""Errors of finding faces; each message names what is at fault and what to do."""


class CharactersError(Exception):
    """Base class of the errors of this package."""


class DetectorError(CharactersError):
    """The face detector is missing, cannot be loaded, or finds nothing where a face is."""


class DetectorExitedError(CharactersError):
    """The detector's process ended at a picture, or took too long; the next picture has another."""


class FacesError(CharactersError):
    """Stored faces are missing or damaged."""
