"""A real Orthanc with DICOMweb on loopback, for as long as a test needs it."""

import json
import os
import shutil
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dicomweb_client import DICOMwebClient

from support.node_doubles import LOOPBACK, NODE, free_port, until

DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
ROUTE = Path(__file__).parents[2] / "deploy" / "route-to-node.lua"


def program(name: str) -> str:
    """Return the path of a program; without it skip the test, or fail where services are required."""
    # The system's first: pynetdicom puts a storescu of its own, with other options, into a virtual environment.
    found = shutil.which(name, path="/usr/bin:/usr/local/bin:/usr/sbin:/usr/local/sbin") or shutil.which(name)
    if found is None or (name == "Orthanc" and not DICOMWEB.exists()):
        missing = pytest.fail if os.environ.get("MSASSS_REQUIRE_SERVICES") == "1" else pytest.skip
        missing(f"needs {name}: apt-get install orthanc orthanc-dicomweb dcmtk openssl")
    return found


@dataclass
class Orthanc:
    """An Orthanc that sends the films it gets on to a node."""

    folder: Path
    node_port: int
    dicom_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    _process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def web(self) -> str:
        return f"{self.url}/dicom-web"

    def __enter__(self) -> "Orthanc":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.stop()

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        settings = self.folder / "orthanc.json"
        settings.write_text(json.dumps(self._settings()))
        with (self.folder / "orthanc.log").open("ab") as log:
            self._process = subprocess.Popen([program("Orthanc"), str(settings)], stdout=log, stderr=log)
        until(self._answers, 60)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._process = None

    def modalities(self) -> Mapping[str, int]:
        """Return the number of objects by modality, as QIDO finds them."""
        found = DICOMwebClient(self.web).search_for_instances(fields=["Modality"])
        return Counter(instance["00080060"]["Value"][0] for instance in found)

    def _settings(self) -> dict[str, object]:
        return {
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "HttpPort": self.http_port,
            "DicomPort": self.dicom_port,
            "DicomAet": "ORTHANC",
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAlwaysAllowStore": True,
            "DicomModalities": {"node": [NODE, LOOPBACK, self.node_port]},
            "Plugins": [str(DICOMWEB)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
            "LuaScripts": [str(ROUTE)],
        }

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "orthanc.log").read_text()[-2000:]
        with suppress(OSError):
            return bool(self._get("/system"))
        return False

    def _get(self, path: str) -> bytes:
        # Not through a proxy that the environment may name.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=10) as answer:
            return answer.read()
