"""An exam as one HTML page that needs no other file: for the screen, for print, and as the source of the PDF."""

from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from msasss.anatomy import Disc, Region, discs_of
from msasss.exam import Exam
from msasss.report import figures, film_marks, spine_diagram
from msasss.report.content import INTENDED_USE, ReportContent, report_content
from msasss.report.corner_lines import CornerLine, has_probabilities
from msasss.report.palette import GRADE_INKS
from msasss.report.table import NOTICE
from msasss.scoring.progression import USUAL_SDC

TEMPLATE = "report.html.j2"
STYLE = "report.css"


def report_page(
    exam: Exam,
    *,
    previous: Exam | None = None,
    sdc: float = USUAL_SDC,
    notices: Sequence[str] = (),
    exam_id: str | None = None,
) -> str:
    """Return the report of an exam as one self-contained HTML page in English, UTF-8.

    Pictures are shown of the films whose pixels and points are at hand; the page says where they are not.

    Args:
        exam: The exam.
        previous: An earlier exam of the same patient to compare with.
        sdc: Smallest detectable change of the readers, in units of the score.
        notices: What must be known about the networks used: the notices of their weight cards.
        exam_id: What the exam is filed under, such as the name of its folder; by default the date of the visit.

    Raises:
        PairingError: If the earlier exam is of another patient, or is the later one.
        UsageError: If the smallest detectable change is negative or not finite.
    """
    content = report_content(exam, previous=previous, sdc=sdc, notices=notices, exam_id=exam_id)
    return render(content, figures.exam_figures(exam))


def render(content: ReportContent, pictures: figures.Figures) -> str:
    """Return the page that says the content and shows the pictures."""
    return (
        _templates()
        .get_template(TEMPLATE)
        .render(
            content=content,
            figures=pictures,
            columns=[(sums, _discs(content, region)) for sums, region in zip(content.regions, Region, strict=True)],
            diagram=spine_diagram.spine_diagram(content.corners, content.comparison),
            with_probabilities=has_probabilities(content.corners),
            intended_use=INTENDED_USE,
            notice=NOTICE,
            style=Markup(_style()),
            regions=tuple(Region),
            inks=GRADE_INKS,
            spine=spine_diagram,
            chip_px=film_marks.CHIP_PX,
            film_size=(figures.FILM_WIDTH_PX, figures.FILM_HEIGHT_PX),
        )
    )


def _discs(content: ReportContent, region: Region) -> list[tuple[Disc, tuple[CornerLine, CornerLine]]]:
    lines = {line.corner: line for line in content.corners}
    return [(disc, (lines[disc.above], lines[disc.below])) for disc in discs_of(region)]


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("msasss.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return resources.files("msasss.report").joinpath("templates", STYLE).read_text(encoding="utf-8")
