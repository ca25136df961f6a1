"""The fixed texts of the page, in the browser's language."""

from typing import Final

from whenanime_app.page.texts.browsing import BROWSE_TEXTS
from whenanime_app.page.texts.errors import ERROR_TEXTS
from whenanime_app.page.texts.results import RESULT_TEXTS
from whenanime_app.page.texts.searching import SEARCH_TEXTS
from whenanime_app.page.texts.themes import THEME_TEXTS

TEXTS: Final[dict[str, dict[str, str]]] = {
    language: SEARCH_TEXTS[language]
    | RESULT_TEXTS[language]
    | BROWSE_TEXTS[language]
    | THEME_TEXTS[language]
    | ERROR_TEXTS[language]
    for language in ("en", "zh")
}
"""By language and name; the scripts fill in placeholders such as `{n}`."""
