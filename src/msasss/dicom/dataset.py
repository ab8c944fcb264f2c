"""From bytes to a DICOM dataset, refusing what cannot be one before it costs memory."""

import struct
import warnings
import zlib
from io import BytesIO
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset, read_preamble
from pydicom.uid import DeflatedExplicitVRLittleEndian

from msasss.errors import RadiographError
from msasss.imaging.content import LARGEST_FILE_BYTES

# What pydicom and its decoders raise on damaged or hostile bytes; it documents no common base.
READ_FAULTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

_PREAMBLE_BYTES = 128
_META_OR_IDENTIFYING_GROUP = (b"\x02\x00", b"\x08\x00")
_CHUNK_BYTES = 2**20


def is_dicom(head: bytes) -> bool:
    """Say whether a file that begins with these bytes (at least 132) is a DICOM file.

    Files without the preamble, as some old devices write, are known by a first element of group 0002 or 0008.
    """
    if head[_PREAMBLE_BYTES : _PREAMBLE_BYTES + 4] == b"DICM":
        return True
    if len(head) < 8 or head[:2] not in _META_OR_IDENTIFYING_GROUP:
        return False
    is_early_element = head[3] == 0 and head[2] <= 0x80
    has_explicit_vr, is_short = head[4:6].isalpha(), head[6:8] == b"\0\0"
    return is_early_element and (has_explicit_vr or is_short)


def parse(content: bytes, source: str) -> Dataset:
    """Parse the bytes of a DICOM file.

    Raises:
        RadiographError: If they are no DICOM file, are damaged, or inflate beyond any radiograph.
    """
    if not is_dicom(content[: _PREAMBLE_BYTES + 4]):
        found = "an empty file" if not content else "something else (or an encrypted file)"
        msg = f"{source}: Expected a DICOM file, got {found}. Give the file as the PACS or the device exported it."
        raise RadiographError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns of each unusual value; ours are checked where they are used
            _check_inflated_size(content, source)
            return dcmread(BytesIO(content), force=True)
    except READ_FAULTS as error:
        raise damaged(source) from error


def damaged(source: str) -> RadiographError:
    """Return the error for a file that pydicom or a decoder gave up on."""
    msg = f"{source}: The DICOM file is truncated or damaged and cannot be decoded. Export it again."
    return RadiographError(msg)


def _check_inflated_size(content: bytes, source: str) -> None:
    """Refuse a deflated dataset that inflates beyond any radiograph."""
    stream = BytesIO(content)
    read_preamble(stream, force=True)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, _vr, _length: tag.group != 0x0002)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    inflater, inflated = zlib.decompressobj(-zlib.MAX_WBITS), 0
    pending = stream.read()
    while pending and not inflater.eof:
        inflated += len(inflater.decompress(pending, _CHUNK_BYTES))
        pending = inflater.unconsumed_tail
        if inflated > LARGEST_FILE_BYTES:
            msg = f"{source}: The file inflates to more than {LARGEST_FILE_BYTES >> 20} MB. Give one radiograph."
            raise RadiographError(msg)
