"""The HTTP routes: trace.moe's, AniList's and our own under /api/v1."""
