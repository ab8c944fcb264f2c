"""A small cohort on disk, without a fault, for tests that break one thing each.

Three patients: p1 with a set in 2020 and one in 2022, p2 with a set, p3 with a cervical film alone. Films are 160 x
120 px. Two persons and a consensus read the films of p1; a network's probabilities are there for one corner.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from msasss.anatomy import Corner, Region, corners_of, vertebrae_of
from msasss.formats import landmarks_csv, readings_csv
from msasss.formats.landmarks_csv import ImageLandmarks
from msasss.imaging import Facing, Landmarks, Point, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading

WIDTH_PX, HEIGHT_PX = 120, 160

VISITS = """patient,visit,cervical_image,cervical_date,lumbar_image,lumbar_date
p1,V1,p1-V1-c.png,2020-03-01,p1-V1-l.png,2020-03-20
p1,V2,p1-V2-c.png,2022-03-01,p1-V2-l.png,2022-03-01
p2,V1,p2-V1-c.png,2021-05-05,p2-V1-l.png,2021-05-05
p3,V1,p3-V1-c.png,,,
"""
PATIENTS = """patient,sex,birth_year,age,age_at_diagnosis,modified_new_york,asas,hla_b27,basdai
p1,male,1980,,26.5,1,1,1,4.2
p2,female,,41,,0,1,,
"""
IMAGES = """image,quality,implant,centre,vendor,spacing_mm,spacing_source,region_from
p1-V1-c.png,good,0,A,Acme,0.15,detector,pixels
p2-V1-l.png,poor,1,B,,,,
"""
PROBABILITIES = """image,reader,vertebra,endplate,lesion,probability
p1-V1-c.png,r1,C4,inferior,bridge,0.93
p1-V1-c.png,r1,C4,inferior,not_visible,0.02
"""
SPLIT = "patient,fold\np1,train\np2,validation\np3,test\n"
READ = ("p1-V1-c.png", "p1-V1-l.png")


def write_cohort(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    for number, name in enumerate(image_names()):
        Image.fromarray(film_pixels(number)).save(folder / "images" / name)
    tables = {"visits": VISITS, "patients": PATIENTS, "images": IMAGES, "probabilities": PROBABILITIES, "split": SPLIT}
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    points = [
        ImageLandmarks(READ[0], "r1", column(Region.CERVICAL)),
        ImageLandmarks(READ[1], "r1", column(Region.LUMBAR)),
    ]
    (folder / "landmarks.csv").write_text(landmarks_csv.dump(points), encoding="utf-8")
    (folder / "readings.csv").write_text(readings_csv.dump(readings()), encoding="utf-8")
    return folder


def image_names() -> list[str]:
    return [cell for row in VISITS.splitlines()[1:] for cell in row.split(",") if cell.endswith(".png")]


def film_pixels(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT_PX, WIDTH_PX), dtype=np.uint8)


def column(region: Region) -> Landmarks:
    """An even column in a film of the cohort, facing left."""
    vertebrae = tuple(
        VertebraLandmarks(
            vertebra,
            Point(40.0, 12.0 + 20 * place) if place else None,
            Point(40.0, 24.0 + 20 * place) if place < 6 else None,
            Point(60.0, 18.0 + 20 * place),
        )
        for place, vertebra in enumerate(vertebrae_of(region))
    )
    return Landmarks(region, Facing.LEFT, vertebrae)


def readings() -> list[Reading]:
    """Of p1's first films: r1 sees bridges where r2 sees nothing, and the consensus a syndesmophyte."""
    persons = (("r1", ReaderKind.HUMAN, Lesion.BRIDGE), ("r2", ReaderKind.HUMAN, None))
    readers = (*persons, ("consensus", ReaderKind.CONSENSUS, Lesion.SYNDESMOPHYTE))
    return [
        image_reading(image, region, Reader(kind, name), [] if lesion is None else [lesion])
        for name, kind, lesion in readers
        for image, region in zip(READ, Region, strict=True)
    ]


def image_reading(image: str, region: Region, reader: Reader, lesions: Sequence[Lesion]) -> Reading:
    """A reading of one image with lesions at the first corner of its region."""
    first: Corner = corners_of(region)[0]
    findings = (CornerFinding(it, frozenset(lesions) if it == first else frozenset()) for it in corners_of(region))
    return Reading(reader, {region: image}, tuple(findings))


def changed(folder: Path, table: str, old: str, new: str) -> Path:
    """Change one place of a table."""
    path = folder / table
    text = path.read_text(encoding="utf-8")
    assert old in text, (old, text[:400])
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder
