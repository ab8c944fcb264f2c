"""What one peer may cost: bounds on what a connection may send, and how slowly, before anything of it is kept."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from socketserver import BaseServer
from typing import Any, Final, cast

from pynetdicom.association import Association
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

# An association request with 128 contexts of 45 transfer syntaxes each takes some 200 kB.
LARGEST_REQUEST_BYTES: Final = 2**20
_CHUNK_BYTES: Final = 2**16
# Connections that have not yet asked for an association are counted too, but get more room.
_CONNECTIONS_PER_ASSOCIATION: Final = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what the service takes.

    Args:
        object_bytes: Largest object; what an association has sent and is not yet stored never exceeds it.
        pdu_bytes: Largest protocol data unit offered to peers.
        associations: At one time; more are rejected as transient.
        idle_s: Seconds after which a silent connection is closed, and within which a data unit must be complete.
    """

    object_bytes: int = 128 * 2**20
    pdu_bytes: int = 2**16
    associations: int = 8
    idle_s: float = 30.0


class OversizeError(Exception):
    """A peer sent more than the limits allow; pynetdicom answers it with an abort."""


class ClosingSocket(AssociationSocket):
    """A connection that is closed when it is told to be.

    pynetdicom leaves one open that the peer has closed already, or that never came about.
    """

    def _shutdown_socket(self) -> None:
        super()._shutdown_socket()
        if self.socket is not None:
            self.socket.close()


class BoundedSocket(ClosingSocket):
    """A connection that is given up when it sends too much or too slowly.

    pynetdicom reads as many bytes as a data unit claims to have, for as long as it takes, and keeps an object in memory
    until it is complete.
    """

    def __init__(self, association: Association, connection: socket, limits: Limits) -> None:
        super().__init__(association, client_socket=connection)
        self._limits = limits
        self._unstored_bytes = 0
        self.on_oversize: Callable[[], None] = lambda: None

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, or as many as come before the peer closes.

        Raises:
            OversizeError: If they are more than the limits allow.
            TimeoutError: If they take too long.
        """
        self._unstored_bytes += nr_bytes
        largest = max(LARGEST_REQUEST_BYTES, self._limits.pdu_bytes)
        if nr_bytes > largest or self._unstored_bytes > self._limits.object_bytes + largest:
            self.on_oversize()
            msg = f"Expected at most {self._limits.object_bytes} bytes, got more. Raise the limit of the node."
            raise OversizeError(msg)
        deadline = time.monotonic() + self._limits.idle_s
        received = bytearray()
        connection = cast(socket, self.socket)
        while len(received) < nr_bytes:
            if time.monotonic() > deadline:
                raise TimeoutError
            part = connection.recv(min(_CHUNK_BYTES, nr_bytes - len(received)))
            if not part:
                break
            received += part
        return received

    def release(self, stored_bytes: int) -> None:
        """Take note that an object was stored, so that its bytes no longer count."""
        self._unstored_bytes = max(0, self._unstored_bytes - stored_bytes)


class BoundedRequestHandler(RequestHandler):
    """Gives each connection a bounded socket with a timeout."""

    server: "BoundedServer"

    def _create_association(self) -> Association:
        self.request.settimeout(self.server.limits.idle_s)
        association = super()._create_association()
        # The socket replaced here has announced the connection; its successor does so again.
        association.dul.event_queue.get_nowait()
        association.dul.socket = BoundedSocket(association, self.request, self.server.limits)
        return association


class BoundedServer(ThreadedAssociationServer):
    """A server that never waits for a peer while it accepts, and closes connections beyond all measure at once."""

    def __init__(self, *args: Any, limits: Limits, may_connect: Callable[[str], bool], **kwargs: Any) -> None:  # noqa: ANN401 - those of pynetdicom
        self.limits = limits
        self._may_connect = may_connect
        super().__init__(*args, **kwargs)

    def get_request(self) -> tuple[socket, tuple[str, int]]:
        """Accept a connection; a TLS handshake is left to the connection's own thread."""
        connection, address = cast(socket, self.socket).accept()
        connection.settimeout(self.limits.idle_s)
        if self.ssl_context is None:
            return connection, address
        wrapped: ssl.SSLSocket = self.ssl_context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return wrapped, address

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401 - socketserver's signature
        """Say whether a connection may go on."""
        if len(self.active_associations) >= _CONNECTIONS_PER_ASSOCIATION * self.limits.associations:
            return False
        return self._may_connect(str(client_address[0]))

    def close(self, *, is_serving: bool) -> None:
        """Accept no more connections; those that are open go on."""
        # pynetdicom's own shutdown() expects a server that it started itself, and waits forever for one never started.
        if is_serving:
            BaseServer.shutdown(self)
        self.server_close()
