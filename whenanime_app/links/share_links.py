"""Signs links to a result: enough to show it again, without the query."""

import time
from dataclasses import dataclass
from itertools import chain

from whenanime_app.errors import GoneError
from whenanime_app.links.preview_links import FrameRef
from whenanime_app.links.signing import Clock, TokenSigner
from whenanime_pipeline.core.search.query.confidence import MatchLevel
from whenanime_pipeline.core.search.query.scenes import Appearance, Corner, Scene
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

SHARE_LINK_LIFETIME = 90 * 24 * 3600
"""Seconds for which a shared result is valid at least: a thread of a forum is read for weeks."""
_EXPIRY_STEP = 24 * 3600
"""Expiry is rounded up to this many seconds, so that one result keeps one link for a day."""


@dataclass(frozen=True, slots=True)
class SharedScene:
    """Result that a shared link carries.

    Attributes:
        key: key of the episode.
        frame_ref: the scene.
        similarity: 0–1.
        match: match level of the result.
        mirrored: whether the query was the frame's mirror image.
        rotated: degrees by which the query was turned clockwise.
        corners: positions of the query's corners on the frame, as shares of the frame's size.
    """

    key: str
    frame_ref: FrameRef
    similarity: float
    match: MatchLevel
    mirrored: bool
    rotated: int
    corners: tuple[Corner, Corner, Corner, Corner]


class ShareLinkSigner:
    """Makes and reads shared links with one key."""

    def __init__(self, secret: str, *, now: Clock = time.time) -> None:
        """Keep the key.

        Args:
            secret: key of this server's links; preview links are salted differently.
            now: the clock, seconds since 1970.
        """
        self._signer = TokenSigner(
            secret, "shared.1", lifetime=SHARE_LINK_LIFETIME, expiry_step=_EXPIRY_STEP, now=now
        )

    def sign(self, scene: Scene) -> str:
        """Return a token for a result."""
        episode = scene.episode
        times = [round(second * 1000) for second in (scene.start, scene.at, scene.end)]
        corners = [round(1000 * float(share)) for corner in scene.corners for share in corner]
        similarity = round(10_000 * float(scene.similarity))
        place = [episode.content, scene.frame, *times]
        # 1 for mirrored, as in links without turns, and 2 for each quarter turn.
        turned = int(scene.mirrored) + 2 * (scene.rotated // 90)
        return self._signer.sign([episode.key, place, similarity, scene.match, turned, corners])

    def read(self, token: str) -> SharedScene:
        """Return the result of a token.

        Raises:
            TokenError: the token was not made by this server.
            TokenExpiredError: the token has expired.
        """
        key, place, similarity, match, turned, corners = self._signer.read(token)
        content, frame, *times = place
        start, at, end = (second / 1000 for second in times)
        one, two, three, four = zip(corners[::2], corners[1::2], strict=True)
        return SharedScene(
            key=key,
            frame_ref=FrameRef(content, frame, start, at, end),
            similarity=similarity / 10_000,
            match=match,
            mirrored=bool(turned % 2),
            rotated=90 * (turned // 2),
            corners=(
                _parse_corner(one),
                _parse_corner(two),
                _parse_corner(three),
                _parse_corner(four),
            ),
        )


def _parse_corner(thousandths: tuple[int, int]) -> Corner:
    return thousandths[0] / 1000, thousandths[1] / 1000


def restore_scene(shared: SharedScene, snapshot: Snapshot) -> Scene:
    """Return the result of a link, with the snapshot's present episode and times.

    Raises:
        GoneError: its episode has left the index.
    """
    place = shared.frame_ref
    episodes = snapshot.episodes_by_content.get(place.content, [])
    if not episodes or place.frame >= episodes[0].frames:
        raise GoneError("this scene is no longer in the index")
    # A renamed file has another key and the same content.
    same_key = (one for one in episodes if one.key == shared.key)
    moved = (one for one in episodes if shared.key in one.former_keys)
    episode = next(chain(same_key, moved), episodes[0])
    runs = snapshot.runs(place.content, place.frame)
    return Scene(
        episode=episode,
        start=place.start,
        at=place.at,
        end=place.end,
        similarity=shared.similarity,
        match=shared.match,
        frame=place.frame,
        mirrored=shared.mirrored,
        corners=shared.corners,
        also=tuple(
            Appearance(episode, first, last)
            for first, last in runs
            if first > place.end or last < place.start
        ),
        runs=tuple(runs),
        rotated=shared.rotated,
    )
