import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.errors import WeightsError
from msasss.models.weights import (
    MANIFEST,
    MANIFEST_SCHEMA,
    NetworkKind,
    TrainingData,
    WeightCard,
    card_from_json,
    card_to_json,
    find_bundle,
    load_bundle,
    load_card,
    save_card,
    sha256_of,
    verify,
)

TEXT = st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(
    SCALARS, lambda item: st.lists(item, max_size=3) | st.dictionaries(TEXT, item, max_size=3), max_leaves=6
)
CARDS = st.builds(
    WeightCard,
    name=TEXT,
    kind=st.sampled_from(NetworkKind),
    file=st.just("network.onnx"),
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    settings=st.dictionaries(TEXT, JSON, max_size=4),
    training_data=st.builds(TrainingData, TEXT, TEXT, TEXT),
    metrics=st.dictionaries(TEXT, st.floats(0, 1), max_size=3),
    software=TEXT,
    created=st.just("2026-01-31"),
)


def card_for(path: Path, kind: NetworkKind = NetworkKind.LESIONS) -> WeightCard:
    return WeightCard(
        name=path.stem,
        kind=kind,
        file=path.name,
        sha256=sha256_of(path),
        settings={"labels": ("bridge",)},
        training_data=TrainingData("drawn", "0" * 64),
        metrics={},
        software="msasss 0",
        created="2026-01-31",
    )


@pytest.fixture
def bundle_folder(tmp_path: Path) -> Path:
    """A folder with a manifest, two cards and two files that are no networks; nothing opens them here."""
    folder = tmp_path / "paper"
    folder.mkdir()
    for name, kind in (("localiser", NetworkKind.LOCALISER), ("lesions", NetworkKind.LESIONS)):
        (folder / f"{name}.onnx").write_text(name)
        save_card(folder / f"{name}.json", card_for(folder / f"{name}.onnx", kind))
    manifest = {"schema": MANIFEST_SCHEMA, "name": "paper", "localiser": "localiser.json", "lesions": ["lesions.json"]}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


@settings(deadline=None)
@given(CARDS)
def test_a_card_comes_back_from_its_json(card: WeightCard):
    assert card_from_json(json.loads(json.dumps(card_to_json(card)))) == card


def test_settings_are_kept_as_json_gives_them_back(bundle_folder: Path):
    assert card_for(bundle_folder / "lesions.onnx").settings == {"labels": ["bridge"]}


def test_a_digest_of_the_wrong_length_is_refused(bundle_folder: Path):
    with pytest.raises(WeightsError, match="got 'abc'"):
        replace(card_for(bundle_folder / "lesions.onnx"), sha256="abc")


def test_a_file_in_another_folder_is_refused(bundle_folder: Path):
    with pytest.raises(WeightsError, match=r"\.\./lesions\.onnx"):
        replace(card_for(bundle_folder / "lesions.onnx"), file="../lesions.onnx")


def test_a_card_of_another_schema_is_refused():
    with pytest.raises(WeightsError, match="got 'msasss/weight-card/9'"):
        card_from_json({"schema": "msasss/weight-card/9"})


@pytest.mark.parametrize("entry", ["sha256", "settings", "training_data", "kind"])
def test_a_card_without_an_entry_is_refused_by_file(bundle_folder: Path, entry: str):
    path = bundle_folder / "lesions.json"
    record = json.loads(path.read_text())
    del record[entry]
    path.write_text(json.dumps(record))
    with pytest.raises(WeightsError, match=rf"lesions\.json.*{entry}"):
        load_card(path)


def test_the_right_file_is_verified(bundle_folder: Path):
    card = load_card(bundle_folder / "lesions.json")
    assert verify(card, bundle_folder) == bundle_folder / "lesions.onnx"


def test_another_file_is_refused_with_both_digests(bundle_folder: Path):
    card = load_card(bundle_folder / "lesions.json")
    (bundle_folder / "lesions.onnx").write_text("damaged")
    found = sha256_of(bundle_folder / "lesions.onnx")
    with pytest.raises(WeightsError, match=rf"lesions\.onnx with sha256 {card.sha256}, got {found}"):
        verify(card, bundle_folder)


def test_a_missing_file_is_named(bundle_folder: Path):
    card = load_card(bundle_folder / "lesions.json")
    (bundle_folder / "lesions.onnx").unlink()
    with pytest.raises(WeightsError, match=r"network file lesions\.onnx"):
        verify(card, bundle_folder)


def test_a_bundle_is_found_by_name_in_the_folders_searched(bundle_folder: Path):
    bundle = find_bundle("paper", search=(bundle_folder.parent / "elsewhere", bundle_folder.parent))
    assert (bundle.name, bundle.folder) == ("paper", bundle_folder)
    assert [card.name for card in bundle] == ["localiser", "lesions"]


def test_a_bundle_is_found_by_its_path(bundle_folder: Path):
    assert find_bundle(str(bundle_folder)) == load_bundle(bundle_folder)


def test_a_bundle_that_is_not_installed_is_refused_with_the_places_searched(tmp_path: Path):
    with pytest.raises(WeightsError, match=rf"'paper'.*{tmp_path.name}"):
        find_bundle("paper", search=(tmp_path,))


def test_exit_code_of_missing_weights_is_four(tmp_path: Path):
    with pytest.raises(WeightsError) as caught:
        find_bundle(str(tmp_path))
    assert caught.value.exit_code == 4


def test_a_lesion_network_in_the_place_of_the_localiser_is_refused(bundle_folder: Path):
    manifest = json.loads((bundle_folder / MANIFEST).read_text())
    (bundle_folder / MANIFEST).write_text(json.dumps({**manifest, "localiser": "lesions.json"}))
    with pytest.raises(WeightsError, match=r"lesions\.json.*localiser network, got one of kind lesions"):
        load_bundle(bundle_folder)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "got something else"),
        ("[]", "got list"),
        ('{"schema": "other"}', "got 'other'"),
        (json.dumps({"schema": MANIFEST_SCHEMA, "name": "x"}), "localiser"),
    ],
)
def test_a_malformed_manifest_is_refused(bundle_folder: Path, text: str, match: str):
    (bundle_folder / MANIFEST).write_text(text)
    with pytest.raises(WeightsError, match=match):
        load_bundle(bundle_folder)


def test_a_card_named_by_the_manifest_must_exist(bundle_folder: Path):
    (bundle_folder / "lesions.json").unlink()
    with pytest.raises(WeightsError, match=r"lesions\.json"):
        load_bundle(bundle_folder)
