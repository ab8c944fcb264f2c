"""What a running node does about scorers that fail, disks that are full, hostile peers and damaged films."""

import json
import logging
import os
import random
import subprocess
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from pydicom import dcmread

from msasss.anatomy import Region
from msasss.apps.node.backoff import delay_s
from msasss.apps.node.config import Patience, Retry
from msasss.apps.node.films import next_received
from msasss.apps.node.node_log import LOGGER, JsonLines
from msasss.apps.node.scoring_desk import MOST_FAULTS
from msasss.apps.node.spool import reasons
from msasss.dicom import write_radiograph
from msasss.dicom.association_limits import Limits
from msasss.errors import NetworkError
from msasss.pipeline.result_objects import ResultKind
from support.node_doubles import (
    BORN,
    DAY,
    LOOPBACK,
    NAME,
    PATIENT,
    Archive,
    archive_target,
    free_port,
    node_config,
    running,
    send,
    until,
    write_film,
)
from support.scorers import FaultyOnce

REPORT = (ResultKind.REPORT,)


def queue(node):
    return node.health()["queue"]


def get(port, path):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{LOOPBACK}:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture
def films(tmp_path):
    return [write_film(tmp_path, region) for region in Region]


@pytest.fixture
def log():
    """What the node logs in this process."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(LOGGER)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def test_a_scorer_that_fails_now_and_then_is_asked_again(tmp_path, films):
    scorer = FaultyOnce(REPORT, locating=MOST_FAULTS - 1, scoring=MOST_FAULTS - 1)
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port)), scorer=scorer) as node:
        send(films, node.port)
        until(lambda: queue(node).get("visits_done") == 1)
    assert list(archive.counts.values()) == [1]


def test_a_film_that_always_fails_is_given_up_and_the_next_one_served(tmp_path, films):
    scorer = FaultyOnce(REPORT, locating=MOST_FAULTS)
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port)), scorer=scorer) as node:
        send(films[:1], node.port)
        until(lambda: queue(node).get("films_dead") == 1)
        until(lambda: list(reasons(tmp_path / "node/dead")))
        send(films, node.port)
        until(lambda: queue(node).get("visits_done") == 1)
    [(_, reason)] = reasons(tmp_path / "node/dead")
    assert "Scoring failed 3 times (the scoring process ended)" in reason


def test_a_visit_that_always_fails_is_given_up(tmp_path, films):
    scorer = FaultyOnce(REPORT, scoring=99)
    with running(node_config(tmp_path, archive_target(free_port())), scorer=scorer) as node:
        send(films, node.port)
        until(lambda: queue(node).get("visits_dead") == 1)
        until(lambda: len(list((tmp_path / "node/dead").glob("*/*.dcm"))) == 2)


def test_without_room_films_are_refused_and_later_taken(tmp_path, films):
    target = archive_target(free_port())
    with running(node_config(tmp_path, target, least_free_bytes=2**62)) as node:
        with pytest.raises(NetworkError, match="no resources left"):
            send(films, node.port)
        assert node.health()["problems"] == ["the disk is nearly full"]
        assert not list((tmp_path / "node/films").iterdir())
    with running(node_config(tmp_path, target)) as node:
        assert all(receipt.refusal is None for receipt in send(films, node.port))


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 3 MB for the results of a node."""
    results = tmp_path / "node" / "results"
    results.mkdir(parents=True)
    scratch = tmp_path / "node" / ".scratch"
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(tmp_path / "node")]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a disk")
    assert not scratch.exists()
    yield tmp_path / "node"
    subprocess.run(["umount", str(tmp_path / "node")], check=True)


def fill(path):
    with suppress(OSError), path.open("wb", buffering=0) as stream:
        while stream.write(bytes(4096)):
            pass


def test_a_full_disk_puts_results_off_until_there_is_room(tmp_path, films, small_disk, log):
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        ballast = small_disk / "ballast"
        fill(ballast)
        until(lambda: "visit_put_off" in log.getvalue() or "part_failed" in log.getvalue())
        assert not archive.stored
        ballast.unlink()
        until(lambda: queue(node).get("visits_done") == 1)
        assert not list(small_disk.glob("dead/*"))
    assert list(archive.counts.values()) == [1]


def test_the_log_of_a_full_run_says_nothing_of_the_patient(tmp_path, films, log):
    blank, twice = (
        write_film(tmp_path, None),
        write_film(tmp_path, Region.CERVICAL, seed="two", day=DAY.replace(year=2020)),
    )
    large = write_film(tmp_path, Region.LUMBAR, seed="large")
    header = dcmread(large)
    header.add_new(0x00420011, "OB", bytes(2**22))
    header.save_as(large)
    uids = [str(dcmread(path).SOPInstanceUID) for path in (*films, blank, twice, large)]
    config = node_config(tmp_path, archive_target(free_port()), patience=Patience(0.05, 1.0))
    config = replace(config, service=replace(config.service, limits=Limits(object_bytes=2**21, idle_s=2.0)))
    with running(config) as node:
        send([*films, blank, twice], node.port)
        for calling, called, what in (
            ("STRANGER", "MSASSS", films),
            ("MODALITY", "WRONG", films),
            ("MODALITY", "MSASSS", [large]),
        ):
            with pytest.raises(NetworkError):
                send(what, node.port, calling=calling, called=called)
        until(lambda: queue(node).get("visits_scored") == 2)
        until(lambda: node.health()["targets_down"])
    events = [json.loads(line) for line in log.getvalue().splitlines()]
    names = {event["event"] for event in events}
    assert {"film_received", "film_located", "film_dead", "visit_scored", "send_failed", "peer_refused"} <= names
    refusals = {(event["reason"], event["from"]) for event in events if event["event"] == "peer_refused"}
    assert refusals == {("calling-title", "STRANGER"), ("called-title", "MODALITY"), ("oversize", "MODALITY")}
    for secret in (PATIENT, *NAME.split("^"), BORN, str(DAY), f"{DAY:%Y%m%d}", *uids):
        assert secret not in log.getvalue(), secret


def test_metrics_and_health_tell_how_the_node_is_and_nothing_of_patients(tmp_path, films):
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port), status=(LOOPBACK, free_port()))
        with running(config) as node:
            send(films, node.port)
            with pytest.raises(NetworkError):
                send(films, node.port, calling="STRANGER")
            until(lambda: queue(node).get("visits_done") == 1)
            text = get(node.status_port, "/metrics")
            health = json.loads(get(node.status_port, "/health"))
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(node.status_port, "/")
    assert "msasss_films_received_total 2.0" in text
    assert 'msasss_objects_sent_total{target="archive"} 1.0' in text
    assert 'msasss_peers_refused_total{reason="calling-title"} 1.0' in text
    assert 'msasss_queue{kind="visits",state="done"} 1.0' in text
    assert 'msasss_work_seconds_count{work="score"} 1.0' in text
    assert health == {
        "problems": [],
        "targets_down": [],
        "queue": {"deliveries_sent": 1, "films_done": 2, "visits_done": 1},
    }
    assert PATIENT not in text


def test_a_node_that_is_not_well_says_so(tmp_path):
    config = node_config(tmp_path, archive_target(free_port()), status=(LOOPBACK, free_port()), least_free_bytes=2**62)
    with running(config) as node, pytest.raises(urllib.error.HTTPError, match="503"):
        get(node.status_port, "/health")


def test_delays_grow_up_to_the_longest_and_differ():
    retry = Retry(first_s=1, longest_s=60)
    delays = [[delay_s(retry, failures) for _ in range(50)] for failures in range(1, 12)]
    assert all(
        min(2.0**place, 60) / 2 <= delay <= min(2.0**place, 60) for place, row in enumerate(delays) for delay in row
    )
    assert all(len(set(row)) > 1 for row in delays)
    assert delay_s(retry, 10_000) <= 60


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed, cut out, put in, or cut off."""
    spoilt = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 20])):
        # Most of a film is pixels; what makes trouble is the header.
        at = chance.randrange(128, 2500 if chance.random() < 0.8 else len(spoilt))
        match chance.randrange(4):
            case 0:
                spoilt[at] = chance.randrange(256)
            case 1:
                del spoilt[at : at + chance.randrange(1, 40)]
            case 2:
                spoilt[at:at] = chance.randbytes(chance.randrange(1, 40))
            case _:
                spoilt[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f"])
    return bytes(spoilt[: chance.randrange(100, len(spoilt))] if chance.random() < 0.1 else spoilt)


def test_five_hundred_damaged_films_do_no_harm(tmp_path, films):
    """Each ends waiting, if it still is a film, or as a dead letter with a reason; then a good pair is scored."""
    small, chance = tmp_path / "small.dcm", random.Random(11)
    pixels = np.tile(np.linspace(0.5, 0.6, 72, dtype=np.float32), (72, 1))
    write_radiograph(small, pixels, spacing_mm=1, patient_id="FUZZ", study_date=DAY, region=Region.LUMBAR)
    content = small.read_bytes()
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port), patience=Patience(0.05, 600.0))
        with running(config) as node:
            for _ in range(500):
                token = node._desk.spool.add_film(mutated(content, chance))
                node._desk.ledger.write(
                    "INSERT INTO films (token, uid, state, received_at) VALUES (?, '', 'received', 0)", token
                )
            send(films, node.port)
            until(lambda: queue(node).get("visits_done") == 1, 120)
            until(lambda: next_received(node._desk.ledger) is None)
            counts = queue(node)
    dead = list(reasons(tmp_path / "node/dead"))
    assert len(dead) == counts["films_dead"] > 100
    ends = ("films_dead", "films_waiting", "films_duplicate", "films_ignored")
    assert sum(counts.get(state, 0) for state in ends) == 500
    assert all("Expected" in reason or "damaged" in reason for _, reason in dead)
    assert list(archive.counts.values()) == [1]
