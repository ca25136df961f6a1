"""Reads the filter `tag` from the query of a request."""

from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from whenanime_pipeline.core.search.query.filters import parse_tags

MAX_TAGS = 20
"""Tags of one request."""
MAX_TAG_LENGTH = 100

TagQuery = Annotated[
    list[Annotated[str, StringConstraints(max_length=MAX_TAG_LENGTH)]] | None,
    Query(
        alias="tag",
        max_length=MAX_TAGS,
        description="a genre or tag of the series, in any case; may be repeated: all of them",
    ),
]


def read_tags(tag: TagQuery = None) -> frozenset[str] | None:
    """Return the tags that a request names, normalized; None where it names none."""
    return parse_tags(tag or ())
