"""`whenanime up`: Dagster with its sensors, and the app, side by side until one of them ends."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import Timeout

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.options import check_port
from whenanime_pipeline.commands.storage_errors import convert_storage_errors
from whenanime_pipeline.commands.terminal import print_line
from whenanime_pipeline.core.library.scan import check_videos_folder
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.library import retrigger_pending_work
from whenanime_pipeline.defs.orphaned_runs import (
    LOCK_TIMEOUT,
    OWNER_LOCKS,
    UP_OWNER,
    fail_orphaned_runs,
)
from whenanime_pipeline.orchestration.dagster_instance import ensure_dagster_home, open_instance

STOP_TIMEOUT = 15.0
"""Seconds a part is given to end by itself."""
_DAGSTER_HOST = "127.0.0.1"  # it asks nobody who they are: for this machine only
_PR_SET_PDEATHSIG = 1  # prctl(2)


def run_up(workspace: Workspace, *, host: str, port: int, dagster_port: int) -> int:
    """Watch a library until interrupted.

    Args:
        workspace: of the library.
        host: the app's address; Dagster's UI always listens on this machine only.
        port: of the app.
        dagster_port: of Dagster's UI.

    Returns:
        The exit status: 0 when interrupted, else that of the part that ended.

    Raises:
        LibraryError: there is no folder of videos, or it cannot be read.
        CommandError: another `whenanime up` is at this home, or the home cannot be written to, as
            on a full disk, or a port is taken.
    """
    home = workspace.home
    check_videos_folder(workspace.videos_folder)
    try:
        with home.lock(OWNER_LOCKS[UP_OWNER]).acquire(timeout=LOCK_TIMEOUT):
            with convert_storage_errors(home):
                _recover_runs(workspace)
            check_port(host, port, "--port")
            check_port(_DAGSTER_HOST, dagster_port, "--dagster-port")
            print_line(
                f"Dagster: http://{_DAGSTER_HOST}:{dagster_port}  page: http://{host}:{port}"
            )
            return _run_processes(workspace, host=host, port=port, dagster_port=dagster_port)
    except Timeout as error:
        raise CommandError(f"{home.root}: another `whenanime up` is at this home") from error


def _recover_runs(workspace: Workspace) -> None:
    """Free the episodes that a dead run blocks, and have their work started again."""
    home = workspace.home
    with open_instance(home) as instance:
        fail_orphaned_runs(instance, home, OWNER_LOCKS, own=UP_OWNER)
        retrigger_pending_work(instance, workspace)


def _run_processes(workspace: Workspace, *, host: str, port: int, dagster_port: int) -> int:
    home, videos = str(workspace.home.root.resolve()), str(workspace.videos_folder.resolve())
    environment = os.environ | {
        "DAGSTER_HOME": str(ensure_dagster_home(workspace.home).resolve()),
        "WHENANIME_HOME": home,
        "WHENANIME_VIDEOS": videos,
    }
    dagster = [sys.executable, "-m", "dagster", "dev", "-m", "whenanime_pipeline.definitions"]
    app = [sys.executable, "-m", "whenanime_app", "--home", home, "--videos", videos]
    address = ["--host", host, "--port", str(port)]
    # A service manager ends a service by SIGTERM; it shall end like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        _child_process([*dagster, "-h", _DAGSTER_HOST, "-p", str(dagster_port)], environment),
        _child_process([*app, *address], environment),
    ):
        try:
            _, status = os.wait()
        except KeyboardInterrupt:
            return 0
        return os.waitstatus_to_exitcode(status) or 1


@contextmanager
def _child_process(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    """Run a part in a process group of its own, and end it with all it started."""
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, preexec_fn=_end_with_parent
    )
    try:
        yield
    finally:
        _stop(process)


def _end_with_parent() -> None:
    """Have the system end this process when the one that started it dies, even by `kill -9`.

    A shell that starts a command in the background has it ignore SIGINT, and what that starts
    inherits it: here it must be heard.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a part to end, and insist when it does not."""
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=STOP_TIMEOUT)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return
