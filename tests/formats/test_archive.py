"""Zips are read in memory and within bounds."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from msasss.errors import RadiographError
from msasss.formats import archive
from msasss.formats.archive import ArchiveMember, is_archive, read_members


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def test_members_come_sorted_and_whole():
    members = list(read_members(packed({"b/2.dcm": b"two", "a.dcm": b"one", "folder/": b""})))
    assert members == [ArchiveMember("a.dcm", b"one"), ArchiveMember("b/2.dcm", b"two")]


def test_zip_on_disk_is_read(tmp_path: Path):
    (tmp_path / "films.zip").write_bytes(packed({"a.dcm": b"one"}))
    assert [member.name for member in read_members(tmp_path / "films.zip")] == ["a.dcm"]


def test_path_traversal_writes_nothing(tmp_path: Path):
    (tmp_path / "evil.zip").write_bytes(packed({"../../evil.dcm": b"content", "/etc/evil": b"more"}))
    members = list(read_members(tmp_path / "evil.zip"))
    assert [member.content for member in members] == [b"content", b"more"]
    assert [path.name for path in tmp_path.rglob("*")] == ["evil.zip"]


def test_encrypted_member_is_named_and_the_others_are_read():
    with_secret = bytearray(packed({"a.dcm": b"one", "b.dcm": b"two"}))
    second = with_secret.rfind(b"PK\x01\x02")
    with_secret[second + 8] |= 1
    first, other = read_members(bytes(with_secret))
    assert first.content == b"one"
    assert other.content is None
    assert "got an encrypted file" in (other.problem or "")


def test_nested_zip_is_refused_but_not_an_office_document():
    inner = packed({"a.dcm": b"one"})
    nested, document = read_members(packed({"nested.zip": inner, "notes.docx": inner}))
    assert document.content == inner
    assert "got a zip inside a zip" in (nested.problem or "")


def test_damaged_member_does_not_stop_the_others():
    content = bytearray(packed({"a.dcm": b"first" * 100, "b.dcm": b"second"}, zipfile.ZIP_STORED))
    content[content.index(b"firstfirst")] ^= 0xFF
    first, second = read_members(bytes(content))
    assert "damaged inside the zip" in (first.problem or "")
    assert second.content == b"second"


def test_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(RadiographError, match=r"bomb\.zip: .*packed \d{3,4} to 1, a zip bomb"):
        next(read_members(packed({"zeros.dcm": bytes(40 * 2**20)}), source="bomb.zip"))


def test_member_that_inflates_beyond_what_it_declares_is_not_read_further():
    content = bytearray(packed({"a.dcm": bytes(5000)}))
    central = content.rfind(b"PK\x01\x02")
    content[central + 24 : central + 28] = (10).to_bytes(4, "little")
    (member,) = read_members(bytes(content))
    assert member.content is None


@pytest.mark.parametrize(
    ("bound", "limit", "reason"),
    [
        ("_MOST_MEMBERS", 1, "at most 1 files in a zip, got 2"),
        ("_LARGEST_TOTAL_BYTES", 2**20, "a zip of at most 1 MB, got 3 MB"),
    ],
)
def test_too_much_is_refused(bound: str, limit: int, reason: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, bound, limit)
    with pytest.raises(RadiographError, match=reason):
        next(read_members(packed({"a": b"x", "b": bytes(3 * 2**20)})))


def test_too_large_a_member_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "LARGEST_FILE_BYTES", 2**20)
    (member,) = read_members(packed({"a.dcm": bytes(3 * 2**20)}))
    assert "at most 1 MB, got 3 MB" in (member.problem or "")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", packed({"a.dcm": b"one" * 100})[:-30]])
def test_truncated_zip_is_refused(content: bytes):
    with pytest.raises(RadiographError, match=r"half\.zip: The zip file is truncated or damaged"):
        list(read_members(content, source="half.zip"))


def test_signature_tells_zips_from_other_files():
    assert is_archive(packed({"a": b""}))
    assert not is_archive(b"DICM")
