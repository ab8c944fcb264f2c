import json

from jsonschema import Draft202012Validator

from msasss.anatomy import Region
from msasss.formats.exam_json import schema_text
from msasss.formats.landmarks_json import (
    SCHEMA_FILE,
    LocatedFilm,
    dump_located,
    landmarks_from_json,
    landmarks_to_json,
)
from msasss.imaging import Facing
from support.exams import column, film


def test_what_is_written_is_read_back():
    landmarks = column(Region.LUMBAR, facing=Facing.RIGHT, without=["L3 superior"])
    assert landmarks_from_json(landmarks_to_json(landmarks), Region.LUMBAR) == landmarks


def test_a_film_without_points_stays_one():
    assert landmarks_from_json(landmarks_to_json(None), Region.LUMBAR) is None


def test_located_films_meet_the_schema():
    films = [LocatedFilm(film(), column(Region.CERVICAL), ("Check levels.",))]
    record = json.loads(dump_located(films, software="msasss 0", weights={"localiser": "ab" * 32}))
    schema = json.loads(schema_text(SCHEMA_FILE))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(record)
    assert record["schema"] == "msasss/locate/1"
    assert record["images"][0]["facing"] == "left"
    assert record["images"][0]["warnings"] == ["Check levels."]
    assert not Draft202012Validator(schema).is_valid({**record, "extra": 1})
