"""Opens videos below an HTTP address as seekable files, read by range requests."""

import io
import logging
import ssl
import time
from collections.abc import Callable
from typing import BinaryIO, cast
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import httpx

RANGE_BYTES = 512 << 10
"""Bytes of one request: a second of a video, or a part of its index."""
READ_TIMEOUT = 4.0
"""Seconds of silence after which a request fails."""
TOTAL_TIMEOUT = 20.0
"""Seconds that one preview may spend reading."""
RETRY_DELAY = 30.0
"""Seconds without requests to a server that did not answer; its videos count as missing."""

_LOG = logging.getLogger(__name__)
_MAX_REDIRECTS = 3
_UNQUOTED_CHARACTERS = "%:@!$&'()*+,;=~"


class VideoUnavailableError(Exception):
    """A video cannot be read; the message is shown to untrusted clients and names no address."""


class HttpVideoRoot:
    """A folder of videos on a web server. Safe to share between threads."""

    def __init__(
        self,
        root: str,
        *,
        read_timeout: float = READ_TIMEOUT,
        total_timeout: float = TOTAL_TIMEOUT,
        retry_delay: float = RETRY_DELAY,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the client; no request is sent yet.

        Args:
            root: http or https address, which may contain a user name and a password. Its server
                may redirect to another one, such as object storage.
            read_timeout: seconds of silence after which a request fails.
            total_timeout: seconds for all reads of one opened file.
            retry_delay: seconds without requests to a server that did not answer.
            now: clock, in seconds.
        """
        parts = urlsplit(root)
        host = parts.netloc.rpartition("@")[2]
        path = quote(parts.path.rstrip("/"), safe=f"/{_UNQUOTED_CHARACTERS}")
        self._root = urlunsplit((parts.scheme, host, path, "", ""))
        self._total_timeout, self._retry_delay, self._now = total_timeout, retry_delay, now
        self._unavailable_until = float("-inf")
        auth = None
        if parts.username is not None:
            auth = unquote(parts.username), unquote(parts.password or "")
        self._client = httpx.Client(
            auth=auth,
            timeout=read_timeout,
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
            # Ranges must count the file's own bytes, not those of a compressed form.
            headers={"User-Agent": "WhenAnime", "Accept-Encoding": "identity"},
        )

    def may_have(self, path: str) -> bool:
        """Return whether a video may exist; no request is sent."""
        return self._build_url(path) is not None and self._now() >= self._unavailable_until

    def open(self, path: str) -> BinaryIO:
        """Return a video as a seekable file, to be closed after use.

        Args:
            path: path relative to the root, with `/`.

        Raises:
            VideoUnavailableError: the path leaves the root, or the server failed to answer
                recently. While reading: the server does not answer, has no such file, or
                supports no ranges.
        """
        address = self._build_url(path)
        if address is None:
            raise VideoUnavailableError("the video of this scene is not on this server")
        if self._now() < self._unavailable_until:
            raise VideoUnavailableError(
                "the server of the videos does not answer; try again in a minute"
            )
        file = _HttpRangeFile(
            self._client, address, self._now, self._total_timeout, self._mark_unavailable
        )
        return cast(BinaryIO, io.BufferedReader(file, RANGE_BYTES))

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _build_url(self, path: str) -> str | None:
        segments = path.split("/")
        # A snapshot may come from elsewhere, and some servers treat a backslash as a slash.
        if any(part in {"", ".", ".."} or "\\" in part or "\0" in part for part in segments):
            return None
        # Quoted as bytes: file names need not be valid UTF-8.
        quoted = (quote(part.encode("utf-8", "surrogateescape"), safe="") for part in segments)
        return f"{self._root}/{'/'.join(quoted)}"

    def _mark_unavailable(self) -> None:
        self._unavailable_until = self._now() + self._retry_delay


class _HttpRangeFile(io.RawIOBase):
    """A file that sends a range request for each read."""

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        now: Callable[[], float],
        total_timeout: float,
        on_failure: Callable[[], None],
    ) -> None:
        super().__init__()
        self._client, self._url, self._now, self._on_failure = client, url, now, on_failure
        self._deadline = now() + total_timeout
        self._position = 0
        self._size: int | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            if self._size is None:
                self._read_range(memoryview(bytearray(1)), 0)
            offset += self._size or 0
        self._position = max(0, offset)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = memoryview(buffer).cast("B")
        if self._size is not None:
            wanted = wanted[: max(0, self._size - self._position)]
        if not wanted:
            return 0
        read = self._read_range(wanted, self._position)
        self._position += read
        return read

    def _read_range(self, buffer: memoryview, first: int) -> int:
        span = f"bytes={first}-{first + len(buffer) - 1}"
        try:
            with self._client.stream("GET", self._url, headers={"Range": span}) as response:
                if not self._is_range_response(response, first):
                    return 0
                return self._read_body(response, buffer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._on_failure()
            # The cause is dropped: it names the address.
            raise VideoUnavailableError(_describe_connection_error(error)) from None

    def _is_range_response(self, response: httpx.Response, first: int) -> bool:
        """Return whether the response is the range; False when it is beyond the end of the file.

        Raises:
            VideoUnavailableError: the response is anything else.
        """
        code = response.status_code
        if code == 416 and first:  # beyond the end of the file
            return False
        if code == 200:
            raise VideoUnavailableError("the server of the videos sends no pieces of files")
        if code in {404, 410}:
            raise VideoUnavailableError(
                "the video of this scene is not on the server of the videos"
            )
        span, _, size = response.headers.get("content-range", "").partition("/")
        if code != 206 or not size.isdecimal() or not span.startswith(f"bytes {first}-"):
            raise VideoUnavailableError(f"the server of the videos answered {code}")
        if self._size not in {None, int(size)}:
            raise VideoUnavailableError("the video of this scene is being replaced")
        self._size = int(size)
        return True

    def _read_body(self, response: httpx.Response, buffer: memoryview) -> int:
        read = 0
        for block in response.iter_raw():
            if self._now() > self._deadline:
                raise VideoUnavailableError("the server of the videos is too slow")
            # Read to the end: only then can the connection be used again.
            if read + len(block) > len(buffer):
                raise VideoUnavailableError(
                    "the server of the videos sends more than it is asked for"
                )
            buffer[read : read + len(block)] = block
            read += len(block)
        if not read:
            raise VideoUnavailableError("the server of the videos sent an empty piece")
        return read


def _describe_connection_error(error: Exception) -> str:
    """Return a reason without addresses; details of a certificate error are logged."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return f"the server of the videos does not answer ({type(error).__name__})"
    _LOG.warning(
        "WHENANIME_VIDEO_ROOT: the certificate of its server is not trusted: %s; if a private "
        "authority issued it, set SSL_CERT_FILE to the file with that authority's certificate",
        cause.verify_message,
    )
    return "the certificate of the server of the videos is not trusted"
