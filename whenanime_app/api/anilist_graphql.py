"""AniList's GraphQL over the local library: strangers' queries, bounded before they are run."""

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
"""Without an alias a field is answered once however often it is asked for, so this, the page's
size and the schema, which has no circles, bound the whole answer."""
PAGE_SIZE = 50
"""As AniList's."""


def answer(
    table: MediaTable, query: str, variables: dict[str, Any] | None, operation: str | None
) -> ExecutionResult:
    """Answer a query.

    Args:
        table: the series of the library.
        query: a GraphQL document.
        variables: their values by name.
        operation: which operation of the document; None when it has only one.

    Returns:
        What was asked for; `data` is None when it was not asked for properly, and then `errors`
        say why.
    """
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
        errors = validate(
            _schema(),
            document,
            (*specified_rules, NoSchemaIntrospectionCustomRule, _FewAliases),
        )
        if errors:
            return ExecutionResult(None, errors)
        return execute_sync(
            _schema(),
            document,
            context_value=table,
            variable_values=variables,
            operation_name=operation,
        )
    except GraphQLError as error:
        return ExecutionResult(None, [error])


class _FewAliases(ASTValidationRule):
    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._seen = 0

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._seen += node.alias is not None
        if node.alias is not None and self._seen == MAX_ALIASES + 1:
            self.report_error(GraphQLError(f"more than {MAX_ALIASES} aliases", node))


@cache
def _schema() -> GraphQLSchema:
    text = resources.files("whenanime_app.api").joinpath("anilist.graphql").read_text("utf-8")
    schema = build_schema(text)
    query, page = schema.get_type("Query"), schema.get_type("Page")
    query.fields["Media"].resolve = _one  # type: ignore[union-attr]
    query.fields["Page"].resolve = _page  # type: ignore[union-attr]
    page.fields["media"].resolve = _of_page  # type: ignore[union-attr]
    return schema


# The schema has checked the types of what is asked.
def _one(_: object, info: GraphQLResolveInfo, **asked: Any) -> Media:  # noqa: ANN401
    table: MediaTable = info.context
    if asked.get("type") == "MANGA":
        table = MediaTable()
    return table.one(asked.get("id"), asked.get("idMal"), asked.get("search"))


def _page(_: object, __: GraphQLResolveInfo, **asked: Any) -> tuple[int, int]:  # noqa: ANN401
    """Return the first series of a page and the one after its last."""
    size = min(max(asked.get("perPage") or PAGE_SIZE, 1), PAGE_SIZE)
    first = (max(asked.get("page") or 1, 1) - 1) * size
    return first, first + size


def _of_page(
    page: tuple[int, int],
    info: GraphQLResolveInfo,
    **asked: Any,  # noqa: ANN401
) -> list[Media]:
    table: MediaTable = info.context
    if asked.get("type") == "MANGA":
        return []
    anilist = _numbers(asked, "id")
    mal = _numbers(asked, "idMal")
    return table.select(anilist, mal, asked.get("search"))[slice(*page)]


def _numbers(asked: dict[str, Any], name: str) -> list[int] | None:
    """Return the numbers that both `id` and `id_in` allow; None when neither is given."""
    single, several = asked.get(name), asked.get(f"{name}_in")
    if several is None:
        return None if single is None else [single]
    return [number for number in several if number is not None and single in (None, number)]
