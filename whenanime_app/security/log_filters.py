"""Keeps keys, passwords and signed links out of the logs, whatever level a host sets."""

import logging

# Loggers of addresses and headers, one by one: filters of parent loggers do not apply to children.
_ADDRESS_LOGGERS = (
    "uvicorn.asgi",
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)


def add_log_filters() -> None:
    """Limit the logs of HTTP libraries to warnings and errors.

    Addresses grant access: they contain keys, passwords and signatures of links. Filters are used
    instead of levels, as an operator who debugs may lower the levels.
    """
    for name in _ADDRESS_LOGGERS:
        logging.getLogger(name).addFilter(_is_warning)
    logging.getLogger("uvicorn.error").addFilter(_is_no_upgrade_warning)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _is_no_upgrade_warning(record: logging.LogRecord) -> bool:
    """Drop uvicorn's warnings about web sockets: any untrusted client can cause them."""
    return not str(record.msg).startswith(("Unsupported upgrade", "No supported WebSocket"))
