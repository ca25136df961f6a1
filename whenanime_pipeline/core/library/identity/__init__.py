"""Which files are one episode, and the keys and numbers by which episodes and series are known.

- `name_groups`, `version_groups`: files of one name are versions of one video, or different videos
- `film_parts`: films in several files are one entry
- `keys`, `key_choice`, `key_assignment`, `distinct_words`: the partition key of each file
- `former_keys`, `key_respelling`: keys of earlier scans and builds
- `series_numbers`: a number for every series
"""
