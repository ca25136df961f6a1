"""Local features, which still match in cropped, covered and edited pictures.

`detector` extracts them from a picture, `vocabulary` quantises them to visual words and binary
codes, and `postings` and `local_index` retrieve the keyframes of the library with similar ones.
"""
