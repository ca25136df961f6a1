"""The search page over the snapshot next to this file, as free hosts start it."""

from pathlib import Path

from whenanime_app.hosted import main

if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
