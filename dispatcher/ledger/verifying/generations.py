"""Generations of the log: who signs which part, and what was owned up to as lost."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.notes import BadNote, Claim, Signer
from dispatcher.ledger.verifying.rows import stream
from dispatcher.ledger.verifying.spool import KeptAct, Spool

_ROWS = """
SELECT number, origin, size, former, why, coalesce(began_by, 0) AS began_by, began_at
FROM generation ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A generation after the first. ``former``: the claim of the checkpoint that was lost."""

    number: int
    origin: str
    size: int
    former: Claim | None
    former_origin: str
    why: str
    by: int
    at: int

    @property
    def where(self) -> str:
        return f"generation(number={self.number})"

    def facts(self) -> dict[str, object]:
        """What the act that began it must say, but for the root of what was kept."""
        former = self.former or Claim(0, b"")
        lost = {"origin": self.former_origin, "size": former.size, "root": former.root.hex()}
        return {"origin": self.origin, "size": self.size, "former": lost, "why": self.why}


class Generations:
    """The log's names. ``origin`` is the first's; the n-th bears ``/n`` behind it."""

    def __init__(
        self, conn: Connection, findings: Findings, origin: str, public_key: bytes
    ) -> None:
        self._findings, self._origin, self._key = findings, origin, public_key
        self._begun: list[Begun] = []
        for row in stream(conn, _ROWS):
            former_origin, former = self._former(row.number, row.former, row.began_at)
            begun = Begun(
                row.number,
                row.origin,
                row.size,
                former,
                former_origin,
                row.why,
                row.began_by,
                row.began_at,
            )
            self._follows(begun)
            self._begun.append(begun)

    def signer(self, size: int) -> Signer:
        """Who must have signed a checkpoint of so many leaves."""
        number = max((each.number for each in self._begun if each.size < size), default=1)
        return Signer(self._name(number), self._key)

    def claim(self, note: str) -> tuple[int, Claim]:
        """Generation and claim of any checkpoint of this log. Raises ``BadNote``."""
        name = note.partition("\n")[0]
        behind = name.removeprefix(f"{self._origin}/")
        number = int(behind) if behind != name and behind.isdecimal() else 1
        return number, Signer(self._name(number), self._key).read(note)

    def after(self, number: int) -> Begun | None:
        """The generation that went on from this one."""
        return next((each for each in self._begun if each.number > number), None)

    def explain(self, spool: Spool) -> None:
        """Every generation is an act of the log, every such act a generation; losses are named."""
        acts = {act.subject: act for act in spool.named("begin_generation")}
        for begun in self._begun:
            act = acts.pop(f"generation:{begun.number}", None)
            if act is None or not _declares(act, begun):
                self._findings.add("generation_undeclared", begun.where, begun.at)
            self._name_loss(begun)
        for act in acts.values():
            self._findings.add("generation_missing", f"page(id={act.page}) → {act.subject}", act.at)

    def _name(self, number: int) -> str:
        return self._origin if number == 1 else f"{self._origin}/{number}"

    def _former(self, number: int, note: str, at: int) -> tuple[str, Claim | None]:
        where = f"generation(number={number}).former"
        try:
            of, claim = self.claim(note)
        except BadNote as error:
            self._findings.add("generation_former", where, at, why=str(error))
            return "", None
        if of >= number:
            self._findings.add("generation_number", where, at)
        return self._name(of), claim

    def _follows(self, begun: Begun) -> None:
        last = self._begun[-1] if self._begun else None
        grows = last is None or (begun.number > last.number and begun.size >= last.size)
        if not grows or begun.number < 2 or begun.origin != self._name(begun.number):
            self._findings.add("generation_number", begun.where, begun.at)

    def _name_loss(self, begun: Begun) -> None:
        if begun.former is None:
            return
        facts = {
            "lost": max(begun.former.size - begun.size, 0),
            "origin": begun.former_origin,
            "by": begun.by,
            "why": begun.why,
            "kept": begun.size,
        }
        self._findings.notice("generation_lost", begun.where, begun.at, **facts)


def _declares(act: KeptAct, begun: Begun) -> bool:
    """Whether the act says what the row says, behind the part that was kept."""
    facts = json.loads(act.facts)
    facts.pop("root", None)
    said = (facts, act.actor, act.at)
    return said == (begun.facts(), begun.by, begun.at) and act.order > begun.size
