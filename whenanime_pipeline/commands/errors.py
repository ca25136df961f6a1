"""What a command cannot do, told to the person who gave it."""


class CommandError(Exception):
    """The command stops here; the message says why and what to do."""
