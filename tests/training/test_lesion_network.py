import numpy as np
import pytest
import torch

from msasss.models.lesion_classifier import LABELS
from msasss.training.lesion_augmentation import Augmentation, augment, change_appearance
from msasss.training.lesion_losses import masked_bce, positive_weights
from msasss.training.lesion_network import BoxMean, LesionNetwork, Standardise, TrunkSettings

TINY = TrunkSettings(init_features=8, growth_rate=4, block_config=(2, 2))
STILL = Augmentation(shift=0.0, angle_deg=0.0, scale=0.0, gamma=1.0, noise=0.0, blur=0.0, sharpening=0.0)


def random_stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_network_answers_every_label_for_both_corners():
    network = LesionNetwork(side_px=48, trunk=TINY)
    assert network(torch.rand(3, 1, 48, 48)).shape == (3, len(LABELS), 2)


def test_a_network_may_answer_for_some_labels_only():
    network = LesionNetwork(("bridge",), side_px=48, trunk=TINY)
    assert network(torch.rand(2, 1, 48, 48)).shape == (2, 1, 2)


@pytest.mark.parametrize(("gain", "offset"), [(0.4, 0.3), (0.9, 0.05)])
def test_brightness_and_contrast_hardly_change_what_the_network_sees(gain: float, offset: float):
    patches = torch.rand(2, 1, 48, 48, generator=random_stream())
    seen = [Standardise(6)(grey) for grey in (patches, gain * patches + offset)]
    torch.testing.assert_close(seen[0], seen[1], atol=0.02, rtol=0.0)
    assert seen[0].shape == (2, 2, 48, 48)


def test_an_even_patch_stays_finite():
    assert Standardise(6)(torch.full((1, 1, 48, 48), 0.7)).abs().max() < 0.05


def test_the_mean_over_a_neighbourhood_stops_at_the_border():
    patch = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert BoxMean(1)(patch)[0, 0, 0, 0] == patch[0, 0, :2, :2].mean()
    assert BoxMean(1)(patch)[0, 0, 1, 2] == patch[0, 0, :3, 1:4].mean()


def test_answers_nobody_knows_do_not_count():
    logits = torch.zeros(2, 3, 2)
    targets, known = torch.zeros(2, 3, 2), torch.ones(2, 3, 2)
    known[0, 1] = 0
    weight = torch.ones(3)
    before = masked_bce(logits, targets, known, positive_weight=weight)
    logits[0, 1], targets[0, 1] = 9.0, 1.0
    assert masked_bce(logits, targets, known, positive_weight=weight) == before
    logits[0, 0] = 9.0
    assert masked_bce(logits, targets, known, positive_weight=weight) > before


def test_a_batch_of_which_nothing_is_known_costs_nothing():
    nothing = torch.zeros(1, 3, 2)
    assert masked_bce(nothing, nothing, nothing, positive_weight=torch.ones(3)) == 0


def test_rare_labels_weigh_more_up_to_the_cap():
    targets = torch.zeros(100, 3, 2, dtype=torch.uint8)
    targets[:50, 0], targets[:10, 1] = 1, 1
    weights = positive_weights(targets, torch.ones_like(targets), cap=4.0)
    np.testing.assert_allclose(weights, [1.0, 3.0, 4.0])


def stored_batch(count: int) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Patches bright above the middle, with the answer 1 for the corner above."""
    pixels = torch.zeros(count, 64, 64, dtype=torch.uint8)
    pixels[:, :32] = 200
    targets = torch.zeros(count, len(LABELS), 2, dtype=torch.uint8)
    targets[:, :, 0] = 1
    return pixels, (targets, torch.ones_like(targets))


def test_a_flip_swaps_the_two_answers():
    pixels, answers = stored_batch(40)
    patches, targets, _ = augment(pixels, answers, 48, settings=STILL, generator=random_stream())
    upper_is_bright = patches[:, 0, :20].mean(dim=(1, 2)) > patches[:, 0, 28:].mean(dim=(1, 2))
    assert 0 < upper_is_bright.sum() < 40
    torch.testing.assert_close(targets[:, 0, 0].bool(), upper_is_bright)
    torch.testing.assert_close(targets[:, 0, 1].bool(), ~upper_is_bright)


def test_without_changes_the_patch_is_the_middle_of_the_stored_one():
    pixels = torch.randint(0, 255, (30, 60, 60), dtype=torch.uint8, generator=random_stream())
    pixels[:, 0, 0], pixels[:, 0, 1] = 255, 0
    answers = stored_batch(30)[1]
    patches, targets, _ = augment(pixels, answers, 40, settings=STILL, generator=random_stream())
    upright = targets[:, 0, 0].bool()
    expected = pixels[upright, 10:50, 8:48] / 255
    found = patches[upright, 0]
    for patch, stored in zip(found, expected, strict=True):
        assert np.corrcoef(patch.flatten(), stored.flatten())[0, 1] > 0.999


def test_changed_patches_stay_grey_and_differ():
    grey = torch.rand(4, 1, 48, 48, generator=random_stream())
    changed = change_appearance(grey, settings=Augmentation(), generator=random_stream(1))
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert (changed - grey).abs().mean() > 0.01
    again = change_appearance(grey, settings=Augmentation(), generator=random_stream(1))
    torch.testing.assert_close(again, changed)
