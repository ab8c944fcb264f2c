import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from msasss.anatomy import CORNERS, DISCS, Region
from msasss.reading import Reader, ReaderKind
from msasss.report.page import report_page
from msasss.report.palette import GRADE_INKS
from support.report_exams import earlier_exam, exam_of, usual_exam, without_pixels

VOID = {"meta", "img", "br", "link", "input", "hr"}
EXAM = usual_exam()
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&{{7*7}}"


class Page(HTMLParser):
    """Elements, text and references of a page; fails where an element is closed that is not open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def full() -> str:
    return report_page(EXAM, previous=earlier_exam(), notices=["Trained on simulated films."], exam_id="exam-1")


def test_the_page_is_well_formed_and_in_english(full):
    page = Page(full)
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("meta")[0] == {"charset": "utf-8"}


def test_the_page_needs_no_other_file(full):
    page = Page(full)
    references = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"src", "href", "xlink:href", "data", "srcset", "action", "poster"}
    ]
    assert len(references) == 14  # two films, twelve disc spaces
    assert all(value.startswith("data:image/png;base64,") for value in references)
    assert {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object", "embed", "base"} == set()
    assert "@import" not in full
    assert "url(" not in full
    policy = [item["content"] for item in page.all("meta") if "http-equiv" in item]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_every_corner_and_its_disc_space_appear(full):
    page = Page(full)
    assert all(str(corner) in page.text for corner in CORNERS)
    described = " ".join(str(item["alt"]) for item in page.all("img"))
    assert all(f"Disc space {disc}," in described for disc in DISCS)


def test_the_total_is_the_headline_with_range_and_status(full):
    text = Page(full).text
    assert "14.62 of 72" in text
    assert "21 of 24 corners graded (3 imputed), observed sum 13, possible range 13 to 22." in text
    assert "AI only, not reviewed" in text
    assert "Trained on simulated films." in text
    assert "Not for diagnosis" in text


def test_the_change_stands_against_the_sdc(full):
    text = Page(full).text
    assert "+6 since 2022-05-20 (2.0 years). Progression beyond the SDC of 2." in text
    assert "Syndesmophytes grown to a bridge: T12 inferior." in text


def test_without_an_earlier_exam_there_is_no_comparison():
    text = Page(report_page(without_pixels(EXAM))).text
    assert "SDC" not in text
    assert "Change since" not in text


def test_the_tables_are_accessible(full):
    page = Page(full)
    assert all(item.get("scope") in {"col", "row"} for item in page.all("th"))
    assert all(item.get("alt") for item in page.all("img"))
    assert [item["role"] for item in page.all("svg") if "role" in item] == ["img"]
    assert all("aria-label" in item or item.get("aria-hidden") == "true" for item in page.all("svg"))


def test_names_from_files_cannot_become_markup():
    films = tuple(replace(film, source=HOSTILE, uid=f"{film.region.value}{HOSTILE}") for film in EXAM.films)
    images = {film.region: film.uid for film in films}
    reading = replace(EXAM.reading, images=images, reader=Reader(ReaderKind.HUMAN, HOSTILE), software=HOSTILE)
    exam = exam_of(reading, films, patient_key=HOSTILE, warnings=[HOSTILE])
    page = Page(report_page(without_pixels(exam), notices=[HOSTILE], exam_id=HOSTILE))
    assert page.all("script") == []
    assert page.all("img") == []
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count("<script>alert(1)</script>") >= 6
    assert "{{7*7}}" in page.text


def test_a_missing_total_says_why_in_its_place():
    text = Page(report_page(usual_exam(regions=[Region.LUMBAR]))).text
    assert "no total" in text
    assert "No cervical view was read, so the exam has no total." in text
    assert "No cervical film was read." in text


def test_without_pixels_the_page_says_so_and_shows_none():
    page = Page(report_page(without_pixels(EXAM)))
    assert page.all("img") == []
    for region in Region:
        assert f"the pixels or the points of the {region.value} film were not at hand" in page.text


def test_a_persons_reading_has_no_probabilities():
    findings = tuple(replace(item, probabilities=None, not_visible_probability=None) for item in EXAM.reading)
    reading = replace(EXAM.reading, reader=Reader(ReaderKind.HUMAN, "r1"), findings=findings)
    text = Page(report_page(without_pixels(exam_of(reading, EXAM.films)))).text
    assert "probabilities" not in text
    assert "Human reading" in text


def test_all_corners_scored_is_said():
    findings = tuple(replace(item, not_visible=False, lesions=frozenset()) for item in EXAM.reading)
    exam = exam_of(replace(EXAM.reading, findings=findings), EXAM.films)
    assert "All 24 corners are scored; nothing is imputed." in Page(report_page(without_pixels(exam))).text


def test_the_title_names_no_patient(full):
    assert re.search(r"<title>(.*)</title>", full)[1] == "mSASSS report, exam-1"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_grades_darken_in_steps_that_survive_grey_printing():
    grounds = [GRADE_INKS[grade].ground for grade in range(4)]
    assert [luminance(colour) for colour in grounds] == sorted((luminance(colour) for colour in grounds), reverse=True)
    assert all(contrast(grounds[grade], grounds[grade + 1]) > 1.15 for grade in range(3))


def test_text_can_be_read_against_its_ground(full):
    style = re.search(r"<style>(.*?)</style>", full, flags=re.DOTALL)[1]
    variables = dict(re.findall(r"--(\w+): (#\w{6})", style))
    assert all(contrast(ink.digit, ink.ground) >= 4.5 for ink in GRADE_INKS.values())
    assert all(contrast(variables[name], "#ffffff") >= 4.5 for name in ("ink", "soft", "accent"))
    assert contrast(variables["soft"], variables["faint"]) >= 4.5
