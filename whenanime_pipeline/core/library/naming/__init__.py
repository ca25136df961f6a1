"""Names the files of a videos folder: series, season, number, kind and title, from paths alone.

A folder is read as a whole: siblings prove which of a name's numbers counts the episodes.
"""

from whenanime_pipeline.core.library.naming.folder_siblings import name_files

__all__ = ["name_files"]
