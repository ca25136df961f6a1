#!/usr/bin/env bash
# anitopy 2.1.1 (PyPI) takes the 2 of "Show Name 2 [05]" for the episode and cuts it from the title: a title that ends in a
# number, with the episode in brackets (the usual form of Chinese fan groups and of disc rips), gives all episodes of a
# sequel one number. The number in brackets stands in `episode_number_alt`, as if both were spellings of one episode.
# With " - 05" instead of the brackets the same title is read right.
# Seen on Python 3.11: "Show Name | 2 | 05" for the brackets, "Show Name 2 | 05 | None" for the dash.
# usage: THIS   needs python3 with venv, and PyPI; exits with 1 when the output is another
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'anitopy==2.1.1'
got=$("$folder/env/bin/python" -I - <<'P'
import anitopy

for name in ("[Group] Show Name 2 [05][1080p].mkv", "[Group] Show Name 2 - 05 [1080p].mkv"):
    found = anitopy.parse(name)
    print(" | ".join(str(found.get(key)) for key in ("anime_title", "episode_number", "episode_number_alt")))
P
)
echo "$got"
[ "$got" = "Show Name | 2 | 05
Show Name 2 | 05 | None" ]
