"""Who of the people in an NFO file is a character."""

import pytest

from whenanime_pipeline.core.library.episode import Character
from whenanime_pipeline.core.library.nfo.documents import parse_nfo
from whenanime_pipeline.core.library.nfo.people import MAX_CHARACTERS, merge_characters


def parse_characters(actors: str) -> tuple[Character, ...]:
    info = parse_nfo(f"<tvshow><title>x</title>{actors}</tvshow>".encode(), title="x").series
    assert info is not None
    return info.characters


def test_characters_are_parsed_in_their_order() -> None:
    assert parse_characters("""
    <actor><name>Ichinose Kana</name>
    <role>Fern (voice: Japanese) (uncredited)</role><order>1</order></actor>
    <actor><name>A guest</name><role>\u200b </role></actor>
    <actor><name>Kobayashi Chiaki</name><role>Stark</role></actor>
    <actor><name>Tanezaki Atsumi</name><role>フリーレン（声）</role><order>0</order></actor>
    <actor><role>Himmel / Young \u202e Himmel</role><order>2</order></actor>
    <actor><name>Another</name><role>FERN</role><order>7</order></actor>
    <actor><role>Fate/Servant</role></actor>
    """) == (
        Character("フリーレン", "Tanezaki Atsumi"),
        Character("Fern", "Ichinose Kana"),
        Character("Himmel"),
        Character("Young Himmel"),
        Character("Stark", "Kobayashi Chiaki"),
        Character("Fate/Servant"),
    )


@pytest.mark.parametrize(
    ("person", "names"),
    [
        # Jellyfin's and Emby's types.
        ("<role>Frieren</role><type>Actor</type>", ["Frieren"]),
        ("<role>Aura</role><type>GuestStar</type>", ["Aura"]),
        ("<role>Aura</role><type>guest star</type>", ["Aura"]),
        ("<role>Frieren</role><type></type>", ["Frieren"]),
        ("<role>Producer</role><type>Producer</type>", []),
        ("<role>Frieren</role><type>Producer</type>", []),
        ("<role>Original Music Composer</role><type>Composer</type>", []),
        ("<type>Creator</type>", []),
        ("<role>Kanehito Yamada</role><type>Writer</type>", []),
        ("<role>A</role><type>Director</type>", []),
        ("<role>A</role><type>Lyricist</type>", []),
        # A job where there is no type; with one, somebody may be called so.
        ("<role>Executive Producer</role>", []),
        ("<role>Animation Director</role>", []),
        ("<role>監督</role>", []),
        ("<role>音響監督</role>", []),
        ("<role>导演</role>", []),
        ("<role>Director</role><type>Actor</type>", ["Director"]),
        ("<role>Director Kinoshita</role>", ["Director Kinoshita"]),
        ("<role>The Composer's Daughter</role>", ["The Composer's Daughter"]),
        # Notes on a voice are no part of the name, other brackets are.
        ("<role>Frieren (voice)</role>", ["Frieren"]),
        ("<role>Frieren (English voice)</role>", ["Frieren"]),
        ("<role>Frieren [voice]</role>", ["Frieren"]),
        ("<role>Frieren (voix)</role>", ["Frieren"]),
        ("<role>Frieren (Stimme)</role>", ["Frieren"]),
        ("<role>Frieren（CV：種﨑敦美）</role>", ["Frieren"]),
        ("<role>Frieren (voice) / Flamme (voice)</role>", ["Frieren", "Flamme"]),
        ("<role>Frieren | Flamme</role>", ["Frieren", "Flamme"]),
        ("<role>Okabe (Alpha)</role>", ["Okabe (Alpha)"]),
        # Nobody in particular.
        ("<role>Additional Voices (voice)</role>", []),
        ("<role>(voice)</role>", []),
        ("<role>Various</role>", []),
    ],
)
def test_those_who_act_are_characters(person: str, names: list[str]) -> None:
    found = parse_characters(f"<actor><name>Somebody</name>{person}</actor>")
    assert [one.name for one in found] == names


def test_number_of_characters_is_limited() -> None:
    actors = "".join(
        f"<actor><role>{'x' * 500}{n}</role><order>{n}</order></actor>" for n in range(2)
    ) + "".join(f"<actor><role>Villager {n}</role></actor>" for n in range(300))
    found = parse_characters(actors)
    assert len(found) == MAX_CHARACTERS
    assert found[0] == Character("x" * 100)
    assert found[1] == Character("Villager 0")


def test_guests_of_an_episode_are_characters_of_it() -> None:
    text = """<episodedetails><title>x</title>
    <actor><name>Main</name><role>Frieren</role><type>Actor</type></actor>
    <actor><name>Guest</name><role>Wirbel</role><type>GuestStar</type></actor>
    <actor><name>Nobody</name><role>Storyboard</role></actor>
    <actor><name>Somebody</name><role>Story</role><type>Writer</type></actor>
    </episodedetails>"""
    (episode,) = parse_nfo(text.encode(), title="x").episodes
    assert episode.characters == (Character("Frieren", "Main"), Character("Wirbel", "Guest"))


def test_a_character_is_merged_by_name() -> None:
    series = (Character("Frieren", "Tanezaki Atsumi"), Character("Fern"))
    guests = (Character("FRIEREN", "Another"), Character("Wirbel"))
    assert merge_characters(series, guests) == (*series, Character("Wirbel"))
