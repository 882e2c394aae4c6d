"""Laws of intake: presence goes up, absence down, and no finding is both."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from strategies import SOME, Entry, Pack, article_knowledge, load, packs, records, records_for

from crampdx import KnowledgeBase, parse_record
from crampdx.engine.intake.claims import ResolvedFindings
from crampdx.engine.intake.reader import interpret_record
from crampdx.engine.intake.vocabulary import Vocabulary


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(article_knowledge())


def broken(base: KnowledgeBase, resolved: ResolvedFindings) -> list[tuple[str, str]]:
    """Pairs of a finding and one that it implies whose states cannot both be."""
    states = resolved.states
    return [
        (name, above)
        for name, ancestors in base.ancestors().items()
        for above in ancestors
        if (states.get(name) is True and states.get(above) is not True)
        or (states.get(above) is False and states.get(name) is not False)
    ]


class TestSubsumption:
    @given(records())
    def test_what_is_present_is_so_for_all_it_implies(self, record: Entry) -> None:
        """A present child makes its parents present; an absent parent, its children absent."""
        assert (
            broken(
                article_knowledge(), interpret_record(parse_record(record), vocabulary()).resolved
            )
            == []
        )

    @SOME
    @given(packs(), st.data())
    def test_by_any_rules(self, made: Pack, data: st.DataObject) -> None:
        """So it is whatever the rules."""
        base = load(made)
        record = parse_record(data.draw(records_for(base)))
        assert broken(base, interpret_record(record, Vocabulary(base)).resolved) == []


class TestStates:
    @given(records())
    def test_what_the_record_speaks_of_has_that_state(self, record: Entry) -> None:
        """A finding that the record decides has the state that the record gives it."""
        resolved = interpret_record(parse_record(record), vocabulary()).resolved
        assert all(resolved.states[name] is said.state for name, said in resolved.direct.items())

    @given(records())
    def test_nothing_is_known_without_a_reason(self, record: Entry) -> None:
        """Every known finding is said by the record, or follows from one that is."""
        base = article_knowledge()
        resolved = interpret_record(parse_record(record), vocabulary()).resolved
        ancestors = base.ancestors()
        reasons = {
            (target, said.state)
            for name, said in resolved.direct.items()
            for target in (
                name,
                *(
                    ancestors[name]
                    if said.state
                    else (f for f in ancestors if name in ancestors[f])
                ),
            )
        }
        assert reasons >= resolved.states.items()

    @given(records())
    def test_an_empty_record_says_nothing(self, record: Entry) -> None:
        """What is left out of a record is unknown: without its entries nothing is known."""
        kept = {key: record[key] for key in ("as_of",) if key in record}
        assert interpret_record(parse_record(kept), vocabulary()).resolved.states == {}

    @given(records())
    def test_warnings_name_findings_that_there_are(self, record: Entry) -> None:
        """A warning's findings are of the vocabulary."""
        named = {
            finding
            for warning in interpret_record(parse_record(record), vocabulary()).warnings
            for finding in warning.findings
        }
        assert named <= article_knowledge().findings.keys()
