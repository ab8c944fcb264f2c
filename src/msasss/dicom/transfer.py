"""Objects to a PACS: over an association (C-STORE) or the web (STOW-RS), with an answer for each."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.uid import UID, ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.transport import AddressInformation

from msasss.dicom.association_limits import ClosingSocket
from msasss.errors import NetworkError, UsageError

CALLING_AE_TITLE: Final = "MSASSS"
# Failures that another attempt can turn into success: out of resources (PS3.4 B.2.3), and processing failure (PS3.7 C).
_TRANSIENT: Final = frozenset({0x0110, *range(0xA700, 0xA800)})


@dataclass(frozen=True, slots=True)
class ClientTls:
    """Files in PEM form. Without `ca` the system's own authorities are trusted."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class DicomTarget:
    """A peer that takes objects by C-STORE."""

    ae_title: str
    host: str
    port: int
    calling_ae_title: str = CALLING_AE_TITLE
    tls: ClientTls | None = None
    timeout_s: float = 30.0

    def __str__(self) -> str:
        return f"{self.ae_title}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a target said to one object: None if it stored it, else why it never will as things stand."""

    file: Path
    refusal: str | None = None


def send_by_association(target: DicomTarget, files: Sequence[Path]) -> Iterator[Receipt]:
    """Send DICOM files by C-STORE over one association, and yield a receipt after each.

    Raises:
        NetworkError: If the target does not answer, rejects the association, breaks off, or has no resources left; the
            files without a receipt may be sent again.
        UsageError: If the TLS files cannot be read.
    """
    if not files:
        return
    kinds = {_kind(file) for file in files}
    with _association(target, kinds) as association:
        accepted = {context.abstract_syntax for context in association.accepted_contexts}
        for file in files:
            yield _send(association, target, file, accepted)


def client_context(tls: ClientTls) -> ssl.SSLContext:
    """Return the TLS settings of a connection to a target.

    Raises:
        UsageError: If a file cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # BCP 195 profile, PS3.15 B.9
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:
        names = ", ".join(path.name for path in (tls.ca, tls.certificate, tls.key) if path is not None)
        msg = f"Expected TLS files in PEM form, got {names} ({type(error).__name__}). Correct the paths."
        raise UsageError(msg) from error
    return context


def _kind(file: Path) -> tuple[UID, UID]:
    meta = dcmread(file, stop_before_pixels=True, specific_tags=["SOPClassUID"]).file_meta
    return meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID


@contextmanager
def _association(target: DicomTarget, kinds: set[tuple[UID, UID]]) -> Iterator[Association]:
    entity = _Requestor(target.calling_ae_title)
    entity.connection_timeout = entity.acse_timeout = target.timeout_s
    entity.dimse_timeout = entity.network_timeout = target.timeout_s
    for sop_class, syntax in sorted(kinds):
        entity.add_requested_context(sop_class, list(dict.fromkeys((syntax, ImplicitVRLittleEndian))))
    tls = None if target.tls is None else (client_context(target.tls), target.host)
    association = entity.associate(target.host, target.port, ae_title=target.ae_title, tls_args=tls)
    try:
        if not association.is_established:
            raise _not_established(association, target)
        yield association
    finally:
        if association.is_established:
            association.release()


class _Requestor(AE):
    """An application entity whose connections do not stay open."""

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: tuple[ssl.SSLContext, str] | None
    ) -> ClosingSocket:
        connection = ClosingSocket(assoc, address=address)
        connection.tls_args = tls_args
        return connection


def _not_established(association: Association, target: DicomTarget) -> NetworkError:
    if association.is_rejected:
        answer = association.acceptor.primitive
        reason = "" if answer is None else f": {answer.reason_str}"
        msg = f"Expected {target} to accept us as {target.calling_ae_title}, but it rejects the association{reason}."
        return NetworkError(f"{msg} Make the two AE titles known to each other.")
    msg = f"Expected an answer of {target}, got none. Check that it runs and that host, port and TLS are right."
    return NetworkError(msg)


def _send(association: Association, target: DicomTarget, file: Path, accepted: set[UID | None]) -> Receipt:
    made = dcmread(file)
    if made.SOPClassUID not in accepted:
        return Receipt(file, f"{target} does not accept objects of the class {UID(made.SOPClassUID).name}.")
    try:
        answer = association.send_c_store(made)
    except (RuntimeError, OSError) as error:
        raise _broken_off(target) from error
    if "Status" not in answer:
        raise _broken_off(target)
    return Receipt(file, _refusal(target, answer))


def _refusal(target: DicomTarget, answer: Dataset) -> str | None:
    status = int(answer.Status)
    if status == 0 or status >> 12 == 0xB:  # success, or a warning with which it was stored all the same
        return None
    if status in _TRANSIENT:
        msg = f"Expected {target} to store an object, but it has no resources left (0x{status:04X}). Try again later."
        raise NetworkError(msg)
    return f"{target} refuses the object with status 0x{status:04X}."


def _broken_off(target: DicomTarget) -> NetworkError:
    msg = f"Expected {target} to answer to an object, but the association broke off. Try again later."
    return NetworkError(msg)
