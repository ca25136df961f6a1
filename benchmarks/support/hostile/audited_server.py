"""A server that records forbidden file accesses and connections by Python's audit hook.

    python -m benchmarks.support.hostile.audited_server HOME VIDEOS PORT NOTES

It resolves the benchmark's invented host names only.
"""

import ipaddress
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.support.hostile.addresses import ALLOWED_ADDRESS, CampaignResolver

# Allowed in addition: the interpreter, its libraries, and files that describe the system.
_SYSTEM = ("/usr/", "/lib", "/dev/", "/proc/self/", "/sys/", "/etc/ssl/")
_CHANGES = frozenset(
    {
        *("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
        *("os.chmod", "os.chown", "shutil.rmtree", "shutil.move", "os.utime"),
    }
)


_STARTS = frozenset({"subprocess.Popen", "os.exec", "os.system", "os.posix_spawn"})
_DECODER = ("-P", "-m", "whenanime_pipeline.core.media.isolated_main")


def _is_decoder(event: str, arguments: tuple[Any, ...]) -> bool:
    """Tell whether a process is the server's own, which decodes one picture from its input.

    Its arguments are the name of a format and two numbers: nothing of what a client sends.
    """
    if event != "subprocess.Popen":
        return False
    program, options = str(arguments[0]), [str(one) for one in arguments[1]]
    name, *numbers = options[4:] or [""]
    return (
        program == sys.executable
        and tuple(options[1:4]) == _DECODER
        and name.isalpha()
        and len(numbers) == 2
        and all(number.isdigit() for number in numbers)
    )


class AuditLog:
    """Records forbidden accesses of this process, from Python's audit events."""

    def __init__(self, allowed: tuple[str, ...], written: tuple[str, ...]) -> None:
        self._allowed, self._written = allowed, written
        self.findings: dict[str, None] = {}
        self.is_watching = False

    def on_audit_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Handle an audit event."""
        if not self.is_watching:
            return
        if event == "open":
            path, _, flags = arguments
            changes = bool(int(flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            self._file("written" if changes else "read", path, changes=changes)
        elif event in _CHANGES:
            for path in arguments[: 2 if event in {"os.rename", "os.link"} else 1]:
                self._file(event, path, changes=True)
        elif event == "socket.connect":
            address = arguments[1]
            if not (isinstance(address, tuple) and address[0] == ALLOWED_ADDRESS):
                self.findings[f"connected to {address!r}"] = None
        elif event in _STARTS and not _is_decoder(event, arguments):
            self.findings[f"{event} {arguments!r}"] = None

    def _file(self, what: str, path: object, *, changes: bool) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # an open file descriptor
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links must not be followed
        if not f"{name}{os.sep}".startswith(self._written if changes else self._allowed):
            self.findings[f"{what}: {name}"] = None


def main(home: str, videos: str, port: str, notes: str) -> None:
    """Serve until interrupted, then write the findings."""
    import tempfile

    import uvicorn

    from whenanime_app.server import UVICORN_OPTIONS, create_app
    from whenanime_app.settings import AppSettings

    written = (f"{Path(home).resolve()}{os.sep}", f"{tempfile.gettempdir()}{os.sep}")
    code = [str(Path(path).resolve()) for path in (*sys.path, sys.prefix, sys.base_prefix) if path]
    allowed = (*written, *code, f"{Path(videos).resolve()}{os.sep}", *_SYSTEM)
    kept = AuditLog(allowed, written)
    sys.addaudithook(kept.on_audit_event)
    settings = AppSettings(
        home=Path(home),
        videos=Path(videos),
        fetch_networks=(ipaddress.ip_network(f"{ALLOWED_ADDRESS}/32"),),
    )
    app = create_app(settings, resolve=CampaignResolver())
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=int(port), **UVICORN_OPTIONS)
    )
    with suppress(ImportError):
        # Gradio imports it where it is installed; at first it asks the system for its fonts, which
        # is no request's doing.
        import matplotlib.font_manager  # noqa: F401
    kept.is_watching = True
    with suppress(KeyboardInterrupt):
        server.run()
    kept.is_watching = False
    Path(notes).write_text(json.dumps(list(kept.findings)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
