from msasss.anatomy import Region
from msasss.pipeline.score import score_exam, score_reading_exam
from msasss.reading import CornerFinding, Lesion
from msasss.report.table import corner_rows, plain_table, score_lines
from support.exams import BrightnessReader, KnownColumns, column, corner, film, lesions, reading


def exam_with_everything():
    found = {
        "C5 superior": lesions("C5 superior", Lesion.EROSION, Lesion.SYNDESMOPHYTE),
        "C5 inferior": CornerFinding(corner("C5 inferior"), not_visible=True),
        "C6 superior": lesions("C6 superior", Lesion.OSTEOPHYTE),
        "C6 inferior": CornerFinding(corner("C6 inferior"), in_doubt=True),
    }
    return score_reading_exam(reading(found, regions=[Region.CERVICAL]))


def test_every_corner_has_a_row_in_words():
    rows = {row.corner: row for row in corner_rows(exam_with_everything())}
    assert len(rows) == 24
    assert (rows["C5 superior"].grade, rows["C5 superior"].findings) == ("2", "erosion, syndesmophyte")
    assert (rows["C5 inferior"].grade, rows["C5 inferior"].findings) == ("-", "not scored: not visible")
    assert rows["C6 superior"].findings == "not scored: osteophyte or other; osteophyte"
    assert rows["C6 inferior"].check
    assert rows["L1 superior"].findings == "not read"


def test_the_score_is_given_with_its_range():
    assert score_lines(exam_with_everything()) == (
        "Cervical  2.4 of 36",
        "Lumbar    none",
        "Total     none",
        "Observed  2, possible 2 to 44",
        "Imputed with the mean of their region: C5 inferior, C6 superior",
    )


def test_the_table_fits_80_columns_in_plain_characters():
    text = plain_table(exam_with_everything())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.isascii()
    assert "C6 inferior   0      check" in text
    assert "Warning: No lumbar view was read" in text
    assert text.endswith("Research use, not a medical device.\n")


def test_the_patient_is_not_in_the_table():
    exam = score_exam([film()], KnownColumns({"c.dcm": column(Region.CERVICAL)}), BrightnessReader())
    assert exam.patient_key == "key-1"
    assert "key-1" not in plain_table(exam)
