"""Older checkpoints that somebody else has kept, against the tree as it is now."""

from collections.abc import Mapping

from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.generations import Generations
from dispatcher.ledger.verifying.notes import BadNote, Claim
from dispatcher.ledger.verifying.tree import Frontier


class Outside:
    """Told of every leaf, it compares the checkpoints of exactly so many."""

    def __init__(
        self, findings: Findings, generations: Generations, notes: Mapping[str, str]
    ) -> None:
        self._findings, self._generations = findings, generations
        self._waiting: dict[int, list[tuple[str, Claim]]] = {}
        for name, note in notes.items():
            self._take(f"checkpoint({name})", note)

    def passed(self, frontier: Frontier) -> None:
        """Compare what was signed when the log had as many leaves as were read."""
        for where, claim in self._waiting.pop(frontier.size, ()):
            if claim.root != frontier.root():
                self._findings.add("outside_root", where, size=claim.size)

    def end(self, leaves: int) -> None:
        """No more leaves: what still waits has been cut off."""
        for claims in self._waiting.values():
            for where, claim in claims:
                self._findings.add("outside_beyond", where, size=claim.size, leaves=leaves)

    def _take(self, where: str, note: str) -> None:
        try:
            number, claim = self._generations.claim(note)
        except BadNote as error:
            self._findings.add("outside_note", where, why=str(error))
            return
        after = self._generations.after(number)
        if after is None or claim.size <= after.size:
            self._waiting.setdefault(claim.size, []).append((where, claim))
        elif after.former is None or claim.size > after.former.size:
            facts = {"size": claim.size, "leaves": after.size}
            self._findings.add("outside_beyond", where, **facts)
        else:
            beyond = claim.size - after.size
            facts = {"size": claim.size, "number": after.number, "beyond": beyond}
            self._findings.notice("outside_lost", where, after.at, **facts)
