"""The sections of this program's snapshots; see `search.snapshot.sections` for what one is."""

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.local_build import LocalFeaturesSection
from whenanime_pipeline.core.search.snapshot.sections import Section
from whenanime_pipeline.core.themes.section import ThemesSection


def list_sections(home: Home) -> tuple[Section, ...]:
    """Return all sections, in the order in which they are written.

    Args:
        home: of the library whose snapshots carry them.
    """
    return (LocalFeaturesSection(home), ThemesSection(home))
