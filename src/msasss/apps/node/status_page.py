"""Metrics and health over HTTP: `/metrics` for Prometheus, `/health` for whoever starts it anew when it is not well."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from msasss.errors import UsageError

TIMEOUT_S: Final = 10.0
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"

Health = Mapping[str, object]


class StatusPage:
    """The running page.

    Args:
        host: Address to listen on.
        port: Port, or 0 for the system's choice.
        metrics: Returns the numbers.
        health: Returns what is wrong under "problems", and what else is worth knowing.

    Raises:
        UsageError: If the address is not free.
    """

    def __init__(self, host: str, port: int, *, metrics: Callable[[], bytes], health: Callable[[], Health]) -> None:
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(metrics, health))
        except OSError as error:
            where = f"{host} port {port} ({error.strerror})"
            msg = f"Expected a free address for the status page, got {where}. Choose another in [status]."
            raise UsageError(msg) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="status-page")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():  # shutdown() waits forever for what never began
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _handler(metrics: Callable[[], bytes], health: Callable[[], Health]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT_S
        server_version = "msasss"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, _TEXT, metrics())
            elif self.path == "/health":
                state = health()
                self._answer(503 if state["problems"] else 200, "application/json", json.dumps(state).encode())
            else:
                self._answer(404, _TEXT, b"Try /metrics or /health.\n")

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: requests come every few seconds."""

        def _answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
