"""The sentences in which a resource says what a result rests on."""

from __future__ import annotations

from collections.abc import Iterable

from crampdx.assessment import Candidate, Line, Observed, ProposedTest, Question
from crampdx.outputs.labels import MINUS, Labels, address_of, citation, weight

__all__ = [
    "addresses",
    "artifacts",
    "basis_of_candidate",
    "basis_of_test",
    "bibliography",
    "position",
    "question_asked",
    "state_of",
    "with_sources",
]


def with_sources(text: str, sources: Iterable[str]) -> str:
    """Write a sentence with the ids of its sources in brackets."""
    cited = ", ".join(sources)
    return f"{text} [{cited}]" if cited else text


def _common(text: str) -> str:
    """Text with a hyphen and spaces that any system shows.

    >>> _common(weight(7)), _common(weight(-10))
    ('+7 dB', '-10 dB')
    """
    return text.replace(MINUS, "-").replace("\N{NO-BREAK SPACE}", " ")


def _decibans(decibans: int) -> str:
    return _common(weight(decibans))


def basis_of_test(test: ProposedTest) -> str:
    """Write why a test is proposed, and what it would show."""
    shown = ", ".join(outcome.name for outcome in test.would_show)
    would_show = f" Would show: {shown}." if shown else ""
    return (
        f"{with_sources(test.because, test.sources)}{would_show} It could part the causes in"
        f" question by up to {test.separates} dB. Rule: test {test.test}."
    )


def state_of(seen: Observed, labels: Labels) -> str:
    """Write a finding, whether it is present or absent, and what it follows from."""
    follows = f" (follows from {labels.findings(seen.via)})" if seen.via else ""
    return f"{labels.finding(seen.finding)}: {'present' if seen.present else 'absent'}{follows}"


def _line(line: Line, labels: Labels) -> str:
    """A line of evidence: its direction, its weight, what was observed, why, and sources."""
    direction = "For" if line.weight > 0 else "Against"
    weighs = _decibans(line.weight)
    if not line.counted:
        weighs += ", not counted: a stronger line in the same cluster counts"
    observed = "; ".join(state_of(seen, labels) for seen in line.observed)
    evidence = line.evidence
    measured = f" Measured likelihood ratio {evidence.lr:g}." if evidence.lr is not None else ""
    because = with_sources(evidence.because + measured, evidence.sources)
    return f"{direction} ({weighs}): {observed}. {because}"


def position(candidate: Candidate, of: int) -> str:
    """Write the position of a candidate among so many, and how its score came about."""
    evidence = candidate.score - candidate.pretest
    miss = " Must not be missed." if candidate.do_not_miss else ""
    return (
        f"Rank {candidate.rank} of {of}, {candidate.band}. Score {_decibans(candidate.score)}:"
        f" pretest class {_decibans(candidate.pretest)}, evidence {_decibans(evidence)}.{miss}"
    )


def basis_of_candidate(candidate: Candidate, of: int, labels: Labels) -> str:
    """Write all that a candidate rests on, and what is missing, one thing on a line."""
    lines = [_line(line, labels) for line in (*candidate.supporting, *candidate.opposing)]
    missing = labels.missing(candidate)
    unknown = [f"Unknown, and would count: {missing}."] if missing else []
    return "\n".join([position(candidate, of), *lines, *unknown])


def question_asked(question: Question, labels: Labels) -> str:
    """Write what to ask, and what either answer would do."""
    present = _common(labels.shifts(question.if_present, weight))
    absent = _common(labels.shifts(question.if_absent, weight))
    return f"{question.ask} {question.name}, if present: {present}; if absent: {absent}."


def bibliography(ids: Iterable[str], labels: Labels) -> str:
    """Write what the ids of sources stand for, one source on a line; may be empty."""
    cited = [
        f"[{source.id}] {source.title.rstrip('.')}. {citation(source)}".rstrip()
        for source in labels.known_sources(ids)
    ]
    return "\n".join(["Sources:", *cited]) if cited else ""


def addresses(ids: Iterable[str], labels: Labels) -> list[str]:
    """Find where sources are on the web, each address once, in their order."""
    found = (address_of(source) for source in labels.known_sources(ids))
    return list(dict.fromkeys(address for address in found if address))


def artifacts(ids: Iterable[str], labels: Labels) -> list[dict[str, str | None]]:
    """Write sources as RelatedArtifacts."""
    return [
        {
            "type": "citation",
            "label": source.id,
            "display": source.title,
            "citation": citation(source),
            "url": address_of(source),
        }
        for source in labels.known_sources(ids)
    ]
