"""Local features: small patches that are found again in what is left of an edited picture.

From a picture to patches (`detector`), from patches to words (`vocabulary`), and from words to
the key frames of the library that show the same (`postings`, `local_index`).
"""
