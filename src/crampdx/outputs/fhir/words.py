"""The sentences in which a resource says what a result rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from crampdx.assessment import Candidate, CauseShift, Line, Observed, ProposedTest, Question
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import findings_in
from crampdx.knowledge.models import Finding, Source
from crampdx.outputs.assessment import citation

__all__ = ["Words", "address_of", "basis_of_test", "with_sources"]

SHOWN_MISSING = 8
"""How many unknown findings of a candidate are named; the rest are counted."""

SHOWN_SHIFTS = 3
"""How many causes an answer is shown to move."""


def with_sources(text: str, sources: Iterable[str]) -> str:
    """A sentence with the ids of its sources in brackets."""
    cited = ", ".join(sources)
    return f"{text} [{cited}]" if cited else text


def _decibans(weight: int) -> str:
    """A weight as it is written, in characters that any system shows.

    >>> _decibans(7), _decibans(-10)
    ('+7 dB', '-10 dB')
    """
    return f"{weight:+d} dB"


def address_of(source: Source) -> str | None:
    """Where a source is found on the web; rather by its identifier, which stays, than by a page."""
    if source.doi:
        return f"https://doi.org/{quote(source.doi, safe='/')}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/" if source.pmid else source.url


def basis_of_test(test: ProposedTest) -> str:
    """Why a test is proposed, and what it would show."""
    shown = ", ".join(outcome.name for outcome in test.would_show)
    would_show = f" Would show: {shown}." if shown else ""
    return (
        f"{with_sources(test.because, test.sources)}{would_show} It could part the causes in"
        f" question by up to {test.separates} dB. Rule: test {test.test}."
    )


class Words:
    """Names for ids, from a knowledge base. An id that it does not know stands for itself."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge

    def finding(self, name: str) -> str:
        """The name of a finding."""
        known: Finding | None = self.knowledge.findings.get(name)
        return known.name if known else name

    def cause(self, name: str) -> str:
        """The name of a cause."""
        known = self.knowledge.causes.get(name)
        return known.name if known else name

    def observed(self, seen: Observed) -> str:
        """A finding, whether it is present or absent, and what it follows from."""
        via = ", ".join(self.finding(name) for name in seen.via)
        follows = f" (follows from {via})" if via else ""
        return f"{self.finding(seen.finding)}: {'present' if seen.present else 'absent'}{follows}"

    def line(self, line: Line) -> str:
        """A line of evidence: its direction, its weight, what was observed, why, and sources."""
        direction = "For" if line.weight > 0 else "Against"
        weighs = _decibans(line.weight)
        if not line.counted:
            weighs += ", not added since a stronger line on related findings is"
        observed = "; ".join(self.observed(seen) for seen in line.observed)
        evidence = line.evidence
        measured = f" Measured likelihood ratio {evidence.lr:g}." if evidence.lr is not None else ""
        because = with_sources(evidence.because + measured, evidence.sources)
        return f"{direction} ({weighs}): {observed}. {because}"

    def standing(self, candidate: Candidate, of: int) -> str:
        """Where a candidate stands, and how its score came about."""
        evidence = candidate.score - candidate.pretest
        miss = " Must not be missed." if candidate.do_not_miss else ""
        return (
            f"Rank {candidate.rank} of {of}, {candidate.band}. Score {_decibans(candidate.score)}:"
            f" pretest class {_decibans(candidate.pretest)}, evidence {_decibans(evidence)}.{miss}"
        )

    def basis(self, candidate: Candidate, of: int) -> str:
        """All that a candidate rests on."""
        lines = [self.line(line) for line in (*candidate.supporting, *candidate.opposing)]
        return "\n".join([self.standing(candidate, of), *lines, *self._missing(candidate)])

    def _missing(self, candidate: Candidate) -> list[str]:
        """The unknown findings that would count, those of the heaviest lines first."""
        cause = self.knowledge.causes.get(candidate.cause)
        weights: dict[str, int] = {}
        for line in cause.evidence if cause else ():
            for name in findings_in(line.when):
                weights[name] = max(weights.get(name, 0), abs(weight_of(line)))
        heaviest = sorted(candidate.missing, key=lambda name: (-weights.get(name, 0), name))
        shown = [self.finding(name) for name in heaviest[:SHOWN_MISSING]]
        more = f" and {len(heaviest) - len(shown)} more" if len(heaviest) > len(shown) else ""
        return [f"Unknown, and would count: {', '.join(shown)}{more}."] if shown else []

    def question(self, question: Question) -> str:
        """What to ask, and what either answer would do."""
        present = self._shifts(question.if_present)
        absent = self._shifts(question.if_absent)
        return f"{question.ask} {question.name}, if present: {present}; if absent: {absent}."

    def _shifts(self, shifts: Sequence[CauseShift]) -> str:
        shown = [f"{self.cause(s.cause)} {_decibans(s.decibans)}" for s in shifts[:SHOWN_SHIFTS]]
        more = [f"{len(shifts) - len(shown)} more"] if len(shifts) > len(shown) else []
        return ", ".join([*shown, *more]) or "no change"

    def sources(self, ids: Iterable[str]) -> list[Source]:
        """The sources that the knowledge base knows, each once, in their order."""
        known = self.knowledge.sources
        return [known[name] for name in dict.fromkeys(ids) if name in known]

    def bibliography(self, ids: Iterable[str]) -> str:
        """What the ids of sources stand for, one source on a line; may be empty."""
        cited = [
            f"[{source.id}] {source.title.rstrip('.')}. {citation(source)}".rstrip()
            for source in self.sources(ids)
        ]
        return "\n".join(["Sources:", *cited]) if cited else ""

    def addresses(self, ids: Iterable[str]) -> list[str]:
        """Where the sources are found, each address once, in their order."""
        found = (address_of(source) for source in self.sources(ids))
        return list(dict.fromkeys(address for address in found if address))

    def artifacts(self, ids: Iterable[str]) -> list[dict[str, str | None]]:
        """The sources as RelatedArtifacts."""
        return [
            {
                "type": "citation",
                "label": source.id,
                "display": source.title,
                "citation": citation(source),
                "url": address_of(source),
            }
            for source in self.sources(ids)
        ]
