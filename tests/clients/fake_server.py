"""The fake runtime on a real socket, with the little of CloudWatch Logs that the demonstration reads."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clients.fake_http import Dropped, Reply
from tests.clients.fake_runtime import FakeRuntime

STAGE = "/_aws/execute-api/api1"


class FakeServer:
    """Serves a runtime at a port of 127.0.0.1 that stays the same over restarts.

    Attributes:
        logs: Lines of each log group.
        logs_read: How often the lines of a group were asked for.
        cognito: Answers a user pool's operation and body; None when there is no pool.
    """

    def __init__(self, runtime: FakeRuntime) -> None:
        self.runtime = runtime
        self.logs: dict[str, list[str]] = {}
        self.logs_read = 0
        self.cognito: Callable[[str, Any], Reply] | None = None
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def url(self) -> str:
        """Address of the API, without its version."""
        return f"http://127.0.0.1:{self._port}{STAGE}"

    def start(self) -> None:
        """Listen."""
        server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        server.daemon_threads = True
        self._port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def aws(self, target: str, body: dict[str, Any]) -> Reply:
        """Answer a call of CloudWatch Logs, or of the user pool."""
        if self.cognito is not None:
            return self.cognito(target.partition(".")[2], body)
        if target.endswith("DescribeLogGroups"):
            return Reply(200, {"logGroups": [{"logGroupName": name} for name in self.logs]})
        self.logs_read += 1
        wanted = body["filterPattern"].strip('"')
        lines = [line for line in self.logs[body["logGroupName"]] if wanted in line]
        return Reply(200, {"events": [{"message": line} for line in lines]})


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target")
            try:
                if target:
                    reply = server.aws(target, json.loads(content))
                else:
                    reply = server.runtime.answer(self.command, self.path, dict(self.headers), content)
            except Dropped:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            # A connection each: a stopped server must not go on answering over one that is still open.
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
            """Stay silent."""

    return Handler
