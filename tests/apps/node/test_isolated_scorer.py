"""Scoring in a process of its own, against films that crash, hang and fail."""

import os
import threading
import time
from pathlib import Path

import pytest

from msasss.apps.node import isolated_scorer
from msasss.apps.node.film_scorer import ScorerFault
from msasss.apps.node.isolated_scorer import IsolatedScorer
from msasss.errors import NoImageError, RadiographError, WeightsError
from support.scorers import open_scripted, open_without_weights


@pytest.fixture(scope="module")
def scorer():
    scorer = IsolatedScorer(open_scripted, job_s=60)
    yield scorer
    scorer.close()


def process_of(scorer: IsolatedScorer) -> int:
    return int(scorer.locate(Path("good"), "film x").uid)


def test_it_scores_in_another_process_and_knows_the_weights(scorer):
    assert process_of(scorer) not in (0, os.getpid())
    assert scorer.digests == {"localiser": "ab" * 32}
    assert scorer.score([Path("a"), Path("b")], ["film a", "film b"], "key").files == {"sr-2.dcm": b"key"}


@pytest.mark.parametrize(
    ("film", "error", "message"), [("bad", RadiographError, "got none"), ("report", NoImageError, "got a report")]
)
def test_errors_of_the_film_come_through_as_they_are(scorer, film, error, message):
    with pytest.raises(error, match=message):
        scorer.locate(Path(film), "film x")


def test_an_unforeseen_error_comes_through_without_its_text(scorer):
    with pytest.raises(ScorerFault, match=r"^ValueError$"):
        scorer.locate(Path("secret"), "film x")


def test_a_film_that_crashes_the_process_costs_itself_alone(scorer):
    before = process_of(scorer)
    with pytest.raises(ScorerFault, match="the scoring process ended"):
        scorer.locate(Path("crash"), "film x")
    assert process_of(scorer) != before


def test_a_film_that_hangs_is_given_up(scorer):
    scorer._job_s = 0.5
    try:
        with pytest.raises(ScorerFault, match=r"no answer within 0.5 s"):
            scorer.locate(Path("hang"), "film x")
    finally:
        scorer._job_s = 60
    assert process_of(scorer)


def test_a_fresh_process_takes_over_now_and_then(scorer, monkeypatch):
    before = process_of(scorer)
    monkeypatch.setattr(isolated_scorer, "JOBS_PER_PROCESS", 1)
    assert process_of(scorer) != before


def test_missing_weights_are_said_as_such():
    with pytest.raises(WeightsError, match="Expected the default weights"):
        IsolatedScorer(open_without_weights, job_s=60)


def test_closing_ends_the_work_in_hand():
    scorer = IsolatedScorer(open_scripted, job_s=60)
    threading.Timer(0.3, scorer.close).start()
    began = time.monotonic()
    with pytest.raises(ScorerFault):
        scorer.locate(Path("hang"), "film x")
    assert time.monotonic() - began < 30
    with pytest.raises(ScorerFault, match="ended"):
        scorer.locate(Path("good"), "film x")
