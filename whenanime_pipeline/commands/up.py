"""`whenanime up`: Dagster with its sensors, and the app, side by side until one of them ends."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from filelock import Timeout
from sqlalchemy.exc import DBAPIError

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.library_news import LibraryWatch, describe_changes
from whenanime_pipeline.commands.options import check_port
from whenanime_pipeline.commands.storage_errors import convert_storage_errors
from whenanime_pipeline.commands.terminal import print_line
from whenanime_pipeline.core.library.scan import check_videos_folder
from whenanime_pipeline.core.settings import SettingsError, load_settings
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.library import retrigger_pending_work
from whenanime_pipeline.defs.orphaned_runs import (
    LOCK_TIMEOUT,
    OWNER_LOCKS,
    UP_OWNER,
    fail_orphaned_runs,
)
from whenanime_pipeline.orchestration.dagster_instance import ensure_dagster_home, open_instance
from whenanime_pipeline.orchestration.old_files import remove_old_sensor_logs
from whenanime_pipeline.orchestration.run_history import remove_old_runs
from whenanime_pipeline.orchestration.service_log import open_service_log
from whenanime_pipeline.orchestration.services import (
    code_server_command,
    daemon_command,
    wait_for_code_server,
    web_server_command,
    write_workspace_file,
)

STOP_TIMEOUT = 15.0
"""Seconds a part is given to end by itself."""
_DAGSTER_HOST = "127.0.0.1"  # it asks nobody who they are: for this machine only
_PR_SET_PDEATHSIG = 1  # prctl(2)
_NEWS_INTERVAL = 2.0
"""Seconds between two looks for something to print."""
_CLEANING_INTERVAL = 86400.0
"""Seconds between two removals of old logs."""


def run_up(
    workspace: Workspace, *, host: str, port: int, dagster_port: int, verbose: bool = False
) -> int:
    """Watch a library until interrupted.

    Args:
        workspace: of the library.
        host: the app's address; Dagster's UI always listens on this machine only.
        port: of the app.
        dagster_port: of Dagster's UI.
        verbose: whether to print what Dagster's processes print, next to their log file.

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
                remove_old_sensor_logs(home)
                home.in_progress_file.unlink(missing_ok=True)  # of a run that died
            check_port(host, port, "--port")
            check_port(_DAGSTER_HOST, dagster_port, "--dagster-port")
            print_line(
                f"Dagster: http://{_DAGSTER_HOST}:{dagster_port}  page: http://{host}:{port}  "
                f"log: {home.service_log}"
            )
            addresses = _Addresses(host, port, dagster_port)
            return _run_processes(workspace, addresses, verbose=verbose)
    except Timeout as error:
        raise CommandError(f"{home.root}: another `whenanime up` is at this home") from error


def _recover_runs(workspace: Workspace) -> None:
    """Free the episodes that a dead run blocks, and have their work started again."""
    home = workspace.home
    with open_instance(home) as instance:
        fail_orphaned_runs(instance, home, OWNER_LOCKS, own=UP_OWNER)
        remove_old_runs(instance, home, workspace.settings.runs)
        retrigger_pending_work(instance, workspace)


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Where the app listens, and Dagster's UI."""

    host: str
    port: int
    dagster_port: int


def _run_processes(workspace: Workspace, addresses: _Addresses, *, verbose: bool) -> int:
    home, videos = str(workspace.home.root.resolve()), str(workspace.videos_folder.resolve())
    environment = os.environ | {
        "DAGSTER_HOME": str(ensure_dagster_home(workspace.home).resolve()),
        "WHENANIME_HOME": home,
        "WHENANIME_VIDEOS": videos,
    }
    app = [sys.executable, "-m", "whenanime_app", "--home", home, "--videos", videos]
    app += ["--host", addresses.host, "--port", str(addresses.port)]
    # A service manager ends a service by SIGTERM; it shall end like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        # The first to be begun is the last to be stopped: runs end before what they print to.
        log = stack.enter_context(open_service_log(workspace.home.service_log, echo=verbose))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="whenanime-up-")))
        socket, workspace_file = folder / "code-server", folder / "workspace.yaml"
        write_workspace_file(workspace_file, socket)

        def start(command: list[str], output: int | None = None) -> "subprocess.Popen[bytes]":
            return stack.enter_context(_child_process(command, environment, output))

        try:
            start(app)
            code_server = start(code_server_command(socket), log)
            if not wait_for_code_server(socket, code_server):
                print_line(f"Dagster did not start; see {workspace.home.service_log}", error=True)
                return code_server.poll() or 1
            start(
                web_server_command(
                    workspace_file, _DAGSTER_HOST, addresses.dagster_port, verbose=verbose
                ),
                log,
            )
            start(daemon_command(workspace_file, verbose=verbose), log)
            return _follow_library(workspace)
        except KeyboardInterrupt:
            return 0


def _follow_library(workspace: Workspace) -> int:
    """Say what changes in the library until a part ends; return its exit status, never 0."""
    watch, state, cleaned = LibraryWatch(workspace), None, monotonic()
    while True:
        now = watch.read()
        for line in describe_changes(state, now):
            print_line(line)
        state = now
        if monotonic() - cleaned >= _CLEANING_INTERVAL:
            _remove_history(workspace)
            cleaned = monotonic()
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status) or 1
        sleep(_NEWS_INTERVAL)


def _remove_history(workspace: Workspace) -> None:
    """Remove old logs and runs; what stands in the way now is tried again the next day."""
    remove_old_sensor_logs(workspace.home)
    with suppress(OSError, DBAPIError, SettingsError), open_instance(workspace.home) as instance:
        options = load_settings(workspace.home.config_file).runs
        remove_old_runs(instance, workspace.home, options)


@contextmanager
def _child_process(
    command: list[str], environment: dict[str, str], output: int | None
) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a part in a process group of its own, and end it with all it started.

    Args:
        command: of the part.
        environment: of the part.
        output: file descriptor that it prints to; where this process prints when None.
    """
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )
    try:
        yield process
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
