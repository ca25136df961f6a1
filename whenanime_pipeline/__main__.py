"""`python -m whenanime_pipeline`: the `whenanime` command."""

from whenanime_pipeline.cli import main

if __name__ == "__main__":
    main()
