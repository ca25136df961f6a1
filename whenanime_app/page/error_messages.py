"""Which text of the page says what went wrong, so that it is said in the visitor's language."""

import re
from typing import Any

from whenanime_app.page.texts.details import ERROR_TEXTS

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def identify_message(message: str) -> dict[str, Any]:
    """Return what the page's scripts draw of a message.

    Args:
        message: in English, as it was raised.

    Returns:
        What was said; where there is a text for it, also its name and what it is filled in with,
        each a detail again.
    """
    for name, pattern in _MESSAGE_PATTERNS:
        match = pattern.fullmatch(message)
        if match:
            values = {slot: identify_message(value) for slot, value in match.groupdict().items()}
            return {"said": message, "name": name, "values": values}
    return {"said": message, "name": None, "values": {}}


def _compile_pattern(text: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(text)
    known = [
        f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(known), re.DOTALL)


_MESSAGE_PATTERNS = [(name, _compile_pattern(text)) for name, text in ERROR_TEXTS["en"].items()]
