"""A DICOM service that answers C-ECHO and takes films by C-STORE from the peers it knows."""

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pydicom import uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # pynetdicom fills this module when it is imported
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    SecondaryCaptureImageStorage,
    Verification,
    XRayRadiofluoroscopicImageStorage,
)

from msasss.dicom.association_limits import BoundedRequestHandler, BoundedServer, BoundedSocket, Limits
from msasss.dicom.decoders import COMPRESSED
from msasss.errors import UsageError

FILM_CLASSES: Final = (
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    ComputedRadiographyImageStorage,
    XRayRadiofluoroscopicImageStorage,
    SecondaryCaptureImageStorage,
)

# What pixels are read from; a peer whose film is in another one is asked to send it uncompressed.
TRANSFER_SYNTAXES: Final = (
    uid.ExplicitVRLittleEndian,
    uid.ImplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    *COMPRESSED,
)

# Result, source and diagnostic of A-ASSOCIATE-RJ (PS3.8, 9.3.4).
_CALLING_UNKNOWN: Final = (0x01, 0x01, 0x03)
_CALLED_UNKNOWN: Final = (0x01, 0x01, 0x07)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Sender:
    """A peer that may send films: its AE title, and the addresses it may come from."""

    ae_title: str
    network: Network


@dataclass(frozen=True, slots=True)
class ServerTls:
    """Files in PEM form; with `client_ca`, peers must show a certificate signed by it."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where the service listens, whom it answers, and within which bounds."""

    ae_title: str
    host: str
    port: int
    senders: tuple[Sender, ...]
    limits: Limits = field(default_factory=Limits)
    tls: ServerTls | None = None


class Answer(Enum):
    """What a C-STORE is answered with (PS3.4, B.2.3)."""

    STORED = 0x0000
    OUT_OF_RESOURCES = 0xA700


class Refusal(Enum):
    """Why a peer was turned away."""

    ADDRESS = "address"
    CALLED_TITLE = "called-title"
    CALLING_TITLE = "calling-title"
    TOO_MANY = "too-many-associations"
    OVERSIZE = "oversize"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object as it arrived: its SOP instance UID as the request states it, and the content of a DICOM file."""

    uid: str
    content: bytes
    ae_title: str


Store = Callable[[Arrival], Answer]
Refused = Callable[[Refusal, str, str], None]


class StoreService:
    """The running service.

    Args:
        settings: Where and for whom.
        store: Called for every object, in the thread of its association; what it returns is answered. It must not
            answer STORED before the object is safe.
        refused: Called with the reason, the calling AE title ("" where none was stated) and the address of every peer
            that was turned away.
    """

    def __init__(self, settings: ServiceSettings, *, store: Store, refused: Refused) -> None:
        self._settings = settings
        self._store = store
        self._refused = refused
        self._server = self._bind()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="dicom-service")

    @property
    def port(self) -> int:
        """The port it listens on; the system's choice where the settings say 0."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self, grace_s: float) -> None:
        """Accept no more connections, let those that are open end within some seconds, then abort them."""
        self._server.close(is_serving=self._thread.is_alive())
        if self._thread.is_alive():
            self._thread.join()
        deadline = time.monotonic() + grace_s
        while self._server.active_associations and time.monotonic() < deadline:
            time.sleep(0.02)
        for association in self._server.active_associations:
            association.abort(block=False)
            association.kill()

    def _bind(self) -> BoundedServer:
        settings = self._settings
        entity = _entity(settings)
        handlers = [
            (evt.EVT_CONN_OPEN, self._on_open),
            (evt.EVT_REQUESTED, self._on_request),
            (evt.EVT_REJECTED, self._on_rejected),
            (evt.EVT_C_ECHO, lambda _event: 0x0000),
            (evt.EVT_C_STORE, self._on_store),
        ]
        try:
            return BoundedServer(
                entity,
                (settings.host, settings.port),
                settings.ae_title,
                entity.supported_contexts,
                evt_handlers=handlers,
                ssl_context=None if settings.tls is None else _server_context(settings.tls),
                request_handler=BoundedRequestHandler,
                limits=settings.limits,
                may_connect=self._may_connect,
            )
        except OSError as error:
            where = f"{settings.host} port {settings.port}"
            msg = f"Expected a free address to listen on, got {where} ({error.strerror}). Choose another in [node]."
            raise UsageError(msg) from error

    def _may_connect(self, address: str) -> bool:
        if any(_is_within(address, sender.network) for sender in self._settings.senders):
            return True
        self._refused(Refusal.ADDRESS, "", address)
        return False

    def _on_open(self, event: evt.Event) -> None:
        address = str(event.assoc.requestor.address)
        _socket(event).on_oversize = lambda: self._refused(Refusal.OVERSIZE, _title(event), address)

    def _on_request(self, event: evt.Event) -> None:
        request = event.assoc.requestor.primitive
        called, calling = "" if request is None else str(request.called_ae_title).strip(), _title(event)
        address = str(event.assoc.requestor.address)
        if called != self._settings.ae_title:
            self._reject(event, _CALLED_UNKNOWN, Refusal.CALLED_TITLE, calling)
        elif not any(
            calling == sender.ae_title and _is_within(address, sender.network) for sender in self._settings.senders
        ):
            self._reject(event, _CALLING_UNKNOWN, Refusal.CALLING_TITLE, calling)

    def _reject(self, event: evt.Event, verdict: tuple[int, int, int], reason: Refusal, calling: str) -> None:
        self._refused(reason, calling, str(event.assoc.requestor.address))
        event.assoc.acse.send_reject(*verdict)
        event.assoc.kill()

    def _on_rejected(self, event: evt.Event) -> None:
        """Note a rejection by pynetdicom itself, which has but one reason left: the number of associations."""
        self._refused(Refusal.TOO_MANY, _title(event), str(event.assoc.requestor.address))

    def _on_store(self, event: evt.Event) -> int:
        content = event.encoded_dataset()
        name = str(getattr(event.request, "AffectedSOPInstanceUID", "") or "")
        answer = self._store(Arrival(name, content, _title(event)))
        _socket(event).release(len(content))
        return answer.value


def _entity(settings: ServiceSettings) -> AE:
    entity = AE(settings.ae_title)
    entity.maximum_pdu_size = settings.limits.pdu_bytes
    entity.maximum_associations = settings.limits.associations
    entity.network_timeout = entity.acse_timeout = entity.dimse_timeout = settings.limits.idle_s
    entity.add_supported_context(Verification)
    for film_class in FILM_CLASSES:
        entity.add_supported_context(film_class, list(TRANSFER_SYNTAXES))
    return entity


def _server_context(tls: ServerTls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # BCP 195 profile, PS3.15 B.9
        context.load_cert_chain(tls.certificate, tls.key)
        if tls.client_ca is not None:
            context.load_verify_locations(tls.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        names = ", ".join(path.name for path in (tls.certificate, tls.key, tls.client_ca) if path is not None)
        msg = f"Expected TLS files in PEM form, got {names} ({type(error).__name__}). Correct the paths in [tls]."
        raise UsageError(msg) from error
    return context


def _is_within(address: str, network: Network) -> bool:
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return (mapped or peer) in network


def _socket(event: evt.Event) -> BoundedSocket:
    connection: Any = event.assoc.dul.socket
    assert isinstance(connection, BoundedSocket)  # given to every connection by our request handler
    return connection


def _title(event: evt.Event) -> str:
    request = event.assoc.requestor.primitive
    return "" if request is None else str(request.calling_ae_title).strip()
