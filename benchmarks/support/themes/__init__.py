"""Seasons with known themes: drawn and composed here, and measured against what is found in them.

`scenery`, `figures` and `shots` draw, `songs`, `voices` and `story_sound` sound, `film_clips` reads
films; `pieces` and `releases` describe episodes, `conditions` the seasons, `writing` and
`composing` make files of them, and `truth` says where their themes are.
"""
