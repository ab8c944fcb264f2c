import numpy as np
import pytest
import torch

from msasss.anatomy import Region
from msasss.models.chain import decode_column
from msasss.models.heatmaps import read_maps
from msasss.training.localiser_losses import ColumnTruth, localiser_loss, target_heat, total_loss
from msasss.training.localiser_network import LocaliserNetwork, NetworkWidths, PoseAnswer
from support.pose_maps import straight_column, straight_prior

TINY = NetworkWidths(trunk=(4, 8, 8, 8, 16), decoder=(8, 8, 8))


def truth(batch=2, *, lumbar=(0.0, 1.0), faces_right=(1.0, 1.0), present=1.0):
    places = torch.from_numpy(straight_column()).float().expand(batch, -1, -1)
    ones = torch.full((batch, 19), present)
    return ColumnTruth(places, ones, ones, torch.tensor(lumbar), torch.tensor(faces_right))


def perfect_answer(wanted):
    """The answer that the loss asks for, made from its own targets."""
    heat = torch.full((2, 38, 96, 64), -20.0)
    offsets = torch.zeros(2, 38, 2, 96, 64)
    visibility = torch.zeros(2, 38)
    x, y = torch.arange(64) + 0.5, (torch.arange(96) + 0.5)[:, None]
    for image, lumbar in enumerate(wanted.lumbar):
        own = slice(19 * int(lumbar), 19 * int(lumbar) + 19)
        heat[image, own] = torch.log(target_heat(wanted.places[image], 96, 64) + 1e-9)
        offsets[image, own, 0] = wanted.places[image, :, 0, None, None] - x
        offsets[image, own, 1] = wanted.places[image, :, 1, None, None] - y
        visibility[image, own] = 10.0 * (2 * wanted.visible[image] - 1)
    view = 10.0 * (2 * torch.stack([wanted.lumbar, wanted.faces_right], 1) - 1)
    return PoseAnswer(heat, offsets.flatten(1, 2), visibility, view)


def test_the_answer_asked_for_costs_only_its_entropy():
    parts = localiser_loss(perfect_answer(truth()), truth())
    assert float(parts.offset) == pytest.approx(0.0, abs=1e-5)
    assert float(parts.visibility) < 1e-3
    assert float(parts.view) < 1e-3
    target = target_heat(truth().places[0], 96, 64)
    entropy = float(-(target * torch.log(target + 1e-12)).sum((-2, -1)).mean())
    assert float(parts.heat) == pytest.approx(entropy, abs=0.01)


@pytest.mark.parametrize(("image", "region"), [(0, Region.CERVICAL), (1, Region.LUMBAR)])
def test_the_answer_asked_for_decodes_to_the_truth(image, region):
    answer = perfect_answer(truth())
    maps = read_maps(*(part[image].numpy() for part in answer[:3]), region)
    column = decode_column(maps, straight_prior(), above_picture=np.array([0.0, 0.0, 64.0, 96.0]))
    np.testing.assert_allclose(column.positions * 4, straight_column() * 4, atol=0.1)


def test_mirrored_images_teach_region_and_facing_only():
    answer = perfect_answer(truth())
    wrong = answer._replace(heat=torch.randn_like(answer.heat), offsets=torch.randn_like(answer.offsets))
    parts = localiser_loss(wrong, truth(faces_right=(0.0, 0.0)))
    assert float(parts.heat) == float(parts.offset) == float(parts.visibility) == 0.0
    assert float(parts.view) > 1.0


def test_points_outside_the_image_are_not_asked_for():
    answer = perfect_answer(truth())
    wrong = answer._replace(heat=torch.randn_like(answer.heat), offsets=torch.randn_like(answer.offsets))
    parts = localiser_loss(wrong, truth(present=0.0))
    assert float(parts.heat) == float(parts.offset) == 0.0
    assert float(parts.visibility) > 1.0


def test_the_other_regions_maps_are_left_alone():
    answer = PoseAnswer(*(part.clone().requires_grad_() for part in perfect_answer(truth())))
    localiser_loss(answer, truth(lumbar=(0.0, 0.0))).heat.backward()
    assert not answer.heat.grad[:, 19:].any()
    assert answer.heat.grad[:, :19].any()


def test_the_network_answers_in_the_promised_shapes():
    network = LocaliserNetwork(TINY)
    answer = network(torch.zeros(2, 2, 64, 96))
    assert [tuple(part.shape) for part in answer] == [(2, 38, 16, 24), (2, 76, 16, 24), (2, 38), (2, 2)]


def test_a_few_steps_lower_the_loss():
    torch.manual_seed(0)
    network, image, wanted = LocaliserNetwork(TINY), torch.randn(2, 2, 384, 256), truth()
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        loss = total_loss(localiser_loss(network(image), wanted))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]
