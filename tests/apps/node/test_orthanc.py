"""A node beside a real PACS: Orthanc with DICOMweb, and dcmtk's tools as the modality and the reader of reports."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from ipaddress import ip_network

import pytest
from dicomweb_client import DICOMwebClient

from msasss.anatomy import Region
from msasss.apps.cli.main import main
from msasss.apps.cli.remote import Access, films_from
from msasss.apps.node.config import Target
from msasss.dicom import read_radiograph
from msasss.dicom.service import Sender
from msasss.dicom.structured_report import reading_from_report
from msasss.dicom.transfer import DicomTarget
from msasss.dicom.web import WebTarget, send_by_web
from msasss.pipeline.outputs import write_exam
from msasss.pipeline.result_objects import kinds_available
from msasss.pipeline.score import score_exam
from support.exams import BrightnessReader
from support.node_doubles import (
    LOOPBACK,
    PATIENT,
    SENDER,
    SquareLocaliser,
    free_port,
    node_config,
    running,
    send,
    until,
    write_film,
)
from support.orthanc import Orthanc, program
from support.shipped import DEMO_FILMS

pytestmark = pytest.mark.services

# A film of either region with its overlay; the report, the two presentation states and the PDF.
ALL = {"DX": 2, "OT": 2, "SR": 1, "PR": 2, "DOC": 1}


@pytest.fixture
def node_port():
    return free_port()


@pytest.fixture
def orthanc(tmp_path, node_port):
    with Orthanc(tmp_path / "orthanc", node_port) as server:
        yield server


def config(tmp_path, node_port, target):
    """A node that takes films from Orthanc and from a modality."""
    whole = node_config(tmp_path, target, port=node_port)
    senders = tuple(Sender(title, ip_network(f"{LOOPBACK}/32")) for title in ("ORTHANC", SENDER))
    return replace(whole, service=replace(whole.service, senders=senders))


def by_dicom(orthanc):
    return Target("orthanc", DicomTarget("ORTHANC", LOOPBACK, orthanc.dicom_port, timeout_s=10), kinds_available())


def by_web(orthanc):
    return Target("orthanc", WebTarget(orthanc.web, timeout_s=10), kinds_available())


def reports_found(orthanc, tmp_path):
    """The reports of the patient, found by QIDO, fetched by WADO, and what dsrdump says of each."""
    web = DICOMwebClient(orthanc.web)
    said = []
    for study in web.search_for_studies(search_filters={"PatientID": PATIENT}):
        uid = study["0020000D"]["Value"][0]
        for series in web.search_for_series(uid, search_filters={"Modality": "SR"}):
            for report in web.retrieve_series(uid, series["0020000E"]["Value"][0]):
                report.save_as(tmp_path / "report.dcm", enforce_file_format=True)
                dump = subprocess.run(
                    [program("dsrdump"), str(tmp_path / "report.dcm")], capture_output=True, text=True, check=True
                )
                said.append((report, dump.stdout))
    return said


def test_what_a_modality_sends_to_the_pacs_comes_back_scored(tmp_path, orthanc, node_port):
    films = [write_film(tmp_path, region) for region in Region]
    with running(config(tmp_path, node_port, by_dicom(orthanc))) as node:
        storescu = [program("storescu"), "-aet", SENDER, "-aec", "ORTHANC", LOOPBACK, str(orthanc.dicom_port)]
        subprocess.run([*storescu, *map(str, films)], check=True, capture_output=True)
        until(lambda: node.health()["queue"].get("visits_done") == 1, 120)
    assert orthanc.modalities() == ALL
    [(report, said)] = reports_found(orthanc, tmp_path)
    assert "Imaging Measurement Report" in said
    assert reading_from_report(report).images.keys() == set(Region)


def test_the_same_over_the_web_alone(tmp_path, orthanc, node_port):
    films = [write_film(tmp_path, region) for region in Region]
    with running(config(tmp_path, node_port, by_web(orthanc))) as node:
        receipts = list(send_by_web(WebTarget(orthanc.web), films))
        assert [receipt.refusal for receipt in receipts] == [None, None]
        until(lambda: node.health()["queue"].get("visits_done") == 1, 120)
    assert orthanc.modalities() == ALL
    [(report, said)] = reports_found(orthanc, tmp_path)
    assert "Imaging Measurement Report" in said
    assert reading_from_report(report).images.keys() == set(Region)


@pytest.mark.parametrize("way", [by_dicom, by_web])
def test_results_wait_for_a_pacs_that_is_stopped_for_a_while(tmp_path, orthanc, node_port, way):
    films = [write_film(tmp_path, region) for region in Region]
    orthanc.stop()
    with running(config(tmp_path, node_port, way(orthanc))) as node:
        send(films, node.port)
        until(lambda: node.health()["targets_down"] == ["orthanc"], 120)
        orthanc.start()
        until(lambda: node.health()["queue"].get("visits_done") == 1, 120)
    assert orthanc.modalities() == {kind: number for kind, number in ALL.items() if kind != "DX"}


def test_the_command_with_the_shipped_networks_scores_the_shipped_films(tmp_path, orthanc, node_port):
    """`msasss node` as a user starts it, in a process of its own, ended by SIGTERM."""
    (tmp_path / "node.toml").write_text(
        f"""
        [node]
        port = {node_port}
        folder = "spool"
        quiet_s = 0.5
        [[senders]]
        ae_title = "ORTHANC"
        address = "{LOOPBACK}"
        [[targets]]
        name = "orthanc"
        ae_title = "ORTHANC"
        host = "localhost"
        port = {orthanc.dicom_port}
        [status]
        port = 0
        """
    )
    command = [sys.executable, "-c", "import sys; from msasss.apps.cli.main import main; sys.exit(main())"]
    with (tmp_path / "log").open("wb") as log:
        node = subprocess.Popen([*command, "node", "--config", str(tmp_path / "node.toml")], stderr=log)
    try:
        until(lambda: "node_started" in (tmp_path / "log").read_text(), 120)
        films = [str(path) for path in sorted(DEMO_FILMS.glob("*.dcm"))]
        jpeg_ls = [program("storescu"), "-xt", "-aet", SENDER, "-aec", "ORTHANC"]
        subprocess.run([*jpeg_ls, LOOPBACK, str(orthanc.dicom_port), *films], check=True, capture_output=True)
        until(lambda: "visit_done" in (tmp_path / "log").read_text(), 180)
        node.send_signal(signal.SIGTERM)
        assert node.wait(60) == 0
    finally:
        node.kill()
        node.wait()
    assert orthanc.modalities() == ALL
    events = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
    assert events[-1] == "node_stopped"


def test_films_are_fetched_from_the_pacs_and_results_sent_to_it_by_hand(tmp_path, orthanc, capsys):
    """No network would find a spine on these films; what is tested is that they arrive."""
    films = [write_film(tmp_path / "films", region) for region in Region]
    list(send_by_web(WebTarget(orthanc.web), films))
    [study] = DICOMwebClient(orthanc.web).search_for_studies()
    uid = study["0020000D"]["Value"][0]
    for what in (f"studies/{uid}", f"studies?PatientID={PATIENT}"):
        with films_from(f"dicomweb:{orthanc.web}/{what}", Access()) as folder:
            assert len(list(folder.iterdir())) == 2
    scored = score_exam([read_radiograph(film) for film in films], SquareLocaliser(), BrightnessReader())
    exam = write_exam(scored, tmp_path / "results")[0].parent
    web = f"dicomweb:{orthanc.web}"
    assert main(["send", str(exam), "--source", str(tmp_path / "films"), "--to", web]) == 0
    assert orthanc.modalities() == ALL
    with films_from(f"{web}/studies/{uid}", Access()) as folder:
        assert len(list(folder.iterdir())) == 2, "our own overlays are no films"
    assert main(["score", "--from", f"dicomweb:{orthanc.web}/studies?PatientID=NOBODY"]) == 3
    assert "the study or query has none" in capsys.readouterr().err
