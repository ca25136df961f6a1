"""Executes AniList's GraphQL over the library; bounds the cost of untrusted queries first."""

from functools import cache
from importlib import resources
from typing import Any

from graphql import (
    ASTValidationRule,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    ValidationContext,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from whenanime_app.api.anilist_media import Media, MediaTable

MAX_TOKENS = 500
"""Names, brackets and values of a query; the clients' have some 60."""
MAX_ALIASES = 16
"""A field without an alias is answered once, however often a query names it. So this limit, the
page size and the schema, which has no cycles, bound the whole answer."""
MAX_PAGE_SIZE = 50
"""As AniList's."""


def execute_query(
    table: MediaTable, query: str, variables: dict[str, Any] | None, operation_name: str | None
) -> ExecutionResult:
    """Answer a query.

    Args:
        table: the series of the library.
        query: a GraphQL document.
        variables: their values by name.
        operation_name: which operation of the document; None when it has only one.

    Returns:
        The answer; for an invalid query `data` is None, and `errors` say why.
    """
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
        errors = validate(
            _load_schema(),
            document,
            (*specified_rules, NoSchemaIntrospectionCustomRule, _AliasLimitRule),
        )
        if errors:
            return ExecutionResult(None, errors)
        return execute_sync(
            _load_schema(),
            document,
            context_value=table,
            variable_values=variables,
            operation_name=operation_name,
        )
    except GraphQLError as error:
        return ExecutionResult(None, [error])


class _AliasLimitRule(ASTValidationRule):
    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._alias_count = 0

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._alias_count += node.alias is not None
        if node.alias is not None and self._alias_count == MAX_ALIASES + 1:
            self.report_error(GraphQLError(f"more than {MAX_ALIASES} aliases", node))


@cache
def _load_schema() -> GraphQLSchema:
    text = resources.files("whenanime_app.api").joinpath("anilist.graphql").read_text("utf-8")
    schema = build_schema(text)
    query, page = schema.get_type("Query"), schema.get_type("Page")
    query.fields["Media"].resolve = _resolve_media  # type: ignore[union-attr]
    query.fields["Page"].resolve = _resolve_page  # type: ignore[union-attr]
    page.fields["media"].resolve = _resolve_page_media  # type: ignore[union-attr]
    return schema


# The schema has checked the types of the arguments.
def _resolve_media(_: object, info: GraphQLResolveInfo, **arguments: Any) -> Media:  # noqa: ANN401
    table: MediaTable = info.context
    if arguments.get("type") == "MANGA":
        table = MediaTable()
    return table.find_one(arguments.get("id"), arguments.get("idMal"), arguments.get("search"))


def _resolve_page(_: object, __: GraphQLResolveInfo, **arguments: Any) -> tuple[int, int]:  # noqa: ANN401
    """Return the index of a page's first series and the index after its last."""
    size = min(max(arguments.get("perPage") or MAX_PAGE_SIZE, 1), MAX_PAGE_SIZE)
    first = (max(arguments.get("page") or 1, 1) - 1) * size
    return first, first + size


def _resolve_page_media(
    page: tuple[int, int],
    info: GraphQLResolveInfo,
    **arguments: Any,  # noqa: ANN401
) -> list[Media]:
    table: MediaTable = info.context
    if arguments.get("type") == "MANGA":
        return []
    anilist = _merge_ids(arguments, "id")
    mal = _merge_ids(arguments, "idMal")
    return table.find_all(anilist, mal, arguments.get("search"))[slice(*page)]


def _merge_ids(arguments: dict[str, Any], name: str) -> list[int] | None:
    """Return the numbers that both `id` and `id_in` allow; None when neither is given."""
    single, several = arguments.get(name), arguments.get(f"{name}_in")
    if several is None:
        return None if single is None else [single]
    return [number for number in several if number is not None and single in (None, number)]
