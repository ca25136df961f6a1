"""Errors of commands, for the person who gave them."""


class CommandError(Exception):
    """The command stops here; the message says why and what to do."""


def format_error(error: Exception) -> str:
    """Return an error's message; that of the system with the file first, as all others are."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)
