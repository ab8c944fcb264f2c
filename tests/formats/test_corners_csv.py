import csv
import io

from msasss.anatomy import Region
from msasss.formats import corners_csv
from msasss.pipeline.score import score_exam, score_reading_exam
from msasss.reading import CornerFinding, Lesion
from support.exams import BrightnessReader, KnownColumns, column, corner, film, lesions, reading


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_there_is_a_row_for_each_of_the_24_corners():
    found = {
        "C5 superior": lesions("C5 superior", Lesion.EROSION, Lesion.SYNDESMOPHYTE),
        "C5 inferior": CornerFinding(corner("C5 inferior"), not_visible=True),
    }
    table = rows(corners_csv.dump(score_reading_exam(reading(found, regions=[Region.CERVICAL]))))
    assert len(table) == 24
    assert (table[5]["vertebra"], table[5]["grade"], table[5]["lesions"]) == ("C5", "2", "erosion;syndesmophyte")
    assert (table[6]["grade"], table[6]["not_scored"], table[6]["disc"]) == ("", "not visible", "C5/C6")
    assert (table[12]["vertebra"], table[12]["grade"], table[12]["not_scored"]) == ("T12", "", "not read")
    assert table[5]["probability_bridge"] == ""


def test_points_and_probabilities_are_given_where_they_are_known():
    points = {"c.dcm": column(Region.CERVICAL, without=["C3 superior"])}
    table = rows(corners_csv.dump(score_exam([film()], KnownColumns(points), BrightnessReader())))
    assert (table[0]["x_px"], table[0]["y_px"], table[0]["image"]) == ("160.00", "88.00", "1.2.3.c.dcm")
    assert table[0]["probability_erosion"] == "0.0000"
    assert 0 < float(table[0]["probability_bridge"]) < 0.5
    assert (table[1]["x_px"], table[1]["probability_bridge"]) == ("", "")
