"""Which text of the page says what went wrong, so that it is said in the visitor's language."""

import re
from typing import Any

from whenanime_app.page.texts.details import DETAILS

_SLOT = re.compile(r"\{(\w+)\}")


def detail_of(said: str) -> dict[str, Any]:
    """Return what the page's scripts draw of a message.

    Args:
        said: in English, as it was raised.

    Returns:
        What was said; where there is a text for it, also its name and what it is filled in with,
        each a detail again.
    """
    for name, pattern in _PATTERNS:
        match = pattern.fullmatch(said)
        if match:
            values = {slot: detail_of(value) for slot, value in match.groupdict().items()}
            return {"said": said, "name": name, "values": values}
    return {"said": said, "name": None, "values": {}}


def _pattern(text: str) -> re.Pattern[str]:
    parts = _SLOT.split(text)
    known = [
        f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(known), re.DOTALL)


_PATTERNS = [(name, _pattern(text)) for name, text in DETAILS["en"].items()]
