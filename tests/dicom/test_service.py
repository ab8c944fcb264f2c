"""The DICOM service against good, strange and hostile peers, over real connections on loopback."""

import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydicom import dcmread
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, build_context
from pynetdicom.sop_class import Verification

from msasss.dicom.association_limits import Limits
from msasss.dicom.service import (
    TRANSFER_SYNTAXES,
    Answer,
    Arrival,
    Refusal,
    Sender,
    ServerTls,
    ServiceSettings,
    StoreService,
)
from msasss.dicom.transfer import ClientTls, DicomTarget, send_by_association
from msasss.errors import NetworkError, UsageError
from support.films import dicom_film
from support.orthanc import program

LOOPBACK = "127.0.0.1"
SETTINGS = ServiceSettings(
    "MSASSS",
    LOOPBACK,
    0,
    (Sender("MODALITY", ip_network("127.0.0.0/8")),),
    Limits(object_bytes=2**20, associations=2, idle_s=1.0),
)


class Desk:
    """Keeps what the service hands over."""

    def __init__(self) -> None:
        self.answer = Answer.STORED
        self.arrivals: list[Arrival] = []
        self.refusals: list[tuple[Refusal, str, str]] = []

    def store(self, arrival: Arrival) -> Answer:
        self.arrivals.append(arrival)
        return self.answer

    def refuse(self, *what: object) -> None:
        self.refusals.append(what)


@contextmanager
def serving(desk: Desk, settings: ServiceSettings = SETTINGS) -> Iterator[StoreService]:
    service = StoreService(settings, store=desk.store, refused=desk.refuse)
    service.start()
    try:
        yield service
    finally:
        service.stop(0.5)


def target(service: StoreService, *, calling: str = "MODALITY", called: str = "MSASSS") -> DicomTarget:
    return DicomTarget(called, LOOPBACK, service.port, calling, timeout_s=5.0)


def echo(service: StoreService, *, calling: str = "MODALITY") -> bool:
    entity = AE(calling)
    entity.add_requested_context(Verification)
    association = entity.associate(LOOPBACK, service.port, ae_title="MSASSS")
    if not association.is_established:
        return False
    status = association.send_c_echo()
    association.release()
    return status.get("Status") == 0


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return dicom_film(tmp_path / "film.dcm")


def test_a_known_peer_is_answered_and_its_film_arrives_unchanged(film):
    desk = Desk()
    with serving(desk) as service:
        assert echo(service)
        [receipt] = send_by_association(target(service), [film])
    assert receipt.refusal is None
    [arrival] = desk.arrivals
    sent = dcmread(film)
    assert (arrival.uid, arrival.ae_title) == (sent.SOPInstanceUID, "MODALITY")
    kept = film.with_name("kept.dcm")
    kept.write_bytes(arrival.content)
    assert dcmread(kept) == sent


def test_every_transfer_syntax_that_can_be_read_is_accepted_and_no_other(film):
    """That they can be read is tested where films are read."""
    film_class = dcmread(film).SOPClassUID
    entity = AE("MODALITY")
    entity.requested_contexts = [build_context(film_class, syntax) for syntax in ALL_TRANSFER_SYNTAXES]
    with serving(Desk()) as service:
        association = entity.associate(LOOPBACK, service.port, ae_title="MSASSS")
        accepted = {context.transfer_syntax[0] for context in association.accepted_contexts}
        association.release()
    assert accepted == set(TRANSFER_SYNTAXES)
    assert len(accepted) == 16


def test_kinds_of_objects_that_are_no_films_are_not_accepted(film):
    def as_report(header):
        header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.34"

    report = dicom_film(film.with_name("report.dcm"), as_report)
    desk = Desk()
    with serving(desk) as service:
        first, second = send_by_association(target(service), [report, film])
    assert "does not accept objects of the class Comprehensive 3D SR" in first.refusal
    assert second.refusal is None


def test_an_unknown_calling_title_is_rejected(film):
    desk = Desk()
    with (
        serving(desk) as service,
        pytest.raises(NetworkError, match="rejects the association: Calling AE title not recognised"),
    ):
        list(send_by_association(target(service, calling="STRANGER"), [film]))
    assert desk.refusals == [(Refusal.CALLING_TITLE, "STRANGER", LOOPBACK)]


def test_a_wrong_called_title_is_rejected(film):
    desk = Desk()
    with serving(desk) as service, pytest.raises(NetworkError, match="Called AE title not recognised"):
        list(send_by_association(target(service, called="OTHER"), [film]))
    assert desk.refusals == [(Refusal.CALLED_TITLE, "MODALITY", LOOPBACK)]


def test_an_unknown_address_is_not_even_talked_to(film):
    desk = Desk()
    elsewhere = replace(SETTINGS, senders=(Sender("MODALITY", ip_network("192.0.2.0/24")),))
    with serving(desk, elsewhere) as service, pytest.raises(NetworkError, match="got none"):
        list(send_by_association(target(service), [film]))
    assert desk.refusals == [(Refusal.ADDRESS, "", LOOPBACK)]


def test_a_title_is_accepted_from_its_own_address_alone(film):
    senders = (Sender("MODALITY", ip_network("192.0.2.0/24")), Sender("OTHER", ip_network("127.0.0.1/32")))
    desk = Desk()
    with serving(desk, replace(SETTINGS, senders=senders)) as service:
        assert not echo(service)
        assert echo(service, calling="OTHER")
    assert desk.refusals == [(Refusal.CALLING_TITLE, "MODALITY", LOOPBACK)]


def test_an_object_beyond_the_limit_ends_the_association(tmp_path):
    large = dicom_film(tmp_path / "large.dcm", lambda header: header.add_new(0x00420011, "OB", bytes(3 * 2**20)))
    desk = Desk()
    with serving(desk) as service:
        with pytest.raises(NetworkError, match="broke off"):
            list(send_by_association(target(service), [large]))
        assert echo(service)
    assert desk.refusals == [(Refusal.OVERSIZE, "MODALITY", LOOPBACK)]
    assert not desk.arrivals


def test_many_objects_within_the_limit_may_come_over_one_association(film):
    desk = Desk()
    with serving(desk) as service:
        receipts = list(send_by_association(target(service), [film] * 12))
    assert len(receipts) == len(desk.arrivals) == 12
    assert sum(len(arrival.content) for arrival in desk.arrivals) > SETTINGS.limits.object_bytes


def test_more_associations_than_allowed_are_rejected():
    desk = Desk()
    entity = AE("MODALITY")
    entity.add_requested_context(Verification)
    with serving(desk) as service:
        held = [entity.associate(LOOPBACK, service.port, ae_title="MSASSS") for _ in range(3)]
        assert [association.is_established for association in held] == [True, True, False]
        assert held[2].is_rejected
        for association in held[:2]:
            association.release()
    assert desk.refusals == [(Refusal.TOO_MANY, "MODALITY", LOOPBACK)]


def test_an_answer_of_no_room_reaches_the_sender(film):
    desk = Desk()
    desk.answer = Answer.OUT_OF_RESOURCES
    with serving(desk) as service, pytest.raises(NetworkError, match=r"no resources left .0xA700."):
        list(send_by_association(target(service), [film]))


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: node\r\n\r\n",
        b"\x01\x00\xff\xff\xff\xff",  # a request of 4 GB
        b"\x01\x00\x00\x00\x00\x04\x00\x01\x00\x00",
        b"\x04\x00\x00\x00\x00\x06\x00\x00\x00\x02\x01\x03",  # data before any association
        b"\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00",
        b"\xff" * 4096,
        struct.pack(">BBL", 1, 0, 200) + b"\x00\x01" + b"A" * 198,
        b"\x01\x00\x00\x00\x01\x00",  # a request that never goes on
        b"",
    ],
    ids=["http", "4-gb", "short-request", "data-first", "abort-first", "noise", "no-items", "stalled", "nothing"],
)
def test_what_is_no_dicom_is_cut_off_and_the_next_peer_served(garbage):
    desk = Desk()
    with serving(desk) as service:
        with socket.create_connection((LOOPBACK, service.port), timeout=10) as peer:
            peer.sendall(garbage)
            began = time.monotonic()
            with suppress(ConnectionError):
                while peer.recv(4096):
                    pass
            assert time.monotonic() - began < 9
        assert echo(service)
    assert not desk.arrivals


def test_a_peer_that_breaks_off_in_the_middle_leaves_nothing_behind(film):
    desk = Desk()
    with serving(desk) as service:
        entity = AE("MODALITY")
        entity.add_requested_context(dcmread(film).SOPClassUID)
        association = entity.associate(LOOPBACK, service.port, ae_title="MSASSS")
        association.dul.socket.socket.sendall(struct.pack(">BBL", 4, 0, 60_000) + bytes(20_000))
        association.dul.socket.socket.close()
        association.kill()
        assert echo(service)
    assert not desk.arrivals


def test_a_port_that_is_taken_is_said_with_its_number():
    with serving(Desk()) as service:
        taken = replace(SETTINGS, port=service.port)
        with pytest.raises(UsageError, match=f"got 127.0.0.1 port {service.port}"):
            StoreService(taken, store=lambda _: Answer.STORED, refused=lambda *_: None)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for loopback, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    crt, key = folder / "node.crt", folder / "node.key"
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(crt), "-days", "2", "-subj", "/CN=node"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return crt, key


def test_films_arrive_over_tls_from_a_peer_with_a_certificate(film, certificate):
    crt, key = certificate
    desk = Desk()
    with serving(desk, replace(SETTINGS, tls=ServerTls(crt, key, client_ca=crt))) as service:
        [receipt] = send_by_association(replace(target(service), tls=ClientTls(crt, crt, key)), [film])
        assert receipt.refusal is None
        with pytest.raises(NetworkError):
            list(send_by_association(replace(target(service), tls=ClientTls(crt)), [film]))
        with pytest.raises(NetworkError):
            list(send_by_association(target(service), [film]))
    assert len(desk.arrivals) == 1


def test_a_peer_that_never_finishes_its_handshake_keeps_nobody_waiting(film, certificate):
    crt, key = certificate
    settings = replace(SETTINGS, tls=ServerTls(crt, key))
    with serving(Desk(), settings) as service, socket.create_connection((LOOPBACK, service.port)):
        [receipt] = send_by_association(replace(target(service), tls=ClientTls(crt)), [film])
    assert receipt.refusal is None


def test_tls_files_that_cannot_be_read_are_named(tmp_path):
    settings = replace(SETTINGS, tls=ServerTls(tmp_path / "absent.crt", tmp_path / "absent.key"))
    with pytest.raises(UsageError, match=r"got absent.crt, absent.key .FileNotFoundError."):
        StoreService(settings, store=lambda _: Answer.STORED, refused=lambda *_: None)


def test_no_thread_is_left_when_the_service_has_stopped(film):
    before = threading.active_count()
    with serving(Desk()) as service:
        list(send_by_association(target(service), [film]))
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() == before
