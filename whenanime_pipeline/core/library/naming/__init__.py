"""Names the files of a videos folder: series, season, number, kind and title, from paths alone.

A folder is read as a whole: siblings prove which of a name's numbers counts the episodes.

- `words`, `tags`, `numerals`, `labels`: what single words mean
- `brackets`, `body`: a name without its tags
- `codes`, `plain_numbers`: numbers that are, or may be, an episode's
- `titles`, `stems`: every way to read a name
- `folders`, `merge`: what the folders add
- `disc_names`: the titles of discs, whose files have only numbers
- `folder_siblings`: which reading is right
- `parts`: files of one film or episode
- `season_codes`: numbers such as `103`
- `versions`: what versions of one episode have in common
"""

from whenanime_pipeline.core.library.naming.folder_siblings import NAMES_VERSION, name_files

__all__ = ["NAMES_VERSION", "name_files"]
