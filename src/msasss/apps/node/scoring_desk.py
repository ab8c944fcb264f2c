"""The part of a node that scores: locates films as they come, forms visits, and makes their results."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from msasss.apps.node.backoff import delay_s
from msasss.apps.node.desk import Desk
from msasss.apps.node.film_scorer import FilmFacts, Results, Scorer, ScorerFault
from msasss.apps.node.films import (
    Film,
    close_films,
    film_located,
    films_of,
    next_received,
    put_off_film,
    start_film,
    waiting_films,
)
from msasss.apps.node.node_log import keyed_digest
from msasss.apps.node.visits import (
    QueuedVisit,
    close_visit,
    next_paired,
    open_visit,
    put_off_visit,
    start_visit,
    visit_scored,
)
from msasss.apps.node.waiting_room import Called, call
from msasss.errors import MsasssError, NoImageError
from msasss.pipeline.result_objects import kind_of_file, result_key

# A scorer that failed so often at one film fails because of it.
MOST_FAULTS: Final = 3
# The same where the whole node ended each time; by chance this happens to a film once in a while.
MOST_STARTS: Final = 12


class ScoringDesk:
    """Does one piece of work at a time.

    Args:
        desk: What the parts of the node share.
        scorer: Does the scoring.
    """

    def __init__(self, desk: Desk, scorer: Scorer) -> None:
        self._desk, self._scorer = desk, scorer
        self._maker = result_key((), scorer.digests, desk.config.scoring.scheme)
        self._is_visit_next = False

    def step(self) -> bool:
        """Locate one film or score one visit, in turns as far as there are both; return whether there was either."""
        self._call()
        work = [self._locate_next, self._score_next]
        self._is_visit_next = not self._is_visit_next
        return any(each() for each in (work if self._is_visit_next else reversed(work)))

    def _locate_next(self) -> bool:
        film = next_received(self._desk.ledger)
        if film is not None:
            self._locate(film)
        return film is not None

    def _score_next(self) -> bool:
        visit = next_paired(self._desk.ledger)
        if visit is not None:
            self._score(visit)
        return visit is not None

    def _locate(self, film: Film) -> None:
        desk, name = self._desk, self._name(film)
        if film.starts >= MOST_STARTS:
            self._bury_film(film, f"{name}: Scoring was cut off {film.starts} times. Score the film by hand.")
            return
        start_film(desk.ledger, film)
        try:
            with desk.metrics.seconds.labels("locate").time():
                facts = self._scorer.locate(desk.spool.film(film.token), name)
        except NoImageError:
            self._drop((film,), "ignored")
        except MsasssError as error:
            self._bury_film(film, str(error), error)
        except ScorerFault as fault:
            self._put_off_film(film, fault)
        else:
            self._admit(film, facts)

    def _admit(self, film: Film, facts: FilmFacts) -> None:
        desk = self._desk
        is_dated = facts.acquired_on is not None
        # Films without a patient or a date belong to those of their study, if to any.
        whose = facts.patient_key if is_dated and facts.patient_key else f"{facts.patient_key}\0{facts.study_uid}"
        located = replace(
            film,
            uid=facts.uid,
            patient=keyed_digest(desk.spool.salt, whose),
            region=facts.region.value,
            taken_on=facts.acquired_on.isoformat() if facts.acquired_on is not None else "",
            due_at=time.time() + desk.config.patience.wait_s,
        )
        if film_located(desk.ledger, located):
            fields = {"film": desk.log.pseudonym(facts.uid), "patient": desk.log.pseudonym(whose)}
            desk.log.note("film_located", {**fields, "region": facts.region.value})
        else:
            desk.spool.drop_films([film.token])
            desk.metrics.films_ignored.inc()

    def _call(self) -> None:
        for called in list(call(waiting_films(self._desk.ledger), self._desk.config.patience, time.time())):
            self._open(called)

    def _open(self, called: Called) -> None:
        desk, films = self._desk, called.films
        if called.problem is not None:
            for film in films:
                self._bury_film(film, called.problem)
            return
        key = result_key((film.uid for film in films), self._scorer.digests, desk.config.scoring.scheme)
        visit = open_visit(desk.ledger, films, key=key, maker=self._maker)
        if visit is None:
            self._drop(films, "duplicate")
            return
        names = " ".join(self._name(film) for film in films)
        desk.log.note("visit_formed", {"visit": visit, "films": names, "regions": len(films)})

    def _score(self, visit: QueuedVisit) -> None:
        desk = self._desk
        films = films_of(desk.ledger, visit.id)
        if visit.starts >= MOST_STARTS:
            self._bury_visit(visit, films, f"Scoring was cut off {visit.starts} times. Score the films by hand.")
            return
        start_visit(desk.ledger, visit)
        try:
            with desk.metrics.seconds.labels("score").time():
                results = self._results(visit, films)
            desk.spool.write_results(visit.id, results.files)
        except MsasssError as error:
            self._bury_visit(visit, films, str(error), error)
        except ScorerFault as fault:
            self._put_off_visit(visit, films, fault)
        except OSError as error:
            # The disk is full, say: the films are not to blame, and nothing is given up.
            self._wait(visit, type(error).__name__)
        else:
            self._hand_over(visit, films, results)

    def _results(self, visit: QueuedVisit, films: Sequence[Film]) -> Results:
        paths = [self._desk.spool.film(film.token) for film in films]
        return self._scorer.score(paths, [self._name(film) for film in films], visit.key)

    def _hand_over(self, visit: QueuedVisit, films: Sequence[Film], results: Results) -> None:
        desk = self._desk
        deliveries = [
            (target.name, name)
            for target in desk.config.targets
            for name in results.files
            if kind_of_file(name) in target.kinds
        ]
        visit_scored(desk.ledger, visit, deliveries)
        desk.metrics.visits_scored.labels(str(len(films))).inc()
        desk.log.note(
            "visit_scored", {"visit": visit.id, "objects": len(results.files), "has_total": results.is_complete}
        )
        desk.scored.set()

    def _put_off_film(self, film: Film, fault: ScorerFault) -> None:
        desk, name = self._desk, self._name(film)
        if desk.stopping.is_set():
            return
        desk.metrics.scorer_faults.inc()
        if film.faults + 1 >= MOST_FAULTS:
            self._bury_film(film, f"{name}: Scoring failed {MOST_FAULTS} times ({fault}). Score the film by hand.")
            return
        put_off_film(desk.ledger, film, time.time() + delay_s(desk.config.retry, film.faults + 1), str(fault))
        desk.log.warn("film_put_off", {"film": name, "reason": str(fault)})

    def _put_off_visit(self, visit: QueuedVisit, films: Sequence[Film], fault: ScorerFault) -> None:
        if self._desk.stopping.is_set():
            return
        self._desk.metrics.scorer_faults.inc()
        if visit.faults + 1 >= MOST_FAULTS:
            self._bury_visit(visit, films, f"Scoring failed {MOST_FAULTS} times ({fault}). Score the films by hand.")
            return
        self._wait(visit, str(fault))

    def _wait(self, visit: QueuedVisit, reason: str) -> None:
        desk = self._desk
        try:
            put_off_visit(desk.ledger, visit, time.time() + delay_s(desk.config.retry, visit.faults + 1), reason)
        except sqlite3.Error:
            desk.stopping.wait(desk.config.retry.first_s)
        desk.log.warn("visit_put_off", {"visit": visit.id, "reason": reason})

    def _bury_film(self, film: Film, reason: str, error: Exception | None = None) -> None:
        desk = self._desk
        close_films(desk.ledger, [film], "dead", reason)
        desk.spool.bury(f"film-{film.id:06d}", reason, tokens=[film.token])
        desk.metrics.dead_letters.labels("film").inc()
        desk.log.warn("film_dead", {"film": self._name(film), "letter": film.id, "reason": _class(error)})

    def _bury_visit(
        self, visit: QueuedVisit, films: Sequence[Film], reason: str, error: Exception | None = None
    ) -> None:
        desk = self._desk
        close_visit(desk.ledger, visit.id, "dead", reason)
        desk.spool.bury(f"visit-{visit.id:06d}", reason, tokens=[film.token for film in films], visit=visit.id)
        desk.metrics.dead_letters.labels("visit").inc()
        desk.log.warn("visit_dead", {"visit": visit.id, "reason": _class(error)})

    def _drop(self, films: Sequence[Film], state: str) -> None:
        desk = self._desk
        close_films(desk.ledger, films, state)
        desk.spool.drop_films([film.token for film in films])
        desk.metrics.films_ignored.inc(len(films))
        desk.log.note("films_dropped", {"films": " ".join(self._name(film) for film in films), "reason": state})

    def _name(self, film: Film) -> str:
        """Return what messages and log call a film."""
        return f"film {self._desk.log.pseudonym(film.uid)}"


def _class(error: Exception | None) -> str:
    return "see reason" if error is None else type(error).__name__
