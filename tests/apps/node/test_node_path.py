"""A film's way through a running node, over real associations on loopback."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path

from pydicom import dcmread

from msasss.anatomy import Region
from msasss.apps.node.config import Patience
from msasss.dicom.structured_report import reading_from_report
from msasss.pipeline.result_objects import ResultKind, kinds_available
from support.node_doubles import (
    Archive,
    archive_target,
    free_port,
    node_config,
    running,
    scorer_of,
    send,
    until,
    write_film,
)

IMPATIENT = Patience(quiet_s=0.0, wait_s=0.2)


def queue(node):
    return node.health()["queue"]


def dead_reasons(folder: Path) -> list[str]:
    return sorted(json.loads(path.read_text())["reason"] for path in (folder / "node/dead").glob("*/reason.json"))


def test_a_pair_of_films_comes_back_as_one_report(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        assert [receipt.refusal for receipt in send(films, node.port)] == [None, None]
        until(lambda: queue(node).get("visits_done") == 1)
        until(lambda: not list((tmp_path / "node/films").iterdir()))
        until(lambda: not list((tmp_path / "node/results").iterdir()))
    assert list(archive.counts.values()) == [1]
    [[content]] = archive.stored.values()
    report = dcmread(BytesIO(content))
    assert report.PatientID == "PAT-4711"
    assert reading_from_report(report).images.keys() == set(Region)


def test_every_kind_of_object_comes_back_and_only_those_a_target_wants(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive() as full, Archive() as brief:
        targets = (
            archive_target(full.port, kinds_available(), "full"),
            archive_target(brief.port, [ResultKind.PRESENTATION_STATE], "brief"),
        )
        with running(node_config(tmp_path, *targets)) as node:
            send(films, node.port)
            until(lambda: queue(node).get("visits_done") == 1)
    kinds = sorted(dcmread(BytesIO(content)).Modality for [content] in full.stored.values())
    assert kinds.count("PR") == 2
    assert kinds.count("SR") == 1
    assert len(kinds) == 5 + (ResultKind.PDF in kinds_available())
    assert [dcmread(BytesIO(content)).Modality for [content] in brief.stored.values()] == ["PR", "PR"]


def test_the_same_films_again_bring_no_second_result(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: queue(node).get("visits_done") == 1)
        send(films, node.port)
        until(lambda: queue(node).get("films_duplicate") == 2)
        until(lambda: not list((tmp_path / "node/films").iterdir()))
    assert list(archive.counts.values()) == [1]


def test_the_same_films_bring_another_result_with_other_weights(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port))
        for weights in ("cd", "ef"):
            scorer = scorer_of(config)()
            scorer.digests["lesions"] = weights * 32
            with running(config, scorer=scorer) as node:
                send(films, node.port)
                done = 1 if weights == "cd" else 2
                until(lambda node=node, done=done: queue(node).get("visits_done") == done)
    assert list(archive.counts.values()) == [1, 1]


def test_dead_letters_that_were_sent_again_meanwhile_stay_dead(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive(status=0xC000) as archive:
        config = node_config(tmp_path, archive_target(archive.port))
        with running(config) as node:
            send(films, node.port)
            until(lambda: queue(node).get("visits_dead") == 1)
            archive.status = 0
            send(films, node.port)
            until(lambda: queue(node).get("visits_done") == 1)
        with running(config, retry_dead=True) as node:
            assert queue(node)["visits_dead"] == 1
    assert list(archive.counts.values()) == [1]


def test_one_film_of_a_scored_pair_alone_brings_no_second_result(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive() as archive:
        with running(node_config(tmp_path, archive_target(archive.port))) as node:
            send(films, node.port)
            until(lambda: queue(node).get("visits_done") == 1)
        in_a_hurry = node_config(tmp_path, archive_target(archive.port), patience=IMPATIENT)
        with running(in_a_hurry) as node:
            send(films[:1], node.port)
            until(lambda: queue(node).get("films_duplicate") == 1)
    assert list(archive.counts.values()) == [1]


def test_a_film_without_a_partner_is_scored_alone_after_its_wait(tmp_path):
    film = write_film(tmp_path, Region.LUMBAR)
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port), patience=IMPATIENT)
        with running(config) as node:
            send([film], node.port)
            until(lambda: archive.stored)
    [[content]] = archive.stored.values()
    assert reading_from_report(dcmread(BytesIO(content))).images.keys() == {Region.LUMBAR}


def test_films_of_two_patients_are_not_mixed(tmp_path):
    films = [write_film(tmp_path, region, patient=patient) for region in Region for patient in ("A", "B")]
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: queue(node).get("visits_done") == 2)
    reports = [dcmread(BytesIO(content)) for [content] in archive.stored.values()]
    assert sorted(report.PatientID for report in reports) == ["A", "B"]


def test_a_view_taken_twice_goes_to_the_dead_letters_with_its_reason(tmp_path):
    films = [write_film(tmp_path, Region.CERVICAL, seed=seed) for seed in ("one", "two")]
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port), patience=IMPATIENT)
        with running(config) as node:
            send(films, node.port)
            until(lambda: queue(node).get("films_dead") == 2)
            until(lambda: len(dead_reasons(tmp_path)) == 2)
    assert all("got 2 cervical, 0 lumbar" in reason for reason in dead_reasons(tmp_path))
    assert len(list((tmp_path / "node/dead").glob("*/*.dcm"))) == 2


def test_a_film_without_a_spine_goes_to_the_dead_letters_and_the_others_go_on(tmp_path):
    films = [write_film(tmp_path, region) for region in (None, *Region)]
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: queue(node).get("visits_done") == 1)
        until(lambda: dead_reasons(tmp_path))
    [reason] = dead_reasons(tmp_path)
    assert "Expected a lateral spine, found none" in reason
    assert list(archive.counts.values()) == [1]


def test_our_own_overlay_sent_back_to_us_is_dropped(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port, [ResultKind.OVERLAY]))
        with running(config) as node:
            send(films, node.port)
            until(lambda: queue(node).get("visits_done") == 1)
            overlay = tmp_path / "overlay.dcm"
            overlay.write_bytes(next(iter(archive.stored.values()))[0])
            send([overlay], node.port)
            until(lambda: queue(node).get("films_ignored") == 1)
    assert not list((tmp_path / "node/dead").iterdir())


def test_films_of_one_day_and_of_another_year_make_two_visits(tmp_path):
    days = (date(2024, 5, 31), date(2021, 5, 31))
    films = [write_film(tmp_path, region, day=day) for day in days for region in Region]
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: queue(node).get("visits_done") == 2)
    reports = [dcmread(BytesIO(content)) for [content] in archive.stored.values()]
    assert sorted(report.StudyDate for report in reports) == ["20210531", "20240531"]


def test_what_a_down_target_is_owed_is_delivered_when_it_is_back(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    archive = Archive(free_port())
    with running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: node.health()["targets_down"] == ["archive"])
        with archive:
            until(lambda: queue(node).get("visits_done") == 1)
            assert node.health()["targets_down"] == []
    assert list(archive.counts.values()) == [1]


def test_what_a_target_refuses_for_good_goes_to_the_dead_letters_and_can_be_sent_again(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive(status=0xC000) as archive:
        config = node_config(tmp_path, archive_target(archive.port))
        with running(config) as node:
            send(films, node.port)
            until(lambda: queue(node).get("visits_dead") == 1)
            until(lambda: dead_reasons(tmp_path))
        [reason] = dead_reasons(tmp_path)
        assert "refuses the object with status 0xC000" in reason
        assert list((tmp_path / "node/dead").glob("*/results/sr-1.dcm"))
        archive.status = 0
        with running(config, retry_dead=True) as node:
            until(lambda: queue(node).get("visits_done") == 1)
    assert list(archive.counts.values()) == [1]
    assert not list((tmp_path / "node/dead").iterdir())


def test_films_given_up_can_be_scored_again(tmp_path):
    films = [write_film(tmp_path, Region.CERVICAL, seed=seed) for seed in ("one", "two")]
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port), patience=IMPATIENT)
        with running(config) as node:
            send(films, node.port)
            until(lambda: queue(node).get("films_dead") == 2)
            until(lambda: len(dead_reasons(tmp_path)) == 2)
        next((tmp_path / "node/dead").glob("*/*.dcm")).unlink()
        with running(config, retry_dead=True) as node:
            until(lambda: queue(node).get("visits_done") == 1)
    assert list(archive.counts.values()) == [1]


def test_a_target_out_of_resources_is_tried_again(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with Archive(status=0xA700) as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: node.health()["targets_down"] == ["archive"])
        archive.status = 0
        until(lambda: queue(node).get("visits_done") == 1)
    assert list(archive.counts.values()) == [1]
