"""An exam as a PDF for A4 paper, made from its HTML page by WeasyPrint, which only the extra `pdf` installs."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from PIL import ImageFile

from msasss.errors import UsageError
from msasss.exam import Exam
from msasss.report.page import report_page
from msasss.scoring.progression import USUAL_SDC

# Tagged and with its language and title, so that it can be read aloud (ISO 14289-1).
PDF_VARIANT = "pdf/ua-1"
OTHERWISE = "or take the HTML report"


def report_pdf(
    exam: Exam,
    *,
    previous: Exam | None = None,
    sdc: float = USUAL_SDC,
    notices: Sequence[str] = (),
    exam_id: str | None = None,
) -> bytes:
    """Return the report of an exam as PDF, A4; a usual exam takes two pages.

    Args:
        exam: The exam.
        previous: An earlier exam of the same patient to compare with.
        sdc: Smallest detectable change of the readers, in units of the score.
        notices: What must be known about the networks used: the notices of their weight cards.
        exam_id: What the exam is filed under, such as the name of its folder; by default the date of the visit.

    Raises:
        PairingError: If the earlier exam is of another patient, or is the later one.
        UsageError: If the smallest detectable change is negative or not finite, or WeasyPrint or the libraries it
            needs are not installed.
    """
    return page_to_pdf(report_page(exam, previous=previous, sdc=sdc, notices=notices, exam_id=exam_id))


def page_to_pdf(page: str) -> bytes:
    """Print a report's page.

    Raises:
        UsageError: If WeasyPrint or the libraries it needs are not installed.
    """
    weasyprint = _weasyprint()
    # The page holds all it needs; nothing is ever fetched, whatever a name in it may try.
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    printed: bytes = weasyprint.HTML(string=page, url_fetcher=fetcher).write_pdf(pdf_variant=PDF_VARIANT)
    return printed


def _weasyprint() -> ModuleType:
    try:
        with warnings.catch_warnings(), _truncated_images_refused():
            # Without any font WeasyPrint warns when it is imported, and crashes the interpreter when it prints.
            warnings.filterwarnings("error", message=".*FontConfig", category=UserWarning)
            return import_module("weasyprint")
    except ImportError as error:
        _refuse("WeasyPrint", f"Run 'pip install \"msasss[pdf]\"', {OTHERWISE}.", error)
    except OSError as error:
        # WeasyPrint loads Pango from the system, where pip cannot install it.
        cure = f"Install it, on Debian 'apt-get install libpango-1.0-0 libpangoft2-1.0-0', {OTHERWISE}."
        _refuse("Pango, which WeasyPrint draws text with,", cure, error)
    except UserWarning as error:
        _refuse("a font", f"Install one, on Debian 'apt-get install fonts-liberation', {OTHERWISE}.", error)


@contextmanager
def _truncated_images_refused() -> Iterator[None]:
    """Undo that WeasyPrint, when it is imported, makes Pillow fill the missing half of a radiograph with grey."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _refuse(what: str, cure: str, error: Exception) -> NoReturn:
    msg = f"Expected {what} for a PDF, but it is not installed. {cure}"
    raise UsageError(msg) from error
