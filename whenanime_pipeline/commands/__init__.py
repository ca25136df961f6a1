"""What the `whenanime` command does, a module a command. Heavy libraries are imported when used."""
