import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from msasss.apps.cli import evaluation_run
from msasss.apps.cli.main import main
from msasss.cohort.tables import dump_images, dump_patients, dump_split, dump_visits
from msasss.formats import probabilities_csv, readings_csv
from support.studies import NETWORK, parts

HOW_TO = Path(__file__).parents[3] / "docs/how-to/evaluate-readings.md"
CORNERS = [
    *[f"{vertebra},{endplate}" for vertebra in ("C3", "C4", "C5", "C6", "C7") for endplate in ("superior", "inferior")],
    "C2,inferior",
    "T1,superior",
]
DRAWS = ("--draws", "20")


def typed(path: Path, readers: dict[str, dict[str, str]]) -> Path:
    """A table of readings of one cervical film as somebody types it: lesions by reader and corner."""
    lines = ["image,reader,reader_kind,vertebra,endplate,lesions,not_visible"]
    for reader, lesions in readers.items():
        kind = "model" if reader == "network" else "human"
        lines += [f"neck.png,{reader},{kind},{corner},{lesions.get(corner, '')},0" for corner in CORNERS]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A cohort without any image: visits, patients, notes, split and the readings of three persons."""
    folder, made = tmp_path / "cohort", parts(patients=8)
    folder.mkdir()
    texts = {
        "visits": dump_visits(made.visits),
        "patients": dump_patients(made.patients.values()),
        "images": dump_images(made.notes.values()),
        "split": dump_split(made.folds),
        "readings": readings_csv.dump([it for it in made.readings if it.reader != NETWORK]),
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def network(tmp_path: Path) -> tuple[Path, Path]:
    """The readings and the probabilities of the network."""
    own = [it for it in parts(patients=8).readings if it.reader == NETWORK]
    readings, probabilities = tmp_path / "network.csv", tmp_path / "probabilities.csv"
    readings.write_text(readings_csv.dump(own), encoding="utf-8")
    probabilities.write_text(probabilities_csv.dump(probabilities_csv.of_readings(own)), encoding="utf-8")
    return readings, probabilities


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_two_tables_typed_by_hand_are_compared_without_any_image(tmp_path, capsys):
    ours = typed(tmp_path / "ours.csv", {"anna": {"C5,superior": "bridge"}})
    theirs = typed(tmp_path / "theirs.csv", {"ben": {"C5,superior": "syndesmophyte"}})
    out = tmp_path / "out"
    assert main(["evaluate", str(ours), str(theirs), "--reference", "anna", "-o", str(out), *DRAWS]) == 0
    assert "| ben | 12 | 0.917 |" in capsys.readouterr().out
    confusion = {row["reference_grade"]: row for row in rows_of(out / "tables/table-5-confusion.csv")}
    assert (confusion["3"]["grade_2"], confusion["0"]["grade_0"]) == ("0", "11")
    row = next(it for it in rows_of(out / "tables/table-5-confusion.csv") if it["reader"] == "ben")
    assert row["grade_0"] == "11"
    assert (out / "evaluation.md").read_text(encoding="utf-8").startswith("# Evaluation of readings")


def test_the_majority_of_one_table_is_the_reference_of_its_network(tmp_path):
    bridge = {"C5,superior": "bridge"}
    table = typed(tmp_path / "all.csv", {"anna": bridge, "ben": bridge, "cleo": {}, "network": {}})
    out = tmp_path / "out"
    assert main(["evaluate", str(table), "-o", str(out), "--no-figures", *DRAWS]) == 0
    grades = {row["reader"]: row for row in rows_of(out / "tables/table-6-grades.csv")}
    assert float(grades["network"]["accuracy"]) == pytest.approx(11 / 12, abs=1e-4)
    assert float(grades["anna"]["accuracy"]) == 1.0
    assert not (out / "figures").exists()


def test_evaluation_needs_no_torch_and_no_network(tmp_path):
    table = typed(tmp_path / "all.csv", {"anna": {}, "ben": {}})
    program = (
        "import sys; from msasss.apps.cli.main import main; "
        f"given = ['--reference', 'anna', '--no-figures', '-o', {str(tmp_path / 'o')!r}]; "
        f"code = main(['evaluate', {str(table)!r}, *given]); "
        "bad = {'torch', 'onnxruntime', 'matplotlib', 'scipy', 'numba'} & set(sys.modules); sys.exit(code or bool(bad))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


def test_a_cohort_brings_patients_folds_and_its_own_readings(cohort, network, tmp_path, capsys):
    readings, probabilities = network
    out = tmp_path / "out"
    arguments = [str(readings), "--cohort", str(cohort), "--probabilities", str(probabilities), "--simulated"]
    assert main(["evaluate", *arguments, "-o", str(out), "--no-figures", *DRAWS]) == 0
    data = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    assert (data["fold"], data["simulated"]) == ("test", True)
    assert [it["id"] for it in data["readers"]] == ["network", "anna", "ben", "cleo"]
    assert set(data["provenance"]["inputs"]) == {
        "network.csv",
        "probabilities.csv",
        *(f"cohort/{name}.csv" for name in ("visits", "patients", "images", "split", "readings")),
    }
    keys = {table["key"] for table in data["tables"]}
    assert {"table-9-calibration", "table-10-abstention", "table-8-change"} <= keys
    assert "Simulated" in capsys.readouterr().out


def test_probabilities_of_nobody_who_read_are_refused(cohort, network, tmp_path, capsys):
    arguments = ["--cohort", str(cohort), "--probabilities", str(network[1]), "-o", str(tmp_path / "out")]
    assert main(["evaluate", *arguments, *DRAWS]) == 2
    assert "got none in probabilities.csv" in capsys.readouterr().err


def test_a_fold_can_be_chosen(cohort, network, tmp_path):
    patients = {}
    for fold in ("all", "train"):
        out = tmp_path / fold
        arguments = [str(network[0]), "--cohort", str(cohort), "--fold", fold, "--no-figures", *DRAWS]
        assert main(["evaluate", *arguments, "-o", str(out)]) == 0
        row = next(it for it in rows_of(out / "tables/table-11-subgroups.csv") if it["subgroup"] == "all")
        patients[fold] = int(row["patients"])
    assert patients == {"all": 8, "train": 3}


def test_each_centre_gets_tables_of_its_own(cohort, network, tmp_path):
    out = tmp_path / "out"
    arguments = [str(network[0]), "--cohort", str(cohort), "--per-centre", "--fold", "all", "--no-figures", *DRAWS]
    assert main(["evaluate", *arguments, "-o", str(out)]) == 0
    assert sorted(path.name for path in out.glob("centre-*")) == ["centre-1-north", "centre-2-south"]
    corners = [
        int(next(iter(rows_of(folder / "tables/table-6-grades.csv")))["n"])
        for folder in (out, out / "centre-1-north", out / "centre-2-south")
    ]
    assert corners[0] == corners[1] + corners[2]


def test_a_centre_without_a_reference_is_named_and_left_out(cohort, tmp_path, capsys):
    images = cohort / "images.csv"
    text = images.read_text(encoding="utf-8")
    only = next(it for it in parts(patients=8).visits if it.patient == "P00")
    for image in only.images.values():
        text = re.sub(rf"({re.escape(image)},[^,]*,[^,]*),south", r"\1,east", text)
    images.write_text(text, encoding="utf-8")
    readings = cohort / "readings.csv"
    lines = readings.read_text(encoding="utf-8").splitlines()
    kept = [it for it in lines if not (it.startswith("P00-") and ",anna," not in it)]
    readings.write_text("\n".join(kept) + "\n", encoding="utf-8")
    arguments = ["--cohort", str(cohort), "--per-centre", "--fold", "all", "--no-figures", "-o", str(tmp_path / "out")]
    assert main(["evaluate", *arguments, *DRAWS]) == 0
    assert "centre-1-east: Expected images that two or more persons read" in capsys.readouterr().err


def test_without_matplotlib_the_tables_are_written_and_a_note_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluation_run, "find_spec", lambda name: None)
    table = typed(tmp_path / "all.csv", {"anna": {}, "ben": {}})
    assert main(["evaluate", str(table), "--reference", "anna", "-o", str(tmp_path / "out"), *DRAWS]) == 0
    assert 'pip install "msasss[evaluate]"' in capsys.readouterr().err
    assert (tmp_path / "out/tables/table-6-grades.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Expected readings, got none"),
        (["READINGS", "--fold", "test"], 2, "split for the fold test, got none"),
        (["READINGS", "--reference", "dora"], 2, "one of anna, ben, got 'dora'"),
        (["READINGS", "--scheme", "sasss"], 2, "got 'sasss'"),
        (["READINGS", "READINGS"], 3, r"one reading of neck\.png by reader anna, got two"),
        (["READINGS", "--cohort", "nowhere"], 2, "nowhere is none"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_is_written(arguments, code, message, tmp_path, capsys):
    table = typed(tmp_path / "all.csv", {"anna": {}, "ben": {}})
    given = [str(table) if it == "READINGS" else it for it in arguments]
    assert main(["evaluate", *given, "-o", str(tmp_path / "out")]) == code
    assert re.search(message, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_an_evaluation_is_not_overwritten_unasked(tmp_path, capsys):
    table = typed(tmp_path / "all.csv", {"anna": {}, "ben": {}})
    arguments = ["evaluate", str(table), "--reference", "anna", "--no-figures", "-o", str(tmp_path / "out"), *DRAWS]
    assert main(arguments) == 0
    assert main(arguments) == 2
    assert "Use --overwrite" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def test_the_how_to_runs_as_it_is_written(tmp_path, monkeypatch, capsys):
    text = HOW_TO.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, block in re.findall(r"`([\w-]+\.csv)`:\n\n```csv\n(.*?)```", text, flags=re.DOTALL):
        Path(name).write_text(block, encoding="utf-8")
    commands = re.findall(r"^\$ msasss (evaluate .*)$", text, flags=re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        if "my-cohort" not in command:
            assert main([*shlex.split(command), "--no-figures"]) == 0, command
    printed = capsys.readouterr().out
    shown = re.findall(r"^\| (?:ben|always 0) \| 10 .*$", text, flags=re.MULTILINE)
    assert len(shown) == 2
    assert all(line in printed for line in shown)
