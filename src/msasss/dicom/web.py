"""DICOMweb: objects to a server (STOW-RS), and films from one (QIDO-RS, WADO-RS)."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import requests
from dicomweb_client import DICOMwebClient
from pydicom import Dataset, dcmread
from requests.auth import AuthBase, HTTPBasicAuth

from msasss.dicom.header import is_film_class, is_own_result
from msasss.dicom.transfer import ClientTls, Receipt
from msasss.errors import InputError, NetworkError, UsageError

# Answers to STOW-RS that no further attempt will change (PS3.18, 10.5.3).
_REFUSED: Final = frozenset({400, 409, 413, 415, 422})
_MOST_STUDIES: Final = 100
# Attributes of QIDO-RS results, as DICOM JSON names them.
_STUDY_UID, _SERIES_UID, _INSTANCE_UID, _CLASS_UID = "0020000D", "0020000E", "00080018", "00080016"

Found = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How we say who we are: a bearer token, or a user and a password."""

    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class WebTarget:
    """A DICOMweb server by its root, such as https://pacs.example/dicom-web."""

    url: str
    credentials: Credentials | None = None
    tls: ClientTls | None = None
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            msg = (
                f"Expected the URL of a DICOMweb server such as https://host/dicom-web, without user and password, "
                f"got {parts.scheme or 'none'}://{parts.hostname or ''}. Correct it."
            )
            raise UsageError(msg)

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def read_credentials(file: Path) -> Credentials:
    """Read credentials from a file of one line: `user:password`, or a bearer token.

    Raises:
        UsageError: If the file cannot be read or is empty.
    """
    try:
        line = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file.name}: Expected credentials, but the file cannot be read ({type(error).__name__})."
        raise UsageError(msg) from error
    if not line:
        msg = f"{file.name}: Expected user:password or a token on one line, got an empty file."
        raise UsageError(msg)
    user, colon, password = line.partition(":")
    return Credentials(user=user, password=password) if colon else Credentials(token=line)


def send_by_web(target: WebTarget, files: Sequence[Path]) -> Iterator[Receipt]:
    """Send DICOM files by STOW-RS, one request each, and yield a receipt after each.

    Raises:
        NetworkError: If the server does not answer, does not let us in, or cannot at the moment; the files without a
            receipt may be sent again.
    """
    client = _client(target)
    for file in files:
        yield Receipt(file, _store(client, target, dcmread(file)))


def fetch_films(target: WebTarget, folder: Path, *, study: str | None = None, query: str = "") -> int:
    """Fetch the films of a study, or of the studies that a query finds, into a folder, as they are stored.

    Args:
        target: The server.
        folder: An existing folder.
        study: Study instance UID.
        query: Query of QIDO-RS, such as "PatientID=123&StudyDate=20240531".

    Returns:
        The number of films.

    Raises:
        NetworkError: If the server does not answer or does not let us in.
        InputError: If nothing was found, or too much.
    """
    client = _client(target)
    with _translated(target):
        studies = [study] if study else _studies(client, query)
        number = 0
        for film in (_retrieve(client, found) for uid in studies for found in _films(client, uid)):
            if not is_own_result(film):
                number += 1
                film.save_as(folder / f"film-{number:04d}.dcm", enforce_file_format=True)
    if not number:
        msg = f"Expected films on {target}, but the study or query has none. Name another."
        raise InputError(msg)
    return number


def _client(target: WebTarget) -> DICOMwebClient:
    session = requests.Session()
    if target.credentials is not None:
        given = target.credentials
        session.auth = _Bearer(given.token) if given.token else HTTPBasicAuth(given.user or "", given.password or "")
    if target.tls is not None:
        if target.tls.ca is not None:
            session.verify = str(target.tls.ca)
        if target.tls.certificate is not None:
            key = target.tls.key or target.tls.certificate
            session.cert = (str(target.tls.certificate), str(key))
    client = DICOMwebClient(target.url.rstrip("/"), session=session, timeout=target.timeout_s, permissive_uid=True)
    client.set_http_retry_params(retry=False)
    return client


def _store(client: DICOMwebClient, target: WebTarget, made: Dataset) -> str | None:
    try:
        with _translated(target):
            answer = client.store_instances([made])
    except _RefusedError as refusal:
        return str(refusal)
    failed = answer.get("FailedSOPSequence") or ()
    if failed:
        reason = failed[0].get("FailureReason", 0)
        return f"{target} refuses the object with failure reason 0x{int(reason or 0):04X}."
    return None


class _RefusedError(NetworkError):
    """The server understood and will not."""


@contextmanager
def _translated(target: WebTarget) -> Iterator[None]:
    """Turn what goes wrong into our errors, without the URL, which may name a patient."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of servers that take liberties with the standard, and of unusual values
            yield
    except requests.HTTPError as error:
        status = 0 if error.response is None else error.response.status_code
        if status in _REFUSED:
            msg = f"{target} refuses the object with HTTP status {status}."
            raise _RefusedError(msg) from None
        msg = f"Expected an answer of {target}, got HTTP status {status}. Check the URL and the credentials."
        raise NetworkError(msg) from None
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        msg = f"Expected an answer of {target} as DICOMweb has it, got another ({type(error).__name__}). Check the URL."
        raise NetworkError(msg) from None
    except (requests.RequestException, OSError) as error:
        msg = f"Expected an answer of {target}, got none ({type(error).__name__}). Check that it runs and the URL."
        raise NetworkError(msg) from None


def _studies(client: DICOMwebClient, query: str) -> list[str]:
    filters = dict(parse_qsl(query))
    if not filters:
        msg = "Expected a study or a query such as studies?PatientID=123, got the whole server. Name what to score."
        raise UsageError(msg)
    found = client.search_for_studies(search_filters=filters, limit=_MOST_STUDIES + 1)
    if len(found) > _MOST_STUDIES:
        msg = f"Expected a query with at most {_MOST_STUDIES} studies, got more. Narrow it."
        raise InputError(msg)
    return [_text(study, _STUDY_UID) for study in found]


def _films(client: DICOMwebClient, study: str) -> Iterator[Found]:
    for found in client.search_for_instances(study_instance_uid=study, get_remaining=False):
        if is_film_class(_text(found, _CLASS_UID)):
            yield {_STUDY_UID: {"Value": [study]}, **found}


def _retrieve(client: DICOMwebClient, found: Found) -> Dataset:
    return client.retrieve_instance(_text(found, _STUDY_UID), _text(found, _SERIES_UID), _text(found, _INSTANCE_UID))


def _text(found: Found, tag: str) -> str:
    values = found.get(tag, {}).get("Value")
    return str(values[0]) if isinstance(values, list) and values else ""
