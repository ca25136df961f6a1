"""Errors of commands, and how they are formatted."""


class CommandError(Exception):
    """A command cannot continue; the message says why and what to do."""


def format_error(error: Exception) -> str:
    """Return an error's message; for errors of the system in the form `file: reason`."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)
