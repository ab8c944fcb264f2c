from itertools import combinations

from msasss.anatomy import CORNERS
from msasss.report.comparison import compare
from msasss.report.corner_lines import corner_lines
from msasss.report.spine_diagram import BODY_HEIGHT, BODY_WIDTH, CHIP, HEIGHT, WIDTH, spine_diagram
from support.report_exams import earlier_exam, usual_exam, without_pixels

EXAM = without_pixels(usual_exam())
DIAGRAM = spine_diagram(corner_lines(EXAM), compare(earlier_exam(), EXAM, sdc=2.0))


def test_each_corner_has_a_chip_with_its_grade():
    assert [chip.grade for chip in DIAGRAM.chips] == [EXAM.score.grades[corner] for corner in CORNERS]
    assert {chip.label for chip in DIAGRAM.chips if chip.grade is None} == {"–"}


def test_no_chip_covers_another_or_leaves_the_drawing():
    for first, second in combinations(DIAGRAM.chips, 2):
        assert abs(first.x - second.x) >= CHIP - 2 or abs(first.y - second.y) >= CHIP - 2
    assert all(CHIP < chip.x < WIDTH - CHIP and CHIP / 2 < chip.y < HEIGHT - CHIP / 2 for chip in DIAGRAM.chips)


def test_the_bodies_lie_inside_the_drawing():
    assert [body.name for body in DIAGRAM.bodies][::7] == ["C2", "T12"]
    assert all(0 < body.x < WIDTH - BODY_WIDTH and 0 < body.y < HEIGHT - BODY_HEIGHT for body in DIAGRAM.bodies)


def test_a_bridge_is_a_bar_between_its_two_corners():
    above, below = DIAGRAM.chips[12], DIAGRAM.chips[13]
    assert [(bar.top, bar.bottom) for bar in DIAGRAM.bridges] == [(above.y, below.y)]


def test_only_corners_that_changed_carry_their_change():
    changes = {str(corner): chip.change for corner, chip in zip(CORNERS, DIAGRAM.chips, strict=True) if chip.change}
    assert changes == {"C6 superior": "+2", "T12 inferior": "+1", "L1 inferior": "+1", "L3 superior": "+2"}


def test_a_doubtful_corner_is_marked():
    assert [str(corner) for corner, chip in zip(CORNERS, DIAGRAM.chips, strict=True) if chip.check] == ["L3 superior"]
