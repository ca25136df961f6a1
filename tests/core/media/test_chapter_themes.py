"""Openings and endings, by the titles of chapters as releases and discs have them."""

import pytest

from whenanime_pipeline.core.media.chapter_themes import find_theme_kinds

OP, ED, NO = "opening", "ending", None


@pytest.mark.parametrize(
    "title",
    ["OP", "op_2", "OP1", "OP 2", "OP1: Again", "OP - Again", "OP 01 Again", "NCOP", "NCOP2",
     "Opening", "OPENING", "Opening Credits", "Opening Theme", "Opening Song", "Opening Titles",
     "Opening Animation", "Opening 1", "Opening II", "Opening (TV version)", "Opening “Again”",
     "Creditless Opening", "Clean OP", "Intro", "Intro Start", "Introduction", "Title Sequence",
     "Main Titles", "Main Title Sequence", "Theme Song", "ＯＰ", "OP「紅蓮華」", "OPテーマ",
     "OP主題歌", "オープニング", "オープニングテーマ", "オープニング・テーマ",
     "オープニング「夢」", "主題歌", "片头", "片頭", "片头曲", "主题曲", "主題曲：夢",
     "第一话 片头曲", "오프닝", "주제가", "Опенинг", "Заставка", "Начальные титры", "Vorspann",
     "Générique de début", "Générique", "Cabecera", "Abertura", "Sigla di apertura",
     "Chapter 2: Opening", "02. OP", "2 - Opening", "00:01:30.000 Opening", "<b>Opening</b>",
     "Prologue / Opening", "Avant + OP", "Opening Start"],
)  # fmt: skip
def test_titles_that_name_an_opening(title: str) -> None:
    assert find_theme_kinds([title, "", ""]) == [OP, NO, NO]


@pytest.mark.parametrize(
    "title",
    ["ED", "ed_2", "ED1", "NCED", "Ending", "ENDING", "Ending (OP ver.)", "Ending Theme",
     "Ending Credits", "End Credits", "End credits start", "Closing Credits", "Credits",
     "Credit start", "Closing Theme", "Closing", "End Theme", "End Titles", "End Roll",
     "Staff Roll", "Credit Roll", "Final Credits", "Outro", "Ending 2 - Song", "Creditless Ending",
     "エンディング", "エンディングテーマ", "ED「茜さす」", "EDテーマ", "エンドロール",
     "エンドクレジット", "スタッフロール", "クレジット", "片尾", "片尾曲", "第一话 片尾曲",
     "片尾主题曲", "엔딩", "Эндинг", "Финальные титры", "Abspann", "Générique de fin",
     "Créditos finales", "Encerramento", "Titoli di coda", "Napisy końcowe", "Ending & Preview",
     "ED / 次回予告", "Part 4: End Credits", "05. Ending"],
)  # fmt: skip
def test_titles_that_name_an_ending(title: str) -> None:
    assert find_theme_kinds(["", "", title]) == [NO, NO, ED]


@pytest.mark.parametrize(
    "title",
    ["", "Chapter 01", "Part A", "Aパート", "本編", "Opening End", "Intro End", "OP終了",
     "Ending End", "Operation", "Edward and the closed door", "Ed and Al", "Ed's Secret",
     "The End", "End", "The End of the World", "Ending the War", "Happy Ending", "A Bad Ending",
     "Grand Opening", "Opening Night", "The Opening Ceremony", "Opening Scene",
     "オープニングセレモニー", "Introducing Ed", "Intro to Magic", "Closing Time",
     "Credits Where They Are Due", "Post-Credits Scene", "After Credits", "Mid-Credits",
     "Pre-Opening", "Avant OP", "Preview", "Next Episode", "Next Episode Preview", "予告",
     "次回予告", "下集预告", "Recap", "Previously", "Previously on Show", "前回のあらすじ",
     "アバン", "Avant", "Avant-title", "Prologue", "Cold Open", "Cold Opening", "Epilogue",
     "エピローグ", "Eyecatch", "アイキャッチ", "Title Card", "Sponsor", "挿入歌", "Insert Song",
     "予告編"],
)  # fmt: skip
def test_titles_that_name_neither(title: str) -> None:
    assert find_theme_kinds(["Start of the story", title, "Rest of the story"]) == [NO, NO, NO]


@pytest.mark.parametrize(
    ("titles", "kinds"),
    [
        # An intro next to an opening is the cold open.
        (["Intro", "Opening", "Part A", "End Credits", "Preview"], [NO, OP, NO, ED, NO]),
        (["Intro", "OP", "Part A", "ED", "Outro"], [NO, OP, NO, ED, NO]),
        (["Intro", "Title Sequence", "Part A", "Credits"], [NO, OP, NO, ED]),
        (["イントロ", "オープニング", "本編"], [NO, OP, NO]),
        (["Intro", "Part A", "Part B", "Outro"], [OP, NO, NO, ED]),
        (["OP", "Part A", "Intro"], [OP, NO, NO]),
        # Lists of discs and releases.
        (["アバン", "オープニング", "Aパート", "Bパート", "エンディング", "次回予告"],
         [NO, OP, NO, NO, ED, NO]),
        (["Prologue", "OP", "Part A", "Part B", "ED", "Epilogue", "PV"],
         [NO, OP, NO, NO, ED, NO, NO]),
        (["片头", "正片", "片尾", "下集预告"], [OP, NO, ED, NO]),
        (["Recap", "Opening", "Episode", "Ending", "Next Time"], [NO, OP, NO, ED, NO]),
        (["Générique", "Partie 1", "Partie 2", "Générique"], [OP, NO, NO, ED]),
        (["Cold Open", "Opening Credits", "Act 1", "Act 2", "Closing Credits"],
         [NO, OP, NO, NO, ED]),
        (["OP1", "Part A", "OP2"], [OP, NO, OP]),
        # After other words, where the other chapters are parts of an episode.
        (["Show OP2", "Part A", "Part B", "Show Ending"], [OP, NO, NO, ED]),
        (["OP Silhouette", "Part A", "ED Wind", "Preview"], [OP, NO, ED, NO]),
        (["Intro", "Silhouette OP", "Part A"], [NO, OP, NO]),
        (["OP Silhouette", "A Duel", "ED Wind"], [NO, NO, NO]),
        (["The Grand Opening", "A Duel", "A Happy Ending"], [NO, NO, NO]),
        (["The Opening", "Part A", "OP"], [NO, NO, OP]),
        (["Silhouette Opening"], [NO]),
        ([], []),
    ],
)  # fmt: skip
def test_other_chapters_of_a_file_decide(titles: list[str], kinds: list[str | None]) -> None:
    assert find_theme_kinds(titles) == kinds
