import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from msasss.anatomy import Region
from msasss.apps.cli import health, locating_run
from msasss.apps.cli.main import main
from msasss.errors import WeightsError
from msasss.formats import exam_json
from msasss.models.weights import (
    MANIFEST,
    MANIFEST_SCHEMA,
    Bundle,
    NetworkKind,
    TrainingData,
    WeightCard,
    load_bundle,
    save_card,
    sha256_of,
)
from support.exams import KnownColumns, column


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A bundle whose files are intact but hold no networks: enough for listing and verifying."""
    folder = tmp_path / "weights" / "paper"
    folder.mkdir(parents=True)
    for name, kind in (("localiser", NetworkKind.LOCALISER), ("lesions", NetworkKind.LESIONS)):
        (folder / f"{name}.onnx").write_bytes(name.encode())
        digest = sha256_of(folder / f"{name}.onnx")
        data = TrainingData("drawn spines", "0" * 64)
        card = WeightCard(name, kind, f"{name}.onnx", digest, {}, data, {"accuracy": 0.5}, "msasss 0", "2024-05-31")
        save_card(folder / f"{name}.json", card)
    manifest = {"schema": MANIFEST_SCHEMA, "name": "paper", "localiser": "localiser.json", "lesions": ["lesions.json"]}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return load_bundle(folder)


@pytest.mark.parametrize("verb", [(), ("score",), ("locate",), ("demo",), ("models",), ("models", "list"), ("doctor",)])
def test_every_verb_explains_itself(verb: tuple[str, ...], capsys):
    assert main([*verb, "--help"]) == 0
    said = capsys.readouterr().out
    assert "Usage: msasss" in said
    if verb not in ((), ("models",)):
        assert "Example: msasss" in said


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("msasss 0.")


def test_an_unknown_verb_is_wrong_usage(capsys):
    assert main(["scoer"]) == 2
    assert "scoer" in capsys.readouterr().err


@pytest.mark.parametrize("contract", ["exam", "locate"])
def test_schemas_are_printed(contract: str, capsys):
    assert main(["schema", contract]) == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


class TestLocate:
    @pytest.fixture(autouse=True)
    def localiser(self, monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
        found = {"cervical.dcm": column(Region.CERVICAL), "lumbar.dcm": column(Region.LUMBAR, without=["L3 superior"])}
        monkeypatch.setattr(locating_run, "named_bundle", lambda _: bundle)
        monkeypatch.setattr(locating_run, "open_localiser", lambda *_, **__: KnownColumns(found))

    def test_json_meets_its_schema(self, films: Path, capsys):
        assert main(["locate", str(films), "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        Draft202012Validator(json.loads(exam_json.schema_text("locate-1.schema.json"))).validate(record)
        assert [image["region"] for image in record["images"]] == ["cervical", "lumbar"]

    def test_points_are_listed_and_written(self, films: Path, tmp_path: Path, capsys):
        out = tmp_path / "located"
        assert main(["locate", str(films), "-o", str(out)]) == 0
        assert sorted(path.name for path in out.iterdir()) == [
            "landmarks.csv",
            "overlay-001-cervical.png",
            "overlay-002-lumbar.png",
        ]
        said = capsys.readouterr().out
        assert "lumbar.dcm: lumbar, facing left" in said
        assert "  L3  lower 160.0,328.0 (0.90)  centre 200.0,300.0 (0.95)" in said

    def test_a_film_without_a_spine_is_a_failure(self, films: Path, tmp_path: Path, capsys):
        shutil.copy(films / "lumbar.dcm", tmp_path / "other.dcm")
        assert main(["locate", str(tmp_path / "other.dcm"), "-o", str(tmp_path / "out")]) == 3
        assert "Failed: other.dcm: no lateral spine found." in capsys.readouterr().err
        assert not (tmp_path / "out").exists()

    def test_films_are_needed(self, capsys):
        assert main(["locate"]) == 2
        assert "Expected films, got none" in capsys.readouterr().err


class TestModels:
    def test_bundles_are_listed(self, bundle: Bundle, tmp_path: Path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        assert main(["models", "list"]) == 0
        said = capsys.readouterr().out
        assert "paper  (weights/paper)" in said
        assert "  lesions: lesions, 0.0 MB, Apache-2.0, made 2024-05-31 with msasss 0" in said
        assert main(["models", "list", "--json"]) == 0
        names = [each["name"] for each in json.loads(capsys.readouterr().out)]
        assert names[-1] == "paper"

    def test_intact_files_are_verified(self, bundle: Bundle, capsys):
        assert main(["models", "verify", str(bundle.folder)]) == 0
        assert f"localiser: intact (sha256 {bundle.localiser.sha256})" in capsys.readouterr().out

    def test_a_damaged_file_ends_with_4(self, bundle: Bundle, capsys):
        (bundle.folder / "lesions.onnx").write_bytes(b"other")
        assert main(["models", "verify", str(bundle.folder)]) == 4
        assert "lesions: Expected lesions.onnx with sha256" in capsys.readouterr().err

    def test_the_shipped_weights_are_intact(self):
        assert main(["models", "verify"]) == 0


class TestDoctor:
    def test_what_scoring_needs_is_looked_at(self, bundle: Bundle, monkeypatch, capsys):
        monkeypatch.setattr(health, "installed_bundles", lambda: (bundle,))
        monkeypatch.setattr(health, "BUNDLED", bundle.folder)
        assert main(["doctor"]) == 0
        said = capsys.readouterr().out
        assert "BROKEN" not in said
        for part in (
            "msasss 0.",
            "numpy",
            "JPEG 2000",
            "CPUExecutionProvider",
            "weights paper/lesions: intact",
            "extra",
        ):
            assert part in said

    def test_damaged_weights_end_with_4(self, bundle: Bundle, monkeypatch, capsys):
        (bundle.folder / "lesions.onnx").write_bytes(b"other")
        monkeypatch.setattr(health, "installed_bundles", lambda: (bundle,))
        monkeypatch.setattr(health, "BUNDLED", bundle.folder)
        assert main(["doctor"]) == 4
        assert "BROKEN lesions: Expected lesions.onnx with sha256" in capsys.readouterr().out

    def test_missing_weights_end_with_4(self, monkeypatch, capsys):
        monkeypatch.setattr(health, "installed_bundles", lambda: ())
        assert main(["doctor"]) == 4
        assert "BROKEN the default weights are missing" in capsys.readouterr().out

    def test_an_unreadable_bundle_ends_with_4(self, monkeypatch, capsys):
        def unreadable() -> tuple[Bundle, ...]:
            raise WeightsError("damaged" + "!")

        monkeypatch.setattr(health, "installed_bundles", unreadable)
        assert main(["doctor"]) == 4
        assert "BROKEN damaged!" in capsys.readouterr().out

    def test_a_missing_distribution_ends_with_1(self, bundle: Bundle, monkeypatch, capsys):
        monkeypatch.setattr(health, "installed_bundles", lambda: (bundle,))
        monkeypatch.setattr(health, "BUNDLED", bundle.folder)
        monkeypatch.setattr(health, "_version", lambda name: None if name == "numpy" else "1")
        assert main(["doctor"]) == 1
        assert "BROKEN numpy is not installed" in capsys.readouterr().out


class TestDemo:
    def test_two_example_films_are_written_and_scored(self, tmp_path: Path, capsys):
        out = tmp_path / "demo"
        assert main(["demo", "-o", str(out)]) == 0
        said = capsys.readouterr().out
        assert f"Wrote {out / 'films' / 'cervical.dcm'}" in said
        assert "Total" in said
        (exam,) = out.glob("exam-*/score.json")
        assert exam_json.load_file(exam).score.observed >= 0
        assert f"Wrote {exam}" in said

    def test_it_can_be_run_twice(self, tmp_path: Path):
        assert main(["demo", "-o", str(tmp_path)]) == 0
        assert main(["demo", "-o", str(tmp_path)]) == 0
        assert len(list(tmp_path.glob("exam-*"))) == 1
