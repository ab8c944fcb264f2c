"""What the command line calls a PACS: `dicom:AET@host:port` or `dicomweb:URL`."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from msasss.dicom.transfer import ClientTls, DicomTarget
from msasss.dicom.web import Credentials, WebTarget, fetch_films, read_credentials
from msasss.errors import UsageError

_DICOM: Final = re.compile(r"(?P<title>[^@\\]{1,16})@(?P<host>[^@\s]+):(?P<port>\d{1,5})")
_FORMS: Final = "dicom:AET@host:port or dicomweb:URL"


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a PACS, besides its address; the fields are the options of the verbs."""

    aet: str = "MSASSS"
    credentials: Path | None = None
    tls: bool = False
    ca: Path | None = None

    def client_tls(self) -> ClientTls | None:
        """Return the TLS settings, or None without TLS; a web address says by itself whether it wants TLS."""
        return ClientTls(self.ca) if self.tls or self.ca is not None else None

    def read_credentials(self) -> Credentials | None:
        """Return the credentials, or None.

        Raises:
            UsageError: If the file cannot be read or is empty.
        """
        return None if self.credentials is None else read_credentials(self.credentials)


def parse_target(text: str, access: Access) -> DicomTarget | WebTarget:
    """Return the target that `--to` names.

    Raises:
        UsageError: If it is none.
    """
    kind, _, address = text.partition(":")
    if kind == "dicomweb":
        return WebTarget(address, access.read_credentials(), access.client_tls())
    found = _DICOM.fullmatch(address) if kind == "dicom" else None
    if found is None or not 0 < int(found["port"]) < 65536:
        msg = f"Expected {_FORMS}, got {text!r}. Correct --to."
        raise UsageError(msg)
    return DicomTarget(found["title"], found["host"], int(found["port"]), access.aet, access.client_tls())


@contextmanager
def films_from(source: str, access: Access) -> Iterator[Path]:
    """Fetch films from a DICOMweb server into a folder that is deleted when the block ends.

    Args:
        source: `dicomweb:` and the URL of a study, `.../studies/UID`, or of a search, `.../studies?PatientID=123`.
        access: How to reach the server.

    Raises:
        UsageError: If it is neither.
        NetworkError: If the server does not answer or does not let us in.
        InputError: If nothing was found, or too much.
    """
    kind, _, url = source.partition(":")
    parts = urlsplit(url)
    root, studies, study = parts.path.partition("/studies")
    study = unquote(study.strip("/"))
    if kind != "dicomweb" or not studies or bool(study) == bool(parts.query) or "/" in study:
        msg = (
            f"Expected dicomweb: with the URL of a study, .../studies/UID, or of a search, .../studies?PatientID=ID, "
            f"got {kind}: without either. Correct --from."
        )
        raise UsageError(msg)
    target = WebTarget(
        urlunsplit((parts.scheme, parts.netloc, root, "", "")), access.read_credentials(), access.client_tls()
    )
    with tempfile.TemporaryDirectory(prefix="msasss-") as folder:
        fetch_films(target, Path(folder), study=study or None, query=parts.query)
        yield Path(folder)
