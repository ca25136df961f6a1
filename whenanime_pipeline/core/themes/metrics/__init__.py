"""How good themes are: found segments against true ones.

`intervals` computes with parts of time, `seconds` scores seconds, such as precision and recall and
the story that a player would skip, `boundaries` scores segments, such as their errors in time and
their types, and `seconds_grid` scores openings as earlier work published it.
"""
