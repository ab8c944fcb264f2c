"""The node's folder and queue, and how they are put in order after a sudden end."""

import json
import os
import sqlite3
import stat
import time

import pytest

from msasss.anatomy import Region
from msasss.apps.node.films import add_film, next_received, waiting_films
from msasss.apps.node.ledger import Ledger
from msasss.apps.node.node import QUEUE
from msasss.apps.node.spool import Spool, reasons
from msasss.errors import UsageError
from support.node_doubles import (
    BORN,
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


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "node")
    yield spool
    spool.close()


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "queue.sqlite3")
    yield ledger
    ledger.close()


def test_a_film_lies_whole_and_private_in_its_place(spool):
    token = spool.add_film(b"content")
    assert spool.film(token).read_bytes() == b"content"
    assert stat.S_IMODE(spool.film(token).stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert spool.tokens() == (token,)
    assert not list((spool.folder / ".scratch").iterdir())


def test_the_salt_of_a_node_stays_the_same(spool):
    salt = spool.salt
    spool.close()
    again = Spool(spool.folder)
    assert again.salt == salt
    again.close()


def test_a_folder_serves_one_node_at_a_time(spool):
    with pytest.raises(UsageError, match=r"but .*node is in use. Stop the other node"):
        Spool(spool.folder)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"Expected a folder for the node, got .*file"):
        Spool(tmp_path / "file" / "node")


def test_results_replace_those_of_an_attempt_before(spool):
    spool.write_results(3, {"sr-1.dcm": b"old", "sc-1.dcm": b"old"})
    spool.write_results(3, {"sr-1.dcm": b"new"})
    assert {path.name: path.read_bytes() for path in spool.result_folder(3).iterdir()} == {"sr-1.dcm": b"new"}


def test_dead_letters_have_films_results_and_a_reason_and_come_back(spool):
    token = spool.add_film(b"film")
    spool.write_results(1, {"sr-1.dcm": b"sr"})
    grave = spool.bury("visit-000001", "Expected this, got that.", tokens=[token], visit=1)
    assert json.loads((grave / "reason.json").read_text())["reason"] == "Expected this, got that."
    assert sorted(path.name for path in grave.iterdir()) == sorted([f"{token}.dcm", "reason.json", "results"])
    assert list(reasons(spool.dead)) == [("visit-000001", "Expected this, got that.")]
    assert spool.unbury("visit-000001", 1) == (token,)
    assert spool.film(token).exists()
    assert (spool.result_folder(1) / "sr-1.dcm").exists()
    assert not grave.exists()


def test_burying_twice_changes_nothing(spool):
    token = spool.add_film(b"film")
    for _ in range(2):
        spool.bury("film-000001", "reason", tokens=[token])
    assert len(list(spool.dead.glob("*/*.dcm"))) == 1


def test_old_dead_letters_are_deleted(spool):
    old = spool.bury("film-000001", "reason")
    spool.bury("film-000002", "reason")
    os.utime(old, (time.time() - 1000, time.time() - 1000))
    assert spool.drop_dead(500) == 1
    assert [path.name for path in spool.dead.iterdir()] == ["film-000002"]


def test_a_film_in_the_queue_is_not_entered_twice(ledger):
    assert add_film(ledger, "a", "1.2.3")
    assert not add_film(ledger, "b", "1.2.3")
    assert add_film(ledger, "c", "")
    assert add_film(ledger, "d", "")
    assert next_received(ledger).token == "a"


def test_a_change_that_fails_leaves_nothing_behind(ledger):
    def half() -> None:
        with ledger.transaction() as connection:
            connection.execute("INSERT INTO films (token, uid, state, received_at) VALUES ('a', '1', 'received', 0)")
            msg = "stop"
            raise KeyError(msg)

    with pytest.raises(KeyError):
        half()
    assert ledger.counts() == {}
    assert add_film(ledger, "a", "1")


def test_a_damaged_queue_is_named_and_left_alone(tmp_path):
    (tmp_path / "queue.sqlite3").write_bytes(b"no database at all, but long enough to be read as one" * 20)
    with pytest.raises(UsageError, match=r"got queue.sqlite3, which is damaged"):
        Ledger(tmp_path / "queue.sqlite3")


def test_a_queue_of_another_version_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "queue.sqlite3")
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(UsageError, match="Expected a queue of version 1, got 9"):
        Ledger(tmp_path / "queue.sqlite3")


def test_the_queue_holds_no_name_no_birth_date_and_no_patient_identifier(tmp_path):
    films = [write_film(tmp_path, Region.LUMBAR)]
    with Archive() as archive, running(node_config(tmp_path, archive_target(archive.port))) as node:
        send(films, node.port)
        until(lambda: node.health()["queue"].get("films_waiting") == 1)
    content = (tmp_path / "node" / QUEUE).read_bytes()
    for secret in (PATIENT, "Secretname", BORN):
        assert secret.encode() not in content


def test_a_film_on_the_disk_that_never_got_into_the_queue_is_scored(tmp_path):
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port))
        spool = Spool(config.folder)
        for region in Region:
            spool.add_film(write_film(tmp_path, region).read_bytes())
        spool.close()
        with running(config) as node:
            until(lambda: node.health()["queue"].get("visits_done") == 1)
    assert list(archive.counts.values()) == [1]


def test_what_had_ended_but_was_not_tidied_up_is_tidied_up(tmp_path):
    with Archive() as archive:
        config = node_config(tmp_path, archive_target(archive.port))
        spool = Spool(config.folder)
        done, dead = spool.add_film(b"a"), spool.add_film(b"b")
        spool.write_results(1, {"sr-1.dcm": b"sr"})
        ledger = Ledger(config.folder / QUEUE)
        ledger.write("INSERT INTO visits (key, maker, state, created_at) VALUES ('k', 'm', 'done', 0)")
        for token, state in ((done, "done"), (dead, "dead")):
            add_film(ledger, token, token)
            ledger.write("UPDATE films SET state = ?, reason = 'why' WHERE token = ?", state, token)
        ledger.close()
        spool.close()
        with running(config):
            assert not list((tmp_path / "node/films").iterdir())
            assert not list((tmp_path / "node/results").iterdir())
            assert [reason for _, reason in reasons(tmp_path / "node/dead")] == ["why"]


def test_what_is_owed_to_a_target_that_is_gone_from_the_settings_is_given_up(tmp_path):
    films = [write_film(tmp_path, region) for region in Region]
    with running(node_config(tmp_path, archive_target(free_port(), name="old"))) as node:
        send(films, node.port)
        until(lambda: node.health()["targets_down"] == ["old"])
    with running(node_config(tmp_path, archive_target(free_port(), name="new"))) as node:
        until(lambda: node.health()["queue"].get("visits_dead") == 1)
    [(_, reason)] = reasons(tmp_path / "node/dead")
    assert reason == "old: the target is no longer configured"


def test_films_that_wait_get_their_whole_wait_again_after_a_restart(tmp_path):
    films = [write_film(tmp_path, Region.LUMBAR)]
    config = node_config(tmp_path, archive_target(free_port()))
    with running(config) as node:
        send(films, node.port)
        until(lambda: node.health()["queue"].get("films_waiting") == 1)
    ledger = Ledger(config.folder / QUEUE)
    ledger.write("UPDATE films SET due_at = 5")
    ledger.close()
    with running(config):
        pass
    ledger = Ledger(config.folder / QUEUE)
    [film] = waiting_films(ledger)
    ledger.close()
    assert film.due_at > time.time() + config.patience.wait_s - 20
