"""The processes that Dagster consists of: a code server, its web server and its daemon.

These are what `dagster dev` starts, which is for development and superseded.
"""

import json
import subprocess
import sys
from pathlib import Path

import grpc

LOCATION = "whenanime_pipeline.definitions"
"""Name of the code location: Dagster keeps the state of sensors by it."""
START_TIMEOUT = 300.0
"""Seconds that the code server is given to load the graph."""
_PYTHON = (sys.executable, "-m")


def code_server_command(socket: Path) -> list[str]:
    """Return the command of the server that loads the graph, evaluates sensors and starts runs."""
    start = ["dagster", "code-server", "start", "-m", LOCATION, "--location-name", LOCATION]
    address = ["--socket", str(socket), "--use-python-environment-entry-point"]
    return [*_PYTHON, *start, *address, "--inject-env-vars-from-instance", "--log-level", "warning"]


def web_server_command(workspace_file: Path, host: str, port: int, *, verbose: bool) -> list[str]:
    """Return the command of Dagster's UI."""
    address = ["-h", host, "-p", str(port), "--live-data-poll-rate", "2000"]
    level = "info" if verbose else "warning"
    return [
        *(*_PYTHON, "dagster_webserver", "-w", str(workspace_file)),
        *(*address, "--dagster-log-level", level, "--uvicorn-log-level", "warning"),
    ]


def daemon_command(workspace_file: Path, *, verbose: bool) -> list[str]:
    """Return the command of the daemon."""
    module = "whenanime_pipeline.orchestration.daemon"
    return [*_PYTHON, module, str(workspace_file), *(["--verbose"] if verbose else [])]


def write_workspace_file(path: Path, socket: Path) -> None:
    """Write the `workspace.yaml` by which the others find the code server."""
    server = {
        "location_name": LOCATION,
        "socket": str(socket),
        "additional_metadata": {"module_name": LOCATION},
    }
    # JSON is YAML.
    path.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")


def wait_for_code_server(socket: Path, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until the code server takes connections.

    Returns:
        Whether it does; if not, it ended or took too long.
    """
    with grpc.insecure_channel(f"unix:{socket}") as channel:
        ready = grpc.channel_ready_future(channel)
        for _ in range(int(START_TIMEOUT)):
            try:
                ready.result(timeout=1.0)
            except grpc.FutureTimeoutError:
                if process.poll() is not None:
                    return False
            else:
                return True
    return False
