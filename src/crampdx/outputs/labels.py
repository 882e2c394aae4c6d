"""What ids, weights and criteria are called, for every form in which crampdx answers.

Names and criteria are text. What is set off in some forms (places of a record, ids of sources) is
given as spans, of which `blocks.plain` makes text, and `markdown.inline_markdown` Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from crampdx.assessment import Candidate, CauseShift, Observed
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Absent, AllOf, AtLeast, Criterion, findings_in, parts_of
from crampdx.knowledge.models import Source, SourceKind
from crampdx.outputs.blocks import Inline, Item, Span, Style, inline

__all__ = [
    "MINUS",
    "Labels",
    "address_of",
    "citation",
    "counted",
    "first_of",
    "listed",
    "signed",
    "source_item",
    "spoken",
    "weight",
]

MINUS = "\N{MINUS SIGN}"
"""As wide as a plus sign, so that weights are aligned in a column."""

SHOWN_MISSING = 8
"""How many unknown findings of a candidate are named; the rest are counted."""

SHOWN_SHIFTS = 3
"""How many causes an answer is shown to move."""


# ------------------------------------------------------------------------- numbers and sentences


def signed(decibans: int) -> str:
    """Write a weight with its sign.

    >>> signed(7), signed(0)
    ('+7', '0')
    >>> signed(-10) == MINUS + "10"
    True
    """
    return f"+{decibans}" if decibans > 0 else str(decibans).replace("-", MINUS)


def weight(decibans: int) -> str:
    """Write a weight with its unit; both stay on one line."""
    return f"{signed(decibans)}\N{NO-BREAK SPACE}dB"


def listed(words: Sequence[str]) -> str:
    """Write words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def first_of(words: Sequence[str], most: int) -> str:
    """Write the first words, and how many there are besides.

    >>> first_of(["a", "b", "c"], 2), first_of(["a"], 2)
    ('a, b and 1 more', 'a')
    """
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")


def counted(number: float, one: str, many: str = "") -> str:
    """Write a number with what it counts.

    >>> counted(1, "case"), counted(2, "case"), counted(0.5, "entry", "entries")
    ('1 case', '2 cases', '0.5 entries')
    """
    shown = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{shown} {one if number == 1 else many or f'{one}s'}"


def spoken(identifier: str) -> str:
    """Write a word of the rule language as it is read.

    >>> spoken("test_result")
    'test result'
    """
    return identifier.replace("_", " ")


# -------------------------------------------------------------------------------------- sources


def citation(source: Source) -> str:
    """Write what is cited, and where to find it; may be empty."""
    parts = [(source.citation or "").rstrip(".")]
    if source.doi:
        parts.append(f"doi:{source.doi}")
    if source.pmid:
        parts.append(f"PMID {source.pmid}")
    if source.url and not source.doi:
        parts.append(source.url)
    return ". ".join(part for part in parts if part)


def address_of(source: Source) -> str | None:
    """Find a source on the web; rather by its identifier, which stays, than by a page."""
    if source.doi:
        return f"https://doi.org/{quote(source.doi, safe='/')}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/" if source.pmid else source.url


def source_item(source: Source) -> Item:
    """Write a source as a line of a list: its id, kind, title and citation."""
    kind = "" if source.id.startswith(source.kind) else f" ({source.kind})"
    text = ". ".join(part for part in (source.title.rstrip("."), citation(source)) if part)
    return Item(inline(Span(source.id, Style.CODE), f"{kind}: {text}"))


# --------------------------------------------------------------------------------------- labels


class Labels:
    """Names for the ids of a knowledge base. An id that it does not know is its own name."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        """Take the names from a knowledge base.

        Args:
            knowledge: The rules that speak.
        """
        self.knowledge = knowledge
        self._entries: Mapping[str, Mapping[str, Any]] = {
            "cause": knowledge.causes,
            "finding": knowledge.findings,
            "group": knowledge.groups,
            "test": knowledge.tests,
            "treatment": knowledge.treatments,
            "prevention": knowledge.prevention,
            "red_flag": knowledge.red_flags,
        }

    def knows(self, kind: str, entry: str) -> bool:
        """Whether the knowledge base has an entry of this kind, which has a name."""
        return entry in self._entries.get(kind, {})

    def name(self, kind: str, entry: str) -> str:
        """Name an entry of any kind that has a name."""
        known = self._entries.get(kind, {}).get(entry)
        return str(known.name) if known else entry

    def names(self, kind: str, entries: Iterable[str]) -> list[str]:
        """Name several entries of a kind."""
        return [self.name(kind, entry) for entry in entries]

    def finding(self, entry: str) -> str:
        """Name a finding."""
        return self.name("finding", entry)

    def cause(self, entry: str) -> str:
        """Name a cause."""
        return self.name("cause", entry)

    def treatment(self, entry: str) -> str:
        """Name a treatment."""
        return self.name("treatment", entry)

    def test(self, entry: str) -> str:
        """Name a test."""
        return self.name("test", entry)

    def findings(self, entries: Iterable[str]) -> str:
        """Name findings, with commas between."""
        return ", ".join(self.names("finding", entries))

    def criterion(self, criterion: Criterion, finding: Callable[[str], str] | None = None) -> str:
        """Write a criterion in words.

        Args:
            criterion: The criterion.
            finding: Writes a finding by its id; by default, its name in quotes.

        >>> labels = Labels(KnowledgeBase.load("article"))
        >>> labels.criterion(AllOf(all=("muscle_cramp", Absent(absent="sensory_loss"))))
        '"Muscle cramp" and no "Loss of sensation"'
        """
        write = finding or self._quoted

        def part(criterion: Criterion) -> str:
            words = self.criterion(criterion, write)
            return f"({words})" if len(parts_of(criterion)) > 1 else words

        match criterion:
            case str():
                return write(criterion)
            case Absent(absent=name):
                return f"no {write(name)}"
            case AtLeast(at_least=needed, of=parts):
                return f"at least {needed} of: {', '.join(map(part, parts))}"
        word = " and " if isinstance(criterion, AllOf) else " or "
        return word.join(map(part, parts_of(criterion)))

    def _quoted(self, finding: str) -> str:
        return f'"{self.finding(finding)}"'

    def known_sources(self, ids: Iterable[str]) -> list[Source]:
        """Find the sources that the knowledge base knows, each once, in their order."""
        known = self.knowledge.sources
        return [known[name] for name in dict.fromkeys(ids) if name in known]

    def sources(self, ids: Iterable[str]) -> Inline:
        """Write the ids of sources in brackets, each a link; judgement is called so."""
        marks: list[Span] = []
        for name in ids:
            known = self.knowledge.sources.get(name)
            link = (address_of(known) or "") if known else ""
            marks += [Span(", " if marks else "[", Style.FAINT), Span(name, Style.CODE, link)]
            if known and known.kind is SourceKind.JUDGEMENT and name != "judgement":
                marks.append(Span(" (judgement)", Style.FAINT))
        return (*marks, Span("]", Style.FAINT)) if marks else ()

    def cited(self, text: str, ids: Iterable[str]) -> Inline:
        """Write a sentence with its sources."""
        return inline(f"{text} ", self.sources(ids))

    def observed(self, seen: Iterable[Observed], most: int | None = None) -> Inline:
        """Write what the record says of findings, and where; empty if it says nothing.

        Args:
            seen: What it says.
            most: How many places of each finding are named; by default, all.
        """
        spans: list[Span] = []
        for one in seen:
            state = "" if one.present else " absent"
            via = f", as {self.findings(one.via)}{state}" if one.via else ""
            text = f"{'; ' if spans else ''}{self.finding(one.finding)}{state}{via}"
            more = most is not None and len(one.places) > most
            spans += [Span(text, Style.FAINT), *self.places(one.places[:most], more=more)]
        return tuple(spans)

    def record(self, seen: Iterable[Observed]) -> Inline:
        """Write what of the record something rests on, as a line; empty if that is nothing."""
        spans = self.observed(seen)
        return (Span("Record: ", Style.FAINT), *spans) if spans else ()

    def places(self, places: Sequence[str], *, more: bool = False) -> Inline:
        """Write places of the record in brackets, perhaps with a sign that there are more."""
        spans: list[Span] = []
        for place in places:
            spans += [Span(", " if spans else " (", Style.FAINT), Span(place, Style.CODE)]
        return (*spans, Span(", …)" if more else ")", Style.FAINT)) if spans else ()

    def missing(self, candidate: Candidate) -> str:
        """Name the unknown findings that would count, those of the heaviest lines first."""
        weights: dict[str, int] = {}
        cause = self.knowledge.causes.get(candidate.cause)
        for line in cause.evidence if cause else ():
            for name in findings_in(line.when):
                weights[name] = max(weights.get(name, 0), abs(weight_of(line)))
        heaviest = sorted(candidate.missing, key=lambda name: (-weights.get(name, 0), name))
        return first_of(self.names("finding", heaviest), SHOWN_MISSING)

    def shifts(self, shifts: Iterable[CauseShift], weigh: Callable[[int], str] = signed) -> str:
        """Write what an answer would do to causes, the largest shift first.

        Args:
            shifts: By how much it could move each.
            weigh: Writes a weight.
        """
        moved = [
            f"{self.cause(shift.cause)}\N{NO-BREAK SPACE}{weigh(shift.decibans)}"
            for shift in shifts
        ]
        return first_of(moved, SHOWN_SHIFTS) or "no change"
