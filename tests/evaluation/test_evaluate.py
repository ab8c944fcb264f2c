import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, roc_auc_score

from msasss.cohort.records import Fold
from msasss.errors import UsageError
from msasss.evaluation import agreement_of_grades, agreement_of_totals
from msasss.evaluation.answers import FINDINGS
from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.comparison import Settings
from msasss.evaluation.evaluate import SIMULATED, evaluate
from msasss.evaluation.study import of_fold, study_of, study_of_images
from msasss.formats.readings_csv import per_image
from msasss.reading import CornerFinding, Lesion
from msasss.scoring import MSASSS, MissingKind, MissingPolicy, score_reading
from support.exams import corner
from support.studies import NETWORK, PERSONS, human, parts, reading_of, study, visit

QUICK = Settings(reference="anna", draws=40)
ANNA, BEN = human("anna"), human("ben")


@cache
def result(reference="anna"):
    return evaluate(study(), Settings(reference=reference, draws=40))


def bears(name, *lesions, **fields):
    return {name: CornerFinding(corner(name), frozenset(lesions), **fields)}


def pairs_of_grades(other):
    """Grades of anna and of another reader, straight from the readings."""
    made = parts()
    by_visit = {(it.reader.id, tuple(it.images.values())): it for it in made.readings}
    pairs = []
    for at in made.visits:
        images = tuple(at.images.values())
        one, two = (score_reading(by_visit[name, images]) for name in ("anna", other))
        pairs.append((one, two))
    return pairs


@pytest.mark.parametrize("other", ["network", "ben", "cleo"])
def test_accuracy_kappa_and_totals_equal_those_counted_one_by_one(other):
    pairs = pairs_of_grades(other)
    true = [grade for one, _ in pairs for grade in one.grades.values()]
    said = [grade for _, two in pairs for grade in two.grades.values()]
    expected = agreement_of_grades(true, said)
    row = result().table("table-6-grades").row(reader=other)
    assert row["n"] == expected.corners
    assert row["accuracy"].estimate == pytest.approx(expected.accuracy)
    assert row["balanced_accuracy"].estimate == pytest.approx(expected.balanced_accuracy)
    both = [(a, b) for a, b in zip(true, said, strict=True) if None not in (a, b)]
    assert row["weighted_kappa"].estimate == pytest.approx(
        cohen_kappa_score(*zip(*both, strict=True), weights="quadratic")
    )
    totals = agreement_of_totals([one.total for one, _ in pairs], [two.total for _, two in pairs])
    exam = result().table("table-7-totals").row(reader=other, score="exam")
    assert exam["n"] == totals.exams
    assert exam["icc_2_1"].estimate == pytest.approx(totals.icc)
    assert exam["bias"].estimate == pytest.approx(totals.bias)
    assert exam["limit_low"].estimate == pytest.approx(totals.limits[0])
    assert exam["mean_absolute_error"].estimate == pytest.approx(totals.mean_absolute_error)


def test_the_confusion_equals_scikit_learn():
    pairs = pairs_of_grades("ben")
    true, said = ([4 if it is None else it for one in pairs for it in one[side].grades.values()] for side in (0, 1))
    expected = confusion_matrix(true, said, labels=range(5))
    table = result().table("table-5-confusion")
    rows = [row[2:7] for row in table.rows if row[0] == "ben"][:5]
    assert np.array(rows).tolist() == expected.tolist()
    assert table.row(reader="ben", reference_grade="all graded")["n"] == int(expected[:4].sum())


def test_detection_equals_scikit_learn_over_the_corners_the_reference_sees():
    made = parts()
    truth, said, probability = [], [], []
    for at in made.visits:
        by_reader = {it.reader.id: it for it in made.readings if dict(it.images) == dict(at.images)}
        for finding in by_reader["anna"]:
            other = by_reader["network"][finding.corner]
            if not finding.not_visible:
                truth.append(Lesion.BRIDGE in finding.lesions)
                said.append(Lesion.BRIDGE in other.lesions)
                probability.append(other.probabilities[Lesion.BRIDGE])
    row = result().table("table-4-detection").row(reader="network", finding="bridge", region="both")
    assert (row["n"], row["positive"]) == (len(truth), sum(truth))
    assert row["accuracy"].estimate == pytest.approx(accuracy_score(truth, said))
    assert row["auc_roc"].estimate == pytest.approx(roc_auc_score(truth, probability))


def test_regions_add_up_to_both():
    table = result().table("table-4-detection")
    for finding in FINDINGS:
        parts_ = [table.row(reader="network", finding=finding, region=name) for name in ("cervical", "lumbar", "both")]
        assert parts_[0]["n"] + parts_[1]["n"] == parts_[2]["n"]
        assert parts_[0]["positive"] + parts_[1]["positive"] == parts_[2]["positive"]


def test_persons_have_no_area_under_a_curve():
    row = result().table("table-4-detection").row(reader="ben", finding="bridge", region="both")
    assert row["auc_roc"] is None
    assert isinstance(row["sensitivity"], Interval)


def test_findings_are_counted_with_their_share_of_all_corners_with_a_reference():
    table = result().table("table-2-lesions")
    row = table.row(finding="bridge")
    corners = 24 * len(parts().visits)
    assert row["both_percent"].estimate == pytest.approx(100 * row["both_n"] / corners)
    assert row["cervical_n"] + row["lumbar_n"] == row["both_n"]


def test_the_network_does_not_count_as_an_observer():
    caption = result().table("table-3-interobserver").caption
    assert f"{len(PERSONS)} persons (anna, ben, cleo)" in caption
    assert "network" not in caption


def test_agreement_of_observers_is_that_of_all_pairs():
    made = parts()
    agree = pairs = 0
    for at in made.visits:
        readings = [it for it in made.readings if dict(it.images) == dict(at.images) and it.reader.id in PERSONS]
        for first, one in enumerate(readings):
            for two in readings[first + 1 :]:
                for finding in one:
                    other = two[finding.corner]
                    if not (finding.not_visible or other.not_visible):
                        pairs += 1
                        agree += (Lesion.SQUARING in finding.lesions) == (Lesion.SQUARING in other.lesions)
    row = result().table("table-3-interobserver").row(finding="squaring")
    assert row["percent"].estimate == pytest.approx(100 * agree / pairs)


def test_change_is_measured_between_consecutive_visits():
    row = result().table("table-8-change").row(reader="ben")
    pairs = dict(zip([(it.patient, it.visit) for it in parts().visits], pairs_of_grades("ben"), strict=True))
    changes = []
    for (patient, name), (one, two) in pairs.items():
        if name == "v1":
            before = pairs[patient, "v0"]
            totals = [one.total, before[0].total, two.total, before[1].total]
            if None not in totals:
                changes.append((totals[0] - totals[1], totals[2] - totals[3]))
    assert row["n"] == len(changes)
    assert row["mean_reference"].estimate == pytest.approx(np.mean([a for a, _ in changes]))
    spread = np.std([b - a for a, b in changes], ddof=1)
    assert row["sdc"].estimate == pytest.approx(1.96 * spread / math.sqrt(2))


@pytest.mark.parametrize("key", ["table-5-confusion", "table-6-grades", "table-7-totals", "table-8-change"])
def test_always_0_stands_beside_every_reader(key):
    assert "always 0" in result().table(key).column("reader")


def test_always_0_is_right_as_often_as_the_reference_says_0():
    row = result().table("table-6-grades").row(reader="always 0")
    zeros = result().table("table-5-confusion").row(reader="always 0", reference_grade="0")["n"]
    assert row["accuracy"].estimate == pytest.approx(zeros / row["n"])
    assert row["balanced_accuracy"].estimate == 0.25


def test_subgroups_cover_all_corners():
    table = result().table("table-11-subgroups")
    everything = table.row(subgroup="all")["n"]
    for factor in ("sex", "age", "region", "level", "quality", "implant", "centre"):
        rows = [dict(zip([it.key for it in table.columns], row, strict=True)) for row in table.rows]
        assert sum(row["n"] for row in rows if row["factor"] == factor) == everything, factor


def test_subgroups_are_ordered_as_one_reads_them():
    table = result().table("table-11-subgroups")
    labels = [row[2] for row in table.rows if row[1] == "age"]
    assert labels == ["under 30", "30 to 39", "40 to 49", "50 to 59", "60 and over"]
    assert [row[2] for row in table.rows if row[1] == "level"][:2] == ["C2/C3", "C3/C4"]


def test_totals_of_a_region_or_level_are_not_made_up():
    row = result().table("table-11-subgroups").row(factor="region", subgroup="cervical")
    assert row["icc_2_1"] is None


def test_every_table_says_how_many_and_what_became_of_corners_not_scored():
    for table in result("consensus").tables:
        keys = {column.key for column in table.columns}
        assert keys & {"n", "both_n", "corners", "evaluated", "All"}, table.key
        words = ("not scored", "does not score", "not visible", "both persons grade")
        assert any(word in " ".join(table.notes) for word in words), table.key


def test_intervals_hold_their_estimates_mostly_and_repeat_with_the_seed():
    again = evaluate(study(), QUICK)
    assert again.table("table-6-grades") == result().table("table-6-grades")
    cells = [cell for row in again.table("table-6-grades").rows for cell in row if isinstance(cell, Interval)]
    assert sum(cell.low <= cell.estimate <= cell.high for cell in cells) >= 0.9 * len(cells)


def test_the_flow_adds_up():
    table = evaluate(of_fold(study(), Fold.TEST), Settings(draws=10)).table("flow")
    steps = {row[0]: row for row in table.rows}
    assert steps["patients listed"][2] == 12
    assert steps["fulfilling modified New York or ASAS criteria"][2] == 12
    kept, apart = steps["evaluated: the fold test"], steps["in the fold train"]
    assert kept[2] + apart[2] == steps["with radiographs"][2]
    left = [steps[name][4] for name in steps if name.startswith("corners ")]
    assert kept[4] - sum(left) == steps["graded by the reference"][4]


def test_captions_of_simulated_films_say_so():
    tables = evaluate(study(patients=4, simulated=True), Settings(draws=10)).tables
    assert all(SIMULATED in table.caption for table in tables)
    assert not any(SIMULATED in table.caption for table in result().tables)


def test_tables_that_the_readings_do_not_allow_are_left_out():
    at = visit("P1")
    made = study_of_images([reading_of(at, ANNA), reading_of(at, NETWORK, bears("C5 superior", Lesion.BRIDGE))])
    evaluation = evaluate(made, Settings(reference="anna", draws=10))
    absent = {"table-3-interobserver", "table-8-change", "table-9-calibration", "table-10-abstention"}
    assert not absent & {table.key for table in evaluation.tables}
    accuracy = evaluation.table("table-6-grades").row(reader="network")["accuracy"]
    assert accuracy.estimate == pytest.approx(23 / 24)
    assert math.isnan(accuracy.low)


def test_an_image_that_a_reader_left_unread_is_left_out_for_that_reader():
    at = visit("P1")
    cervical, _ = per_image([reading_of(at, BEN)])
    evaluation = evaluate(study_of([at], [reading_of(at, ANNA), cervical]), QUICK)
    assert evaluation.table("table-6-grades").row(reader="ben")["n"] == 12
    assert evaluation.table("table-7-totals").row(reader="ben", score="lumbar")["n"] == 0


def test_a_corner_the_reader_does_not_score_counts_as_wrong_and_one_the_reference_does_not_score_not_at_all():
    at = visit("P1")
    reference = reading_of(at, ANNA, bears("L1 superior", Lesion.OSTEOPHYTE))
    other = reading_of(at, BEN, bears("C5 superior", not_visible=True))
    row = evaluate(study_of([at], [reference, other]), QUICK).table("table-6-grades").row(reader="ben")
    assert row["n"] == 23
    assert row["accuracy"].estimate == pytest.approx(22 / 23)
    assert row["not_scored"].estimate == pytest.approx(1 / 23)


def test_a_scheme_that_imputes_nothing_says_so_and_gives_fewer_totals():
    scheme = replace(MSASSS, name="strict", missing=MissingPolicy(MissingKind.NONE))
    strict = evaluate(study(), replace(QUICK, scheme=scheme)).table("table-7-totals")
    assert "A region with a corner that is not scored has no total." in strict.notes[0]
    assert (
        strict.row(reader="ben", score="exam")["n"]
        < result().table("table-7-totals").row(reader="ben", score="exam")["n"]
    )


def test_a_reference_alone_is_refused():
    at = visit("P1")
    with pytest.raises(UsageError, match="beside those of anna, got none"):
        evaluate(study_of([at], [reading_of(at, ANNA)]), QUICK)


def test_readers_of_different_images_are_refused():
    one, other = visit("P1"), visit("P2")
    made = study_of([one, other], [reading_of(one, ANNA), reading_of(other, BEN)])
    with pytest.raises(UsageError, match="read by anna and by somebody else, got none"):
        evaluate(made, QUICK)
