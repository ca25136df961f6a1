"""Messages with a stable code and values, so that a page can show them in its reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Message:
    """A message in English, and what a translation of it is looked up and filled in with.

    Attributes:
        text: the whole message in English.
        code: its name in every language; None for a text from elsewhere, which has no translation.
        values: placeholders of the code's template and their values, which may be messages.
    """

    text: str
    code: str | None = None
    values: Mapping[str, "str | int | Message"] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        """Return the message as JSON: `{"text": …, "code": …, "values": {…}}`."""
        values = {
            name: value.to_json() if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return {"text": self.text, "code": self.code, "values": values}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` made; without a code and values there is the text alone.

        Raises:
            KeyError: it has no text.
        """
        code, values = stored.get("code"), stored.get("values")
        if not isinstance(code, str) or not isinstance(values, dict):
            return cls(str(stored["text"]))
        return cls(
            str(stored["text"]),
            code,
            {
                name: cls.from_json(value) if isinstance(value, dict) else value
                for name, value in values.items()
            },
        )


class MessageTemplate(Enum):
    """Base of the tables of messages: a member is a code, its value the English text.

    Notes in homes and pages in browsers hold codes and values, so that a member whose placeholders
    change needs another name.
    """

    def __call__(self, **values: str | int | Message) -> Message:
        """Fill in the placeholders.

        Raises:
            KeyError: a placeholder has no value.
        """
        return Message(self.template.format_map(values), self.code, values)

    @property
    def code(self) -> str:
        """The name that texts in other languages have as well."""
        return self.name.lower()

    @property
    def template(self) -> str:
        """The English text, with placeholders such as `{path}`."""
        return str(self.value)


class MessageError(Exception):
    """Base of the errors that a page shows in its reader's language.

    Attributes:
        message: what went wrong.
    """

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message.text

    @property
    def code(self) -> str | None:
        """The message's name in every language; None when it has no translation."""
        return self.message.code

    @property
    def values(self) -> Mapping[str, "str | int | Message"]:
        """The values of the message's placeholders."""
        return self.message.values


def message_of(error: BaseException) -> Message:
    """Return an error's message: without a code unless it is a `MessageError`."""
    if isinstance(error, MessageError):
        return error.message
    return Message(str(error) or type(error).__name__)
