"""Keeps keys, passwords and signed links out of the logs, whatever level a host sets."""

import logging

# Who writes addresses and headers down, one by one: their parents do not filter for them.
_ADDRESS_LOGGERS = (
    "uvicorn.asgi",
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)


def add_log_filters() -> None:
    """Have libraries tell of what went wrong, and of nothing that merely happened.

    An address holds what gives access: a key, a password, the signature of a link. A filter and
    not a level, for a level is what somebody who looks for a fault sets anew.
    """
    for name in _ADDRESS_LOGGERS:
        logging.getLogger(name).addFilter(_is_warning)
    logging.getLogger("uvicorn.error").addFilter(_is_no_upgrade_warning)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _is_no_upgrade_warning(record: logging.LogRecord) -> bool:
    """Any stranger may ask for a web socket: that none is spoken here is no news for the keeper."""
    return not str(record.msg).startswith(("Unsupported upgrade", "No supported WebSocket"))
