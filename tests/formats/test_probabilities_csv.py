from pathlib import Path

import pytest

from msasss.errors import ReadingError
from msasss.formats import probabilities_csv
from msasss.formats.probabilities_csv import CornerProbability
from msasss.reading import CornerFinding, Lesion
from support.exams import corner, reading

SURE = CornerFinding(
    corner("C5 superior"), frozenset(), False, {Lesion.BRIDGE: 0.25, Lesion.EROSION: 0.5}, not_visible_probability=0.125
)
HEADER = "image,reader,vertebra,endplate,lesion,probability\n"


def test_what_is_written_is_read_back(tmp_path: Path):
    found = probabilities_csv.of_readings([reading({"C5 superior": SURE})])
    assert [(item.lesion, item.probability) for item in found] == [
        (Lesion.BRIDGE, 0.25),
        (Lesion.EROSION, 0.5),
        (None, 0.125),
    ]
    path = tmp_path / "probabilities.csv"
    path.write_text(probabilities_csv.dump(found), encoding="utf-8")
    assert probabilities_csv.load(path) == found


def test_readings_get_back_the_probabilities_they_lost():
    whole = reading({"C5 superior": SURE})
    found = probabilities_csv.of_readings([whole])
    assert probabilities_csv.with_probabilities([reading()], found) == (whole,)


def test_probabilities_of_another_reader_are_left_alone():
    item = CornerProbability("cervical.png", "r9", corner("C5 superior"), Lesion.BRIDGE, 0.5)
    assert probabilities_csv.with_probabilities([reading()], [item]) == (reading(),)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,r1,C5,superior,bridge,2", r"row 2, column probability: Expected a probability in \[0, 1\], got '2'"),
        ("a,r1,C5,superior,bridge,nan", r"row 2, column probability: .* got 'nan'"),
        ("a,r1,C5,superior,spur,0.5", r"row 2, column lesion: .* got 'spur'"),
        ("a,r1,C2,superior,bridge,0.5", r"row 2, column endplate: .* got C2 superior"),
        ("a,,C5,superior,bridge,0.5", r"row 2, column reader: Expected a value"),
        ("a,r1,C5,superior,bridge,0.5\na,r1,C5,superior,bridge,0.6", r"row 3, .* bridge once, .*first in row 2"),
    ],
)
def test_a_fault_names_row_and_column(tmp_path: Path, rows: str, message: str):
    path = tmp_path / "probabilities.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(ReadingError, match=message):
        probabilities_csv.load(path)
