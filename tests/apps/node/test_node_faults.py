"""A node that is killed, crashed and starved."""

import json

import pytest

from support.node_doubles import BORN, NAME
from support.node_faults import kill_while_sending

STUDIES, KILLS = 8, 10


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Eight studies, a film without a spine and a torn one, sent to a node that is killed ten times meanwhile."""
    return kill_while_sending(tmp_path_factory.mktemp("faults"), studies=STUDIES, kills=KILLS, seed=7)


def test_every_good_study_ends_with_exactly_one_result(outcome):
    assert outcome.results == {f"PAT-{number:04d}": 1 for number in range(STUDIES)}
    assert outcome.alike


def test_every_bad_film_ends_in_the_dead_letters_with_its_reason(outcome):
    blank, torn = sorted(outcome.dead, key=lambda reason: "truncated" in reason)
    assert "Expected a lateral spine, found none" in blank
    assert "The DICOM file is truncated or damaged" in torn


def test_nothing_lies_around_when_all_is_done(outcome):
    assert outcome.left == ()


def test_memory_stays_bounded(outcome):
    assert outcome.peak_mb < 800


def test_the_log_names_no_patient(outcome):
    for secret in ("PAT-", *NAME.split("^"), BORN, "2.25.", "2024-05-31", "20240531"):
        assert secret not in outcome.log, secret


def test_the_log_is_one_json_object_per_line(outcome):
    events = [json.loads(line)["event"] for line in outcome.log.splitlines()]
    assert events.count("node_started") <= KILLS + 1
    assert events[-1] == "node_stopped"
