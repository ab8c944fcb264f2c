import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, save

from msasss.anatomy import DISCS, Disc, Vertebra
from msasss.errors import WeightsError
from msasss.imaging.patches import DiscPatch
from msasss.models.lesion_classifier import (
    LABELS,
    LabelRule,
    LesionSettings,
    OnnxLesionClassifier,
    logit,
    settings_of,
    settings_to_json,
    sigmoid,
)
from msasss.models.weights import NetworkKind, TrainingData, WeightCard, sha256_of
from msasss.reading import Lesion

SIDE = 4
L2_L3 = Disc(Vertebra.L2, Vertebra.L3)
RULES = st.builds(LabelRule, st.floats(0.01, 0.99), st.floats(0.1, 5), st.floats(-3, 3))
SETTINGS = st.builds(
    LesionSettings,
    st.floats(1, 4),
    st.integers(32, 256),
    st.dictionaries(st.sampled_from(LABELS), RULES, min_size=1),
    review_margin=st.floats(0, 2),
    averages_flip=st.booleans(),
)


def network(folder: Path, name: str, labels: Sequence[str]) -> WeightCard:
    """A network whose logits are its patch's first and last rows: px k of the top row answers label k above.

    For label k the answer is 10 times the px k of the flattened half, minus 5.
    """
    graph = helper.make_graph(
        [
            helper.make_node("Slice", ["patches", "start", "stop", "axis"], ["row"]),
            helper.make_node("Reshape", ["row", "upper_shape"], ["upper"]),
            helper.make_node("Slice", ["patches", "last", "end", "axis"], ["bottom"]),
            helper.make_node("Reshape", ["bottom", "upper_shape"], ["lower"]),
            helper.make_node("Concat", ["upper", "lower"], ["both"], axis=2),
            helper.make_node("Mul", ["both", "ten"], ["scaled"]),
            helper.make_node("Sub", ["scaled", "five"], ["all"]),
            helper.make_node("Slice", ["all", "start", "count", "label_axis"], ["logits"]),
        ],
        name,
        [helper.make_tensor_value_info("patches", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(labels), 2])],
        [
            helper.make_tensor(key, TensorProto.INT64, [len(values)], values)
            for key, values in {
                "start": [0],
                "stop": [1],
                "last": [7],
                "end": [8],
                "axis": [2],
                "label_axis": [1],
                "count": [len(labels)],
                "upper_shape": [-1, 8, 1],
            }.items()
        ]
        + [helper.make_tensor(key, TensorProto.FLOAT, [], [value]) for key, value in (("ten", 10.0), ("five", 5.0))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    path = folder / f"{name}.onnx"
    save(model, str(path))
    settings = LesionSettings(2.4, 8, {label: LabelRule() for label in labels})
    return WeightCard(
        name=name,
        kind=NetworkKind.LESIONS,
        file=path.name,
        sha256=sha256_of(path),
        settings=settings_to_json(settings),
        training_data=TrainingData("drawn", "0" * 64),
        metrics={},
        software="msasss 0",
        created="2026-01-31",
    )


def with_settings(card: WeightCard, **changes: object) -> WeightCard:
    return replace(card, settings=settings_to_json(replace(settings_of(card), **changes)))  # type: ignore[arg-type]


def patch_of(above: dict[str, float], below: dict[str, float] | None = None, disc: Disc = L2_L3) -> DiscPatch:
    """A patch on which the network above answers these labels with logit 10 v - 5, the others with -5."""
    pixels = np.zeros((8, 8), np.float32)
    for row, values in ((0, above), (7, below or {})):
        for label, value in values.items():
            pixels[row, LABELS.index(label)] = value
    return DiscPatch(pixels, disc, np.eye(2, 3))


@pytest.fixture
def classifier(tmp_path: Path) -> OnnxLesionClassifier:
    return OnnxLesionClassifier(tmp_path, [network(tmp_path, "all", LABELS)], threads=1)


@settings(deadline=None)
@given(SETTINGS)
def test_settings_come_back_from_their_json(given_settings: LesionSettings):
    card = WeightCard(
        name="n",
        kind=NetworkKind.LESIONS,
        file="n.onnx",
        sha256="0" * 64,
        settings=json.loads(json.dumps(settings_to_json(given_settings))),
        training_data=TrainingData("drawn", ""),
        metrics={},
        software="",
        created="",
    )
    back = settings_of(card)
    assert back == given_settings
    assert back.labels == given_settings.labels


def test_findings_come_above_and_below_in_the_order_of_the_patches(classifier: OnnxLesionClassifier):
    patches = [patch_of({"bridge": 1.0}, {"erosion": 1.0}), patch_of({}, {"other": 1.0}, DISCS[0])]
    found = classifier.classify(patches)
    assert [str(finding.corner) for finding in found] == ["L2 inferior", "L3 superior", "C2 inferior", "C3 superior"]
    assert [finding.lesions for finding in found] == [
        frozenset({Lesion.BRIDGE}),
        frozenset({Lesion.EROSION}),
        frozenset(),
        frozenset({Lesion.OTHER}),
    ]


def test_a_corner_that_is_not_visible_bears_no_lesion(classifier: OnnxLesionClassifier):
    above, _ = classifier.classify([patch_of({"bridge": 1.0, "not_visible": 0.9})])
    assert above.not_visible
    assert not above.lesions
    assert above.probabilities is not None
    assert above.probabilities[Lesion.BRIDGE] > 0.99
    assert above.not_visible_probability == pytest.approx(float(sigmoid(4.0)))


def test_no_patches_give_no_findings(classifier: OnnxLesionClassifier):
    assert classifier.classify([]) == ()


def test_a_batch_answers_as_its_patches_one_by_one(classifier: OnnxLesionClassifier):
    patches = [patch_of({"bridge": 0.1 * k}, {"sclerosis": 1 - 0.1 * k}) for k in range(11)]
    single = tuple(finding for patch in patches for finding in classifier.classify([patch]))
    assert classifier.classify(patches) == single


def test_calibration_and_threshold_decide_together(tmp_path: Path):
    rules = {label: LabelRule(threshold=0.7, temperature=2.0, offset=1.0) for label in LABELS}
    card = with_settings(network(tmp_path, "all", LABELS), rules=rules)
    classifier = OnnxLesionClassifier(tmp_path, [card], threads=1)
    edge = (logit(0.7) * 2.0 + 1.0 + 5) / 10
    (below_edge, _), (beyond, _) = (classifier.classify([patch_of({"bridge": edge + d})]) for d in (-0.01, 0.01))
    assert not below_edge.lesions
    assert beyond.lesions == {Lesion.BRIDGE}
    assert beyond.probabilities is not None
    assert beyond.probabilities[Lesion.BRIDGE] == pytest.approx(0.7, abs=0.02)


def test_an_answer_near_its_threshold_is_in_doubt(tmp_path: Path):
    card = with_settings(network(tmp_path, "all", LABELS), review_margin=1.0)
    classifier = OnnxLesionClassifier(tmp_path, [card], threads=1)
    near, far = classifier.classify([patch_of({"syndesmophyte": 0.45}, {"syndesmophyte": 0.35})])
    assert (near.in_doubt, far.in_doubt) == (True, False)


def test_upside_down_the_two_corners_change_places(tmp_path: Path):
    card = with_settings(network(tmp_path, "all", LABELS), averages_flip=True)
    classifier = OnnxLesionClassifier(tmp_path, [card], threads=1)
    patch = patch_of({"bridge": 0.8, "erosion": 0.2}, {"squaring": 0.7})
    turned = replace(patch, pixels=np.ascontiguousarray(patch.pixels[::-1]))
    above, below = classifier.classify([patch])
    above_turned, below_turned = classifier.classify([turned])
    assert above_turned.probabilities == pytest.approx(below.probabilities)
    assert below_turned.probabilities == pytest.approx(above.probabilities)
    assert above.probabilities != pytest.approx(below.probabilities)


def test_several_networks_share_the_labels(tmp_path: Path):
    cards = [network(tmp_path, "first", LABELS[:3]), network(tmp_path, "second", LABELS[3:])]
    classifier = OnnxLesionClassifier(tmp_path, cards, threads=1)
    above, _ = classifier.classify([patch_of({LABELS[0]: 1.0})])
    assert above.lesions == {Lesion(LABELS[0]), Lesion(LABELS[3])}


def test_a_label_that_two_networks_answer_is_refused(tmp_path: Path):
    cards = [network(tmp_path, "all", LABELS), network(tmp_path, "extra", ["bridge"])]
    with pytest.raises(WeightsError, match="answers for bridge, got 2: all, extra"):
        OnnxLesionClassifier(tmp_path, cards)


def test_a_label_that_no_network_answers_is_refused(tmp_path: Path):
    with pytest.raises(WeightsError, match="answers for not_visible, got 0"):
        OnnxLesionClassifier(tmp_path, [network(tmp_path, "most", LABELS[:-1])])


def test_networks_that_want_different_patches_are_refused(tmp_path: Path):
    first, second = network(tmp_path, "first", LABELS[:3]), network(tmp_path, "second", LABELS[3:])
    with pytest.raises(WeightsError, match=r"\(2\.4, 8\), \(3\.0, 8\)"):
        OnnxLesionClassifier(tmp_path, [first, with_settings(second, patch_side=3.0)])


def test_a_file_other_than_the_cards_is_refused(tmp_path: Path):
    card = network(tmp_path, "all", LABELS)
    (tmp_path / "all.onnx").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match=f"got {sha256_of(tmp_path / 'all.onnx')}"):
        OnnxLesionClassifier(tmp_path, [card])


def test_a_card_without_a_setting_is_refused_by_name(tmp_path: Path):
    card = network(tmp_path, "all", LABELS)
    settings = {key: value for key, value in card.settings.items() if key != "review_margin"}
    with pytest.raises(WeightsError, match=r"all: .*review_margin"):
        settings_of(replace(card, settings=settings))


def test_an_unknown_label_is_refused():
    with pytest.raises(WeightsError, match="got fracture"):
        LesionSettings(2.4, 8, {"fracture": LabelRule()})


@pytest.mark.parametrize(("threshold", "temperature"), [(0.0, 1.0), (1.0, 1.0), (0.5, 0.0)])
def test_an_impossible_rule_is_refused(threshold: float, temperature: float):
    with pytest.raises(WeightsError, match=f"got {threshold} and {temperature}"):
        LabelRule(threshold, temperature)
