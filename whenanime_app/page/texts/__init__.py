"""The fixed texts of the page; the browser's language chooses between them."""

from typing import Final

from whenanime_app.page.texts.browsing import BROWSING
from whenanime_app.page.texts.details import DETAILS
from whenanime_app.page.texts.results import RESULTS
from whenanime_app.page.texts.searching import SEARCHING

TEXTS: Final[dict[str, dict[str, str]]] = {
    language: SEARCHING[language] | RESULTS[language] | BROWSING[language] | DETAILS[language]
    for language in ("en", "zh")
}
"""By language and name; `{n}` and the like stand for what the scripts put in."""
