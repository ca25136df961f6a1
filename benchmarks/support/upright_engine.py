"""The search without turning pictures: what a search costs and finds otherwise."""

from whenanime_pipeline.core.search.query.engine import SearchEngine


class UprightEngine(SearchEngine):
    """A search engine that takes every picture to be upright."""

    def search_turned_frames(self, *_: object, **__: object) -> None:
        """Find nothing."""
        return
