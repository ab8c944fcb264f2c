from pathlib import Path

import pytest

from msasss.errors import SchemeError
from msasss.formats import scheme_json
from msasss.scoring import SCHEMES


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_what_is_written_is_read_back(scheme, tmp_path: Path):
    path = tmp_path / "ours.json"
    path.write_text(scheme_json.dump(scheme), encoding="utf-8")
    assert scheme_json.load(path) == scheme


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "ours.json: Expected a scheme as JSON"),
        (b"[1]", "ours.json: .*got list"),
        (b"{}", "ours.json: .*got no schema"),
        (b"\xff\xfe", "ours.json: Expected a scheme as JSON in UTF-8"),
    ],
)
def test_a_file_that_is_no_scheme_is_refused(content: bytes, message: str, tmp_path: Path):
    path = tmp_path / "ours.json"
    path.write_bytes(content)
    with pytest.raises(SchemeError, match=message):
        scheme_json.load(path)
