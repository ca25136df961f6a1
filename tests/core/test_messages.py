"""Messages keep their code and values through files and pickles."""

import json
import pickle
from pathlib import Path

import pytest

from whenanime_pipeline.core.media.errors import (
    LargePictureError,
    MediaError,
    MediaMessage,
    PictureMessage,
    SystemMessage,
)
from whenanime_pipeline.core.messages import Message, MessageError, MessageTemplate, message_of
from whenanime_pipeline.core.search.errors import SnapshotError, SnapshotMessage

REASON = MediaMessage.NOT_A_VIDEO(why=SystemMessage.INVALID_DATA())


def test_a_message_is_filled_in_with_messages_and_braces_stay_text() -> None:
    nested = PictureMessage.UNUSABLE_VIDEO(why=REASON)
    assert nested.text == (
        "This video cannot be used: not a readable video file"
        " (Invalid data found when processing input)."
    )
    assert (nested.code, nested.values) == ("unusable_video", {"why": REASON})
    assert SnapshotMessage.CHANGED_FILE(path="{why}").text.startswith("{why}: ")


@pytest.mark.parametrize(
    "message",
    [
        REASON,
        Message("something else"),
        SnapshotMessage.NEWER_SNAPSHOT(path="a", version=9, supported=2),
    ],
)
def test_messages_round_trip_through_json(message: Message) -> None:
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


@pytest.mark.parametrize(
    "error",
    [
        MediaError(Path("a.mkv"), REASON),
        LargePictureError(PictureMessage.PICTURE_SIZE(width=9, height=8, megapixels="64")),
        SnapshotError(SnapshotMessage.UNREADABLE_FILE(path="a", why="no")),
        SnapshotError("a: damaged"),
    ],
)
def test_errors_keep_code_and_values_when_pickled(error: MessageError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.code, again.values) == (str(error), error.code, error.values)


def test_other_errors_have_a_message_without_a_code() -> None:
    assert message_of(OSError("disk full")) == Message("disk full")
    assert message_of(MemoryError()) == Message("MemoryError")
    assert message_of(MediaError("a.mkv", REASON)) is REASON


def test_codes_are_unique_and_are_not_renamed() -> None:
    """Notes in homes hold them."""
    tables: tuple[type[MessageTemplate], ...] = (MediaMessage, SystemMessage)
    assert sorted(template.code for table in tables for template in table) == [
        "all_skipped",
        "dolby_vision",
        "empty_file",
        "end_of_file",
        "file_not_found",
        "film_length",
        "film_part",
        "input_output",
        "invalid_data",
        "linked_file",
        "no_decoder",
        "no_training_frames",
        "no_video_stream",
        "not_a_video",
        "nothing_decoded",
        "nothing_decoded_around",
        "nothing_decoded_at_start",
        "nothing_decoded_from",
        "only_cover_art",
        "permission_denied",
        "video_size",
    ]
