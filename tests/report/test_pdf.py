import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msasss.errors import RadiographError, UsageError
from msasss.formats.raster import read_raster
from msasss.report import pdf
from msasss.report.figures import png_uri
from msasss.report.page import report_page
from support.report_exams import earlier_exam, usual_exam, without_pixels

EXAM_ID = "exam-2024-05-31-1a2b3c4d"


def can_print() -> str | None:
    """Why no PDF can be made here; None if one can."""
    try:
        pdf._weasyprint()
    except UsageError as error:
        return str(error)
    return None


@pytest.fixture(scope="module")
def printable() -> None:
    reason = can_print()
    if reason and os.environ.get("MSASSS_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def printed(printable):
    pypdf = pytest.importorskip("pypdf")
    exam, previous = usual_exam(), earlier_exam()
    return pypdf.PdfReader(io.BytesIO(pdf.report_pdf(exam, previous=previous, exam_id=EXAM_ID)))


def text_of(document) -> str:
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def test_a_usual_exam_with_an_earlier_one_prints_on_two_pages_of_a4(printed):
    assert len(printed.pages) == 2
    for page in printed.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((595.3, 841.9), abs=0.1)


def test_the_total_is_that_of_the_page(printed):
    page = report_page(without_pixels(usual_exam()))
    total = re.search(r'<p class="headline"><span class="value">([^<]*)</span>', page)[1]
    assert total == "14.62"
    assert f"{total} of 72" in text_of(printed)


def test_each_page_carries_patient_exam_and_page_number(printed):
    for number, page in enumerate(printed.pages, start=1):
        text = page.extract_text()
        assert "Patient PAT-0042" in text
        assert EXAM_ID in text
        assert f"Page {number} of 2" in text


def test_the_text_can_be_selected_and_read_aloud(printed):
    assert "Progression beyond the SDC of 2" in text_of(printed)
    assert printed.trailer["/Root"]["/Lang"] == "en"
    assert printed.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert printed.metadata.title == f"mSASSS report, {EXAM_ID}"


def test_an_exam_without_pixels_prints_too_and_its_patient_is_not_logged(printable, caplog):
    pypdf = pytest.importorskip("pypdf")
    caplog.set_level("DEBUG")
    document = pypdf.PdfReader(io.BytesIO(pdf.report_pdf(without_pixels(usual_exam()))))
    assert len(document.pages) <= 2
    assert "not at hand" in text_of(document)
    assert "PAT-0042" not in caplog.text


def test_printing_fetches_nothing_from_outside_the_page(printable, tmp_path: Path):
    pypdf = pytest.importorskip("pypdf")
    Image.linear_gradient("L").save(tmp_path / "secret.png")
    inside = png_uri(np.eye(8, dtype=np.float32))
    for source, shown in ((inside, 1), ((tmp_path / "secret.png").as_uri(), 0)):
        page = f'<html lang="en"><title>t</title><p>Text</p><img alt="picture" src="{source}"></html>'
        printed = pypdf.PdfReader(io.BytesIO(pdf.page_to_pdf(page)))
        assert len(printed.pages[0].images) == shown


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (ImportError("weasyprint"), r"Expected WeasyPrint for a PDF.*msasss\[pdf\]"),
        (OSError("libpango-1.0-0"), "Expected Pango.*apt-get install libpango-1.0-0"),
        (UserWarning("No fonts configured in FontConfig."), "Expected a font.*fonts-liberation"),
    ],
)
def test_what_is_missing_is_named_with_its_cure(monkeypatch, error, named):
    def fail(name: str) -> None:
        raise error

    monkeypatch.setattr(pdf, "import_module", fail)
    with pytest.raises(UsageError, match=named):
        pdf.page_to_pdf("<p>")


def test_a_machine_without_fonts_is_an_error_and_no_crash(printable, tmp_path: Path):
    config = tmp_path / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{tmp_path / 'none'}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    script = "from msasss.report.pdf import page_to_pdf; page_to_pdf('<p>text</p>')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "FONTCONFIG_FILE": str(config)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "UsageError: Expected a font for a PDF" in done.stderr


def test_after_printing_a_truncated_radiograph_is_still_refused(printed):
    """WeasyPrint tells Pillow, for the whole process, to fill what is missing of an image with grey."""
    content = io.BytesIO()
    Image.linear_gradient("L").resize((400, 400)).save(content, "PNG")
    with pytest.raises(RadiographError, match="truncated or damaged"):
        read_raster(content.getvalue()[: len(content.getvalue()) // 2], source="half.png")
