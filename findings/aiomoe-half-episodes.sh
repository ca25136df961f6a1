#!/usr/bin/env bash
# aiomoe 1.0.4 (PyPI, with pydantic 1.10.27) changes an answer of trace.moe's API without an error: the episode
# 12.5 becomes 12, a real episode and another one. The API's `episode` is a number, a text, a list of them, or null.
# Cause: its field is `Union[int, float, str, ...]`, of which pydantic 1 takes the first that a value can be made into,
# and int(12.5) is 12; `Config.smart_union` would keep it. The text "12.5" stays 12.5.
# Seen on Python 3.11: "12.5 -> 12, '12.5' -> 12.5, [12.5, 13] -> [12, 13]".
# usage: THIS   needs python3 with venv, and PyPI; exits with 1 when the output is another
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'aiomoe==1.0.4' 'pydantic==1.10.27'
cat > "$folder/ask.py" <<'P'
import asyncio, json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiomoe import AioMoe
from loguru import logger

logger.remove()
EPISODES = [12.5, "12.5", [12.5, 13]]
RESULT = {"anilist": 99939, "filename": "a.mp4", "from": 97.75, "to": 98.92, "similarity": 0.94,
          "video": "https://media.trace.moe/video/a", "image": "https://media.trace.moe/image/a"}
ANSWER = {"frameCount": 745506, "error": "", "result": [RESULT | {"episode": e} for e in EPISODES]}


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
AioMoe.API_URL = f"http://127.0.0.1:{server.server_port}"
found = asyncio.run(AioMoe().search(b"a picture"))
print(", ".join(f"{sent!r} -> {one.episode!r}" for sent, one in zip(EPISODES, found.result)))
P
got=$("$folder/env/bin/python" -I "$folder/ask.py")
echo "$got"
[ "$got" = "12.5 -> 12, '12.5' -> 12.5, [12.5, 13] -> [12, 13]" ]
