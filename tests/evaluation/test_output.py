import json
import re
from datetime import UTC, datetime

import pytest

from msasss.errors import UsageError
from msasss.evaluation.checklist import checklist
from msasss.evaluation.checklist_items import GUIDELINES
from msasss.evaluation.comparison import Settings
from msasss.evaluation.evaluate import SIMULATED, evaluate
from msasss.evaluation.figures import write_figures
from msasss.evaluation.figures.write import FIGURES
from msasss.evaluation.output import (
    EvaluationProvenance,
    check_folder,
    headline,
    page_of,
    plain_evaluation,
    prepare_folder,
    write_evaluation,
)
from msasss.evaluation.study import study_of_images
from support.studies import human, reading_of, study, visit

PROVENANCE = EvaluationProvenance("msasss 9.9", datetime(2026, 1, 2, tzinfo=UTC), {"readings.csv": "ab" * 32}, 1.6)


@pytest.fixture(scope="module")
def evaluation():
    """Twelve patients, three persons and a network; simulated."""
    return evaluate(study(simulated=True), Settings(draws=30))


@pytest.fixture(scope="module")
def two_readings():
    """One visit read by two persons: the least there is to compare."""
    at = visit("P1")
    return evaluate(
        study_of_images([reading_of(at, human("anna")), reading_of(at, human("ben"))]), Settings("anna", draws=30)
    )


def test_every_table_is_written_in_every_format(evaluation, tmp_path):
    prepare_folder(tmp_path / "out")
    written = write_evaluation(evaluation, tmp_path / "out", PROVENANCE)
    names = {path.relative_to(tmp_path / "out").as_posix() for path in written}
    expected = {f"tables/{table.key}.{ending}" for table in evaluation.tables for ending in ("csv", "tex")}
    assert names == expected | {"evaluation.md", "evaluation.json", "checklist.md"}
    data = json.loads((tmp_path / "out/evaluation.json").read_text(encoding="utf-8"))
    assert [table["key"] for table in data["tables"]] == [table.key for table in evaluation.tables]


def test_the_page_names_reference_seed_software_and_input(evaluation):
    page = page_of(evaluation, PROVENANCE)
    assert "the majority of the persons" in page
    assert "30 resamples of patients, seed 1" in page
    assert "msasss 9.9, 2026-01-02, 2 s of machine time" in page
    assert f"readings.csv: sha256 {'ab' * 32}" in page
    assert page.count(SIMULATED) == len(evaluation.tables) + 1


def test_the_data_hold_the_curves(evaluation):
    data = plain_evaluation(evaluation, PROVENANCE)
    assert data["simulated"] is True
    assert {(it["reader"], it["finding"]) for it in data["calibration"]} >= {("network", "bridge")}
    (abstention,) = data["abstention"]
    assert len(abstention["looked_at"]) == len(abstention["accuracy"]) == len(abstention["low"])
    json.dumps(data, allow_nan=False)


def test_the_headline_is_grades_and_exam_totals(evaluation):
    text = headline(evaluation)
    assert "| network | exam |" in text
    assert "| network | cervical |" not in text


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds other files"):
        check_folder(tmp_path, overwrite=True)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="out is a file"):
        check_folder(tmp_path / "out", overwrite=True)


def test_an_evaluation_is_replaced_on_demand_only_and_other_files_stay(evaluation, two_readings, tmp_path):
    prepare_folder(tmp_path)
    write_evaluation(evaluation, tmp_path, PROVENANCE)
    prepare_folder(tmp_path / "centre-1-north")
    write_evaluation(two_readings, tmp_path / "centre-1-north", PROVENANCE)
    (tmp_path / "notes.md").write_text("mine")
    with pytest.raises(UsageError, match="Use --overwrite"):
        check_folder(tmp_path, overwrite=False)
    check_folder(tmp_path, overwrite=True)
    prepare_folder(tmp_path)
    write_evaluation(two_readings, tmp_path, PROVENANCE)
    assert not (tmp_path / "tables/table-9-calibration.csv").exists()
    assert not (tmp_path / "centre-1-north").exists()
    assert (tmp_path / "notes.md").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="but out is none"):
        prepare_folder(tmp_path / "file" / "out")


def test_the_checklist_names_every_item_and_leaves_to_the_authors_what_is_theirs(evaluation):
    text = checklist(evaluation, software="msasss 9.9")
    for guideline, items in GUIDELINES.items():
        assert f"## {guideline}" in text
        assert all(f"| {item.number or '–'} | {item.topic} |" in text for item in items)
    funding = next(line for line in text.splitlines() if line.startswith("| 18 to 22 |"))
    assert "to be written by the authors" in funding
    flow = next(line for line in text.splitlines() if line.startswith("| 33 | Flow"))
    assert "Flow table and figure" in flow
    assert re.search(r"Tables 5 and 6: accuracy network 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", text)


def test_the_checklist_claims_nothing_that_the_readings_do_not_show(two_readings):
    text = checklist(two_readings, software="msasss 9.9")
    assert "Table 9" not in text
    assert "centres:" not in text
    external = next(line for line in text.splitlines() if line.startswith("| 32 |"))
    assert external.endswith("| *to be written by the authors* |")


def test_every_figure_is_drawn_as_png_and_svg(evaluation, tmp_path):
    written = write_figures(evaluation, tmp_path)
    assert {path.name for path in written} == {f"{name}.{ending}" for name in FIGURES for ending in ("png", "svg")}
    assert all(path.stat().st_size > 2000 for path in written)


def test_figures_that_the_readings_do_not_allow_are_left_out(two_readings, tmp_path):
    names = {path.stem for path in write_figures(two_readings, tmp_path)}
    assert names == {"figure-flow", "figure-confusion", "figure-subgroups"}
