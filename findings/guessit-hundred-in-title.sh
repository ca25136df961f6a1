#!/usr/bin/env bash
# guessit 4.4.0 (PyPI) splits the 100 of "Mob Psycho 100 - 05" into season 1 and a title "00" of the episode, although the
# name goes on with a dash and a number; likewise "Zom 100 - Bucket List of the Dead - 05". "22-7 - 05" becomes episodes 22
# and 5 of "7". Titles that end in a single digit before the dash are read right.
# Seen on Python 3.11, as title | season | episode | episode_title, in the order of the names below.
# usage: THIS   needs python3 with venv, and PyPI; exits with 1 when the output is another
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'guessit==4.4.0'
got=$("$folder/env/bin/python" -I - <<'P'
from guessit import guessit

for name in ("Mob Psycho 100 - 05.mkv", "Zom 100 - Bucket List of the Dead - 05.mkv", "22-7 - 05.mkv", "Show 2 - 05.mkv"):
    found = guessit(name)
    print(" | ".join(str(found.get(key)) for key in ("title", "season", "episode", "episode_title")))
P
)
echo "$got"
[ "$got" = "Mob Psycho | 1 | 5 | 00
Zom | 1 | 5 | 00 - Bucket List of the Dead
7 | None | [22, 5] | None
Show 2 | None | 5 | None" ]
