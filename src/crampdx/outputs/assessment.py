"""An assessment as something to read: text for a terminal, and Markdown.

Both forms are made of the same blocks (`crampdx.outputs.blocks`), in the order in which a clinician
needs them: what should not wait, what leads, why and why not, what to ask, test and consider next.

>>> import crampdx
>>> rules = crampdx.KnowledgeBase.load("article")
>>> answer = crampdx.assess({"findings": {"hypokalemia": True}}, rules)
>>> "Low potassium" in to_text(answer, rules)
True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from crampdx.assessment import (
    Assessment,
    Band,
    Candidate,
    CauseShift,
    CautionNote,
    Level,
    Line,
    Observed,
    ProposedTest,
    Question,
    RaisedFlag,
    TreatmentOption,
)
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import findings_in
from crampdx.knowledge.models import Prevention, PreventionKind, Source, SourceKind
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    Table,
    inline,
    markdown_of,
    text_of,
)

__all__ = [
    "MINUS",
    "blocks",
    "citation",
    "signed",
    "source_item",
    "to_markdown",
    "to_text",
    "weight",
]

MINUS = "\N{MINUS SIGN}"
"""As wide as a plus sign, so that weights stand in a column."""

SHOWN_MISSING = 8
"""How many unknown findings of a candidate are named; the rest are counted."""

SHOWN_TESTS = 4
"""How many tests are shown with what they would tell; the rest are named."""

SHOWN_OUTCOMES = 3
"""How many findings of a test are shown."""

SHOWN_SHIFTS = 3
"""How many causes an answer is shown to move."""

Blocks = Iterator[Block]

_AT_MOST = "With what each answer would move at most, in dB."

_NOT_USED = {
    "outside_vocabulary": "outside the vocabulary",
    "only_ordered": "only ordered, not done or taken",
    "family": "about relatives, where no rule asks for it",
    "past": "past, where no rule asks for it",
    "says_too_little": "too general to show a finding",
    "excludes_too_little": "absent, but too special to exclude a finding",
}


def to_text(
    assessment: Assessment, knowledge: KnowledgeBase, *, color: bool = False, width: int = 80
) -> str:
    """The assessment as text.

    Args:
        assessment: What to show.
        knowledge: The rules that gave the assessment; names of findings and titles of sources
            come from there.
        color: Use ANSI styles, for a terminal.
        width: Where lines are wrapped.
    """
    return text_of(blocks(assessment, knowledge), color=color, width=width)


def to_markdown(assessment: Assessment, knowledge: KnowledgeBase) -> str:
    """The assessment as Markdown; text of rules and records is escaped.

    Args:
        assessment: What to show.
        knowledge: The rules that gave the assessment.
    """
    return markdown_of(blocks(assessment, knowledge))


def blocks(assessment: Assessment, knowledge: KnowledgeBase) -> list[Block]:
    """The assessment as a document, from what is most urgent to what it rests on."""
    words = _Words(knowledge)
    sections = (
        _title(assessment, words),
        _red_flags(assessment, words),
        _clarify(assessment, words),
        _notes(assessment),
        _conclusion(assessment),
        _ranking(assessment),
        _do_not_miss(assessment),
        _candidates(assessment, words),
        _unexplained(assessment, words),
        _questions(assessment, words),
        _tests(assessment, words),
        _treatments(assessment, words),
        _prevention(assessment, words),
        _warnings(assessment, words),
        _not_used(assessment, words),
        _sources(assessment, words),
        _basis(assessment, words),
        _intended_use(assessment),
    )
    return list(chain.from_iterable(sections))


# ----------------------------------------------------------------------------------------- words


def signed(decibans: int) -> str:
    """A weight as it is shown.

    >>> signed(7), signed(0)
    ('+7', '0')
    >>> signed(-10) == MINUS + "10"
    True
    """
    return f"+{decibans}" if decibans > 0 else str(decibans).replace("-", MINUS)


def weight(decibans: int) -> str:
    """A weight with its unit, which stay on one line."""
    return f"{signed(decibans)}\N{NO-BREAK SPACE}dB"


def _listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def citation(source: Source) -> str:
    """What is cited, and where to find it; may be empty."""
    parts = [(source.citation or "").rstrip(".")]
    if source.doi:
        parts.append(f"doi:{source.doi}")
    if source.pmid:
        parts.append(f"PMID {source.pmid}")
    if source.url and not source.doi:
        parts.append(source.url)
    return ". ".join(part for part in parts if part)


def source_item(source: Source) -> Item:
    """A source as a line of a list: its id, kind, title and citation."""
    kind = "" if source.id.startswith(source.kind) else f" ({source.kind})"
    text = ". ".join(part for part in (source.title.rstrip("."), citation(source)) if part)
    return Item(inline(Span(source.id, Style.CODE), f"{kind}: {text}"))


class _Words:
    """Names for ids. An id that the knowledge base does not know stands for itself."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge

    def finding(self, name: str) -> str:
        known = self.knowledge.findings.get(name)
        return known.name if known else name

    def cause(self, name: str) -> str:
        known = self.knowledge.causes.get(name)
        return known.name if known else name

    def treatment(self, name: str) -> str:
        known = self.knowledge.treatments.get(name)
        return known.name if known else name

    def test(self, name: str) -> str:
        known = self.knowledge.tests.get(name)
        return known.name if known else name

    def findings(self, names: Iterable[str]) -> str:
        return ", ".join(self.finding(name) for name in names)

    def sources(self, ids: Iterable[str]) -> Inline:
        """The ids of sources in brackets; judgement is called so."""
        marks: list[Span] = []
        for name in ids:
            marks += [Span(", " if marks else " [", Style.FAINT), Span(name, Style.CODE)]
            if self.is_judgement(name) and name != "judgement":
                marks.append(Span(" (judgement)", Style.FAINT))
        return (*marks, Span("]", Style.FAINT)) if marks else ()

    def is_judgement(self, source: str) -> bool:
        known = self.knowledge.sources.get(source)
        return known is not None and known.kind is SourceKind.JUDGEMENT

    def observed(self, seen: Sequence[Observed]) -> Inline:
        """What of the record something rests on; nothing where that is nothing."""
        parts: list[Span] = []
        for one in seen:
            parts += [Span("; " if parts else "Record: ", Style.FAINT), *self._seen(one)]
        return tuple(parts)

    def _seen(self, seen: Observed) -> Iterator[Span]:
        state = "" if seen.present else " absent"
        via = f", as {self.findings(seen.via)}{state}" if seen.via else ""
        yield Span(f"{self.finding(seen.finding)}{state}{via}", Style.FAINT)
        yield from self.places(seen.places)

    def places(self, places: Sequence[str], *, more: bool = False) -> Inline:
        """Places of the record in brackets."""
        spans: list[Span] = []
        for place in places:
            spans += [Span(", " if spans else " (", Style.FAINT), Span(place, Style.CODE)]
        return (*spans, Span(", …)" if more else ")", Style.FAINT)) if spans else ()

    def shifts(self, shifts: Sequence[CauseShift]) -> str:
        """What an answer would do, the largest shift first."""
        shown = [
            f"{self.cause(shift.cause)}\N{NO-BREAK SPACE}{signed(shift.decibans)}"
            for shift in shifts[:SHOWN_SHIFTS]
        ]
        more = len(shifts) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "no change"

    def outcomes(
        self, name: str, present: Sequence[CauseShift], absent: Sequence[CauseShift]
    ) -> Inline:
        """What either answer would do; the finding is named, since a question may ask the other."""
        return inline(
            Span(f"{name}, if present: ", Style.FAINT),
            self.shifts(present),
            Span("; if absent: ", Style.FAINT),
            self.shifts(absent),
        )


# ------------------------------------------------------------------------------- what comes first


def _title(assessment: Assessment, words: _Words) -> Blocks:
    complaint = words.knowledge.complaint
    of = f": {words.finding(complaint)}" if complaint else ""
    yield Heading(inline(f"Differential diagnosis{of}"), 1)
    when = [f"As of {assessment.as_of}"] if assessment.as_of else []
    yield Paragraph(inline(Span(" · ".join([*when, f"Rules: {_packs(assessment)}"]), Style.FAINT)))


def _packs(assessment: Assessment) -> str:
    packs = assessment.knowledge.packs
    return ", ".join(f"{pack.name} {pack.version} ({pack.status})" for pack in packs)


def _red_flags(assessment: Assessment, words: _Words) -> Blocks:
    if assessment.red_flags:
        yield Heading(inline(Span("Red flags", Style.ALERT)))
        yield Listing(tuple(_red_flag(raised, words) for raised in assessment.red_flags))


def _red_flag(raised: RaisedFlag, words: _Words) -> Item:
    flag = raised.flag
    return Item(
        inline(Span(flag.name, Style.STRONG), ". ", flag.consider),
        Span(flag.urgency.upper(), Style.ALERT),
        _below(inline(flag.because, words.sources(flag.sources)), words.observed(raised.observed)),
    )


def _lines(*texts: Inline) -> tuple[Item, ...]:
    """Lines of a list, without those that say nothing."""
    return tuple(Item(text) for text in texts if text)


def _below(*texts: Inline) -> tuple[Item, ...]:
    """Lines that go on with what stands above them, and have no bullet."""
    return tuple(Item(text, Span("")) for text in texts if text)


def _clarify(assessment: Assessment, words: _Words) -> Blocks:
    if not assessment.clarify:
        return
    yield Heading(inline(Span("Clarify first", Style.ALERT)))
    yield Paragraph(
        inline("The record contradicts itself or could not be read, which leaves these open:")
    )
    yield Listing(
        tuple(
            Item(
                inline(
                    Span(item.name, Style.STRONG),
                    " (red flag)" if item.kind == "red_flag" else " (a caution of this treatment)",
                    f": check {words.findings(item.findings)}",
                )
            )
            for item in assessment.clarify
        )
    )


def _notes(assessment: Assessment) -> Blocks:
    messages = [note.message for note in assessment.notes if note.code != "not_enough_to_rank"]
    if assessment.inference == "reference":
        messages.append(
            "The rule network failed, and the slower reference evaluator gave this answer."
        )
    if messages:
        yield Heading(inline("Notes"))
        yield Listing(tuple(Item(inline(Span(message, Style.STRONG))) for message in messages))


def _conclusion(assessment: Assessment) -> Blocks:
    yield Heading(inline("Conclusion"))
    leading = [c.name for c in assessment.candidates if c.band is Band.LEADING]
    if not leading:
        yield Paragraph(
            inline(
                Span("Not enough to rank.", Style.STRONG),
                " No cause leads on what the record says."
                + (" See 'Ask next'." if assessment.questions else ""),
            )
        )
    elif len(leading) == 1:
        yield Paragraph(inline(Span(leading[0], Style.STRONG), " leads."))
    else:
        yield Paragraph(
            inline(
                Span(_listed(leading), Style.STRONG),
                " lead; the record does not tell them apart well enough.",
            )
        )


# --------------------------------------------------------------------------------------- ranking


def _ranking(assessment: Assessment) -> Blocks:
    if not assessment.candidates:
        return
    yield Heading(inline("Ranking"))
    shown = [c for c in assessment.candidates if c.band is not Band.UNLIKELY]
    yield Table(
        ("#", "candidate", "band", "score", "share of odds"),
        tuple(_rank_row(candidate) for candidate in shown),
        right=frozenset({0, 3, 4}),
        flexible=1,
    )
    unlikely = [
        f"{c.name} ({weight(c.score)})" for c in assessment.candidates if c.band is Band.UNLIKELY
    ]
    if unlikely:
        yield Paragraph(inline(Span("Unlikely: ", Style.FAINT), ", ".join(unlikely)))


def _rank_row(candidate: Candidate) -> tuple[Inline, ...]:
    leads = candidate.band is Band.LEADING
    return (
        inline(str(candidate.rank)),
        inline(Span(candidate.name, Style.STRONG if leads else Style.PLAIN)),
        inline(Span(str(candidate.band), Style.FAVORS if leads else Style.PLAIN)),
        inline(weight(candidate.score)),
        inline(f"{candidate.share:.2f}"),
    )


def _do_not_miss(assessment: Assessment) -> Blocks:
    if not assessment.do_not_miss:
        return
    yield Heading(inline("Do not miss"))
    yield Listing(
        tuple(
            Item(
                inline(
                    Span(item.name, Style.STRONG),
                    f" (rank {item.rank}): {weight(item.evidence)} of evidence,"
                    " its pretest class aside",
                )
            )
            for item in assessment.do_not_miss
        )
    )


def _candidates(assessment: Assessment, words: _Words) -> Blocks:
    shown = [c for c in assessment.candidates if c.band is not Band.UNLIKELY]
    if shown:
        yield Heading(inline("Why, and why not"))
    for candidate in shown:
        yield from _candidate(candidate, words)


def _candidate(candidate: Candidate, words: _Words) -> Blocks:
    meta = [weight(candidate.score), str(candidate.band)]
    meta += ["do not miss"] if candidate.do_not_miss else []
    yield Heading(
        inline(
            f"{candidate.rank}. {candidate.name}",
            Span("".join(f" · {m}" for m in meta), Style.FAINT),
        ),
        3,
    )
    counted = [_evidence(line, words) for line in candidate.supporting]
    against = [_evidence(line, words) for line in candidate.opposing]
    yield Listing((_pretest(candidate, words), *counted, *against), right=True)
    facts = _below(_missing(candidate, words), _origins(candidate, words))
    if facts:
        yield Listing(facts)


def _pretest(candidate: Candidate, words: _Words) -> Item:
    known = words.knowledge.causes.get(candidate.cause)
    name = f" '{known.pretest.replace('_', ' ')}'" if known else ""
    return Item(
        inline(
            Span(f"Pretest class{name}: a coarse starting point, not a prevalence.", Style.FAINT)
        ),
        Span(weight(candidate.pretest), Style.FAINT),
    )


def _evidence(line: Line, words: _Words) -> Item:
    evidence = line.evidence
    label = weight(line.weight)
    style = Style.FAVORS if line.weight > 0 else Style.OPPOSES
    measured = f" Measured likelihood ratio {evidence.lr:g}." if evidence.lr is not None else ""
    text = inline(
        Span("" if line.weight > 0 else "Against: ", style),
        evidence.because + measured,
        words.sources(evidence.sources),
    )
    if line.counted:
        return Item(text, Span(label, style), _below(words.observed(line.observed)))
    why = "Does not count: a stronger line that rests on related findings does."
    return Item(
        text,
        Span(f"({label})", Style.FAINT),
        _below(words.observed(line.observed), inline(Span(why, Style.FAINT))),
    )


def _missing(candidate: Candidate, words: _Words) -> Inline:
    """The unknown findings that would count, those of the heaviest lines first."""
    weights = _weights(candidate.cause, words.knowledge)
    names = sorted(candidate.missing, key=lambda name: (-weights.get(name, 0), name))
    if not names:
        return ()
    more = len(names) - SHOWN_MISSING
    rest = f" and {more} more" if more > 0 else ""
    return inline(Span("Not known: ", Style.STRONG), words.findings(names[:SHOWN_MISSING]) + rest)


def _weights(cause: str, knowledge: KnowledgeBase) -> dict[str, int]:
    """The heaviest weight, for or against, of the lines of a cause that name each finding."""
    weights: dict[str, int] = {}
    known = knowledge.causes.get(cause)
    for line in known.evidence if known else ():
        for name in findings_in(line.when):
            weights[name] = max(weights.get(name, 0), abs(weight_of(line)))
    return weights


def _origins(candidate: Candidate, words: _Words) -> Inline:
    if not candidate.because_of:
        return ()
    origins = _listed([words.cause(origin) for origin in candidate.because_of])
    return inline(Span("Possible origin: ", Style.STRONG), f"{origins} (adds no weight)")


def _unexplained(assessment: Assessment, words: _Words) -> Blocks:
    if not assessment.unexplained:
        return
    yield Heading(inline("Not explained by what leads"))
    yield Listing(
        tuple(
            Item(inline(words.finding(seen.finding), words.places(seen.places)))
            for seen in assessment.unexplained
        )
    )


# ------------------------------------------------------------------------------------------ plan


def _questions(assessment: Assessment, words: _Words) -> Blocks:
    if not assessment.questions:
        return
    yield Heading(inline("Ask next"))
    yield Paragraph(inline(Span(_AT_MOST, Style.FAINT)))
    yield Listing(
        tuple(
            Item(
                inline(question.ask),
                Span(f"{number}.", Style.FAINT),
                _below(_answers(question, words)),
            )
            for number, question in enumerate(assessment.questions, 1)
        )
    )


def _answers(question: Question, words: _Words) -> Inline:
    if not question.if_present and not question.if_absent:
        return ()
    return words.outcomes(question.name, question.if_present, question.if_absent)


def _tests(assessment: Assessment, words: _Words) -> Blocks:
    settled = (("Done", assessment.tests_done), ("Ordered", assessment.tests_ordered))
    if not (assessment.tests or assessment.tests_done or assessment.tests_ordered):
        return
    yield Heading(inline("Test next"))
    tests = assessment.tests
    if tests:
        yield Paragraph(inline(Span(_AT_MOST, Style.FAINT)))
        yield Listing(
            tuple(_test(test, number, words) for number, test in enumerate(tests[:SHOWN_TESTS], 1))
        )
    if tests[SHOWN_TESTS:]:
        names = _listed([test.name for test in tests[SHOWN_TESTS:]])
        yield Paragraph(inline(Span("Then: ", Style.STRONG), names))
    for said, settled_tests in settled:
        if settled_tests:
            names = _listed([words.test(test) for test in settled_tests])
            yield Paragraph(inline(Span(f"{said} already: ", Style.STRONG), names))


def _test(test: ProposedTest, number: int, words: _Words) -> Item:
    shown = [
        Item(words.outcomes(outcome.name, outcome.if_present, outcome.if_absent))
        for outcome in test.would_show[:SHOWN_OUTCOMES]
    ]
    return Item(
        inline(Span(test.name, Style.STRONG), f". {test.because}", words.sources(test.sources)),
        Span(f"{number}.", Style.FAINT),
        tuple(shown),
    )


def _treatments(assessment: Assessment, words: _Words) -> Blocks:
    if not assessment.treatments and not assessment.treatments_not_assessed:
        return
    yield Heading(inline("Treatments to consider"))
    if assessment.treatments:
        yield Paragraph(
            inline(
                Span(
                    "Options, not orders. Where no caution stands, these rules hold none that"
                    " applies; that is no proof of safety.",
                    Style.FAINT,
                )
            )
        )
        yield Listing(tuple(_treatment(option, words) for option in assessment.treatments))
    if assessment.treatments_not_assessed:
        names = _listed([words.treatment(name) for name in assessment.treatments_not_assessed])
        yield Paragraph(inline(Span("Not assessed for this person: ", Style.ALERT), names))


def _treatment(option: TreatmentOption, words: _Words) -> Item:
    causes = (
        _listed([words.cause(cause) for cause in option.for_causes]) if option.for_causes else ""
    )
    unread = option.interactions_not_checked
    medicines = _counted(unread, "medicine", "medicines")
    return Item(
        inline(
            Span(option.name, Style.STRONG),
            f" ({option.kind}){f', for {causes}' if causes else ''}",
        ),
        children=(
            *_lines(
                *(inline(i.because, words.sources(i.sources)) for i in option.indications),
                *(inline(s.says, words.sources(s.sources)) for s in option.about),
            ),
            *(_caution(note, words) for note in option.cautions),
            *_lines(
                inline(Span(f"Interactions not checked: {medicines} unread.", Style.ALERT))
                if unread
                else ()
            ),
        ),
    )


def _caution(note: CautionNote, words: _Words) -> Item:
    caution = note.caution
    applies = note.verdict == "applies"
    head = f"Applies, {caution.level}: " if applies else f"Check before ({caution.level}): "
    unknown = f"Not known: {words.findings(note.unknown)}" if note.unknown else ""
    return Item(
        inline(
            Span(head, Style.ALERT if applies else Style.OPPOSES),
            caution.because,
            words.sources(caution.sources),
        ),
        children=_below(words.observed(note.observed), inline(unknown)),
    )


def _prevention(assessment: Assessment, words: _Words) -> Blocks:
    for kind, title in (
        (PreventionKind.SEEK_CARE, "When to seek care"),
        (PreventionKind.PREVENTION, "Prevention"),
    ):
        chosen = [measure for measure in assessment.prevention if measure.kind is kind]
        if chosen:
            yield Heading(inline(title))
            yield Listing(tuple(_measure(measure, words) for measure in chosen))


def _measure(measure: Prevention, words: _Words) -> Item:
    return Item(
        inline(
            Span(measure.name, Style.STRONG), f". {measure.because}", words.sources(measure.sources)
        )
    )


# ------------------------------------------------------------------------------------- its basis


def _warnings(assessment: Assessment, words: _Words) -> Blocks:
    if not assessment.warnings:
        return
    yield Heading(inline("What could not be read, or not simply"))
    ordered = sorted(assessment.warnings, key=lambda warning: warning.order())
    yield Listing(
        tuple(
            Item(
                inline(
                    Span(warning.place, Style.CODE),
                    f": {warning.message}",
                    Span(
                        f" ({words.findings(warning.findings)})" if warning.findings else "",
                        Style.FAINT,
                    ),
                ),
                Span(
                    str(warning.level),
                    Style.OPPOSES if warning.level is Level.WARNING else Style.FAINT,
                ),
            )
            for warning in ordered
        )
    )


def _not_used(assessment: Assessment, words: _Words) -> Blocks:
    if not assessment.not_used:
        return
    yield Heading(inline("Entries of the record that were not used"))
    yield Listing(
        tuple(
            Item(
                inline(
                    _NOT_USED.get(item.reason, item.reason.replace("_", " ")),
                    words.places(item.places, more=item.count > len(item.places)),
                ),
                Span(str(item.count)),
            )
            for item in assessment.not_used
        )
    )


def _sources(assessment: Assessment, words: _Words) -> Blocks:
    """The sources that the lines above cite, each in full."""
    known = words.knowledge.sources
    cited = sorted({name for name in _cited(assessment) if name in known})
    if cited:
        yield Heading(inline("Sources"))
        yield Listing(tuple(source_item(known[name]) for name in cited))


def _cited(assessment: Assessment) -> Iterator[str]:
    yield from assessment.sources_of_ranking()
    for test in assessment.tests[:SHOWN_TESTS]:
        yield from test.sources
    for option in assessment.treatments:
        for indication in option.indications:
            yield from indication.sources
        for statement in option.about:
            yield from statement.sources
        for note in option.cautions:
            yield from note.caution.sources
    for measure in assessment.prevention:
        yield from measure.sources


def _basis(assessment: Assessment, words: _Words) -> Blocks:
    stamp = assessment.knowledge
    yield Heading(inline("What this rests on"))
    yield Listing(
        _lines(
            inline(
                "Score: the pretest class and the evidence added up, in decibans (dB),"
                " 10·log10 of a likelihood ratio: 3, 7, 10 and 20 dB are ratios of 2, 5, 10 and"
                " 100. Strengths that the rules give as words are judgement; where a likelihood"
                " ratio was measured, the line says so."
            ),
            inline(
                "Share of odds: a candidate's part of the total odds, beside 'none of these' at"
                " 0 dB. It is no probability."
            ),
            inline("What is not known is never taken for absent."),
            inline(f"Rules: {_packs(assessment)}. Digest ", Span(stamp.digest, Style.CODE)),
            *(
                inline(
                    f"Replaced by pack {r.pack}: {r.kind} ",
                    Span(r.replaced, Style.CODE),
                    ". ",
                    r.reason,
                )
                for r in stamp.replacements
            ),
            inline(f"crampdx {assessment.version}"),
        )
    )


def _intended_use(assessment: Assessment) -> Blocks:
    yield Heading(inline("Intended use"))
    yield Paragraph(inline(assessment.intended_use))
