"""Whether an address can be listened on, asked before anything is started."""

import socket

from whenanime_pipeline.commands.errors import CommandError


def check_port(host: str, port: int, option: str) -> None:
    """See to it that a port is free.

    Args:
        host: name or address, IPv4 or IPv6.
        port: of it.
        option: by which the user can give another.

    Raises:
        CommandError: something listens there already, or there is no such address here.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"{host}:{port}: {reason}; give another by {option}") from error
