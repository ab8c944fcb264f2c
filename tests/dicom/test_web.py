"""DICOMweb against a server that says whatever the test wants; against a real one see the tests of the node."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from msasss.dicom.web import Credentials, WebTarget, fetch_films, send_by_web
from msasss.errors import InputError, NetworkError, UsageError
from support.films import dicom_film


class Server:
    """Answers every request alike, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.kind = 200, b"", "application/dicom+json"
        self.asked: list[tuple[str, str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                outer.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while (size := int(self.rfile.readline(), 16)) > 0:
                        self.rfile.read(size + 2)
                    self.rfile.readline()
                else:
                    self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(outer.status)
                self.send_header("Content-Type", outer.kind)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.target = WebTarget(f"http://127.0.0.1:{self.http.server_address[1]}/dicom-web", timeout_s=5)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.http.shutdown()
    thread.join()
    server.http.server_close()


@pytest.fixture
def film(tmp_path):
    return dicom_film(tmp_path / "film.dcm")


def test_an_object_that_is_stored_has_a_receipt(server, film):
    [receipt] = send_by_web(server.target, [film])
    assert receipt.refusal is None
    [(method, path, _)] = server.asked
    assert (method, path) == ("POST", "/dicom-web/studies")


@pytest.mark.parametrize("status", [400, 409, 415])
def test_an_object_that_is_refused_says_so_and_the_next_is_sent(server, film, status):
    server.status = status
    receipts = list(send_by_web(server.target, [film, film]))
    assert [f"refuses the object with HTTP status {status}" in receipt.refusal for receipt in receipts] == [True, True]


def test_a_failure_in_an_answer_of_success_is_a_refusal(server, film):
    failed = {"00081198": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [0xA900]}}]}}
    server.body = json.dumps(failed).encode()
    [receipt] = send_by_web(server.target, [film])
    assert receipt.refusal.endswith("refuses the object with failure reason 0xA900.")


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_server_that_cannot_or_does_not_let_us_in_is_a_network_error(server, film, status):
    server.status = status
    with pytest.raises(NetworkError, match=f"got HTTP status {status}"):
        list(send_by_web(server.target, [film]))


def test_an_answer_that_is_no_dicomweb_is_a_network_error(server, tmp_path):
    server.body = b"<html>hello</html>"
    with pytest.raises(NetworkError, match="as DICOMweb has it"):
        fetch_films(server.target, tmp_path, query="PatientID=SECRET")


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (Credentials(token="abc"), "Bearer abc"),
        (Credentials(user="me", password="word"), "Basic " + base64.b64encode(b"me:word").decode()),
        (None, ""),
    ],
)
def test_credentials_are_sent(server, film, credentials, header):
    list(send_by_web(replace(server.target, credentials=credentials), [film]))
    assert server.asked[0][2] == header


def test_a_search_that_finds_nothing_or_too_much_is_refused(server, tmp_path):
    server.body = b"[]"
    with pytest.raises(InputError, match="the study or query has none"):
        fetch_films(server.target, tmp_path, query="PatientID=1")
    server.body = json.dumps([{"0020000D": {"vr": "UI", "Value": [f"1.2.{number}"]}} for number in range(101)]).encode()
    with pytest.raises(InputError, match="at most 100 studies"):
        fetch_films(server.target, tmp_path, query="PatientID=1")
    with pytest.raises(UsageError, match="got the whole server"):
        fetch_films(server.target, tmp_path)


@pytest.mark.parametrize(
    "url", ["pacs.example/dicom-web", "ftp://pacs.example", "http://", "https://me:word@pacs.example"]
)
def test_an_address_that_is_none_is_refused_without_showing_a_password(url):
    with pytest.raises(UsageError, match="Expected the URL of a DICOMweb server") as caught:
        WebTarget(url)
    assert "word" not in str(caught.value).replace("password", "")
