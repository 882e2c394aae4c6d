"""The criteria language: disjunctive form, negation, and its limits."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from strategies import criteria, states_of

from crampdx.engine.evaluators.reference import evaluate
from crampdx.knowledge.criteria import (
    Absent,
    AllOf,
    AnyOf,
    AtLeast,
    Atom,
    Criterion,
    atoms_of,
    findings_in,
)
from crampdx.knowledge.normal_forms import MAX_CONJUNCTIONS, TooLarge, disjunctive_form

NAMES = tuple("abcdefgh")
READ = TypeAdapter(Criterion).validate_python


def form(criterion: Criterion, *, negation: bool = False) -> set[str]:
    """The disjunctive form as text: 'a -b' for a present and b absent."""
    return {
        " ".join(f"{'' if atom.present else '-'}{atom.finding}" for atom in sorted(conjunction))
        for conjunction in disjunctive_form(criterion, negation=negation)
    }


class TestReading:
    def test_every_form_is_read_as_written(self) -> None:
        """A criterion in YAML becomes the clause of the same name."""
        written = {"all": ["a", {"absent": "b"}, {"any": ["c", {"at_least": 2, "of": ["d", "e"]}]}]}
        assert READ(written) == AllOf(
            all=(
                "a",
                Absent(absent="b"),
                AnyOf(any=("c", AtLeast(at_least=2, of=("d", "e")))),
            )
        )

    @pytest.mark.parametrize(
        "written",
        [
            {},
            {"all": []},
            {"any": []},
            {"all": "a"},
            {"all": ["a"], "any": ["b"]},
            {"none": ["a"]},
            {"absent": ["a"]},
            {"at_least": 0, "of": ["a"]},
            {"at_least": True, "of": ["a"]},
            {"at_least": 1.0, "of": ["a"]},
            {"at_least": 1},
            {"of": ["a"]},
            ["a"],
            "Not An Id",
            "",
            7,
            None,
            True,
        ],
        ids=str,
    )
    def test_what_is_no_criterion_is_refused(self, written: object) -> None:
        """What is not of the language is a validation error, never taken for something else."""
        with pytest.raises(ValidationError):
            READ(written)

    @given(criteria(NAMES))
    def test_reading_and_writing_is_the_identity(self, criterion: Criterion) -> None:
        """A criterion dumped and read again is the same."""
        assert READ(TypeAdapter(Criterion).dump_python(criterion)) == criterion


class TestAtoms:
    def test_atoms_come_in_the_order_of_writing(self) -> None:
        """`atoms_of` walks the criterion from left to right, repetitions included."""
        criterion = AnyOf(any=("b", AllOf(all=("a", Absent(absent="b"))), "b"))
        assert list(atoms_of(criterion)) == [
            Atom("b", True),
            Atom("a", True),
            Atom("b", False),
            Atom("b", True),
        ]

    def test_findings_are_named_once(self) -> None:
        """`findings_in` is the set of findings, whichever state is asked of them."""
        criterion = AtLeast(at_least=2, of=("a", Absent(absent="a"), "b"))
        assert findings_in(criterion) == {"a", "b"}


class TestDisjunctiveForm:
    def test_a_finding_is_one_atom(self) -> None:
        """A finding's form is its presence; the form of its negation is its absence."""
        assert form("a") == {"a"}
        assert form("a", negation=True) == {"-a"}

    def test_absence_is_one_atom(self) -> None:
        """The form of an absence is that atom; the form of its negation is presence."""
        assert form(Absent(absent="a")) == {"-a"}
        assert form(Absent(absent="a"), negation=True) == {"a"}

    def test_all_is_one_conjunction(self) -> None:
        """`all` of findings is one conjunction, and its negation one for each part."""
        criterion = AllOf(all=("a", "b", "c"))
        assert form(criterion) == {"a b c"}
        assert form(criterion, negation=True) == {"-a", "-b", "-c"}

    def test_any_is_one_conjunction_a_part(self) -> None:
        """`any` of findings is one conjunction for each part, and its negation one for all."""
        criterion = AnyOf(any=("a", "b", "c"))
        assert form(criterion) == {"a", "b", "c"}
        assert form(criterion, negation=True) == {"-a -b -c"}

    def test_at_least_is_every_choice(self) -> None:
        """`at_least` is one conjunction for each choice of as many parts."""
        criterion = AtLeast(at_least=2, of=("a", "b", "c"))
        assert form(criterion) == {"a b", "a c", "b c"}
        assert form(criterion, negation=True) == {"-a -b", "-a -c", "-b -c"}

    def test_clauses_multiply_out(self) -> None:
        """`all` over `any` gives every combination."""
        criterion = AllOf(all=(AnyOf(any=("a", "b")), AnyOf(any=("c", "d"))))
        assert form(criterion) == {"a c", "a d", "b c", "b d"}

    def test_a_longer_conjunction_is_absorbed(self) -> None:
        """A conjunction that a shorter one covers is left out."""
        assert form(AnyOf(any=(AllOf(all=("a", "b")), "a"))) == {"a"}

    def test_a_repeated_part_counts_once_in_a_conjunction(self) -> None:
        """Two parts that are the same finding are one atom."""
        assert form(AtLeast(at_least=2, of=("a", "a"))) == {"a"}

    def test_a_contradiction_has_an_empty_form(self) -> None:
        """A criterion that asks for a finding both present and absent can never hold."""
        assert form(AllOf(all=("a", Absent(absent="a")))) == set()

    def test_a_contradiction_inside_leaves_the_rest(self) -> None:
        """Only the conjunction that contradicts itself goes."""
        inner = AllOf(all=("a", Absent(absent="a")))
        assert form(AnyOf(any=(inner, "b"))) == {"b"}

    def test_more_than_there_are_parts_never_holds(self) -> None:
        """`at_least` 3 of 2 can never hold, and its negation always does."""
        criterion = AtLeast(at_least=3, of=("a", "b"))
        assert form(criterion) == set()
        assert form(criterion, negation=True) == {""}

    @given(criteria(NAMES))
    def test_no_conjunction_covers_another(self, criterion: Criterion) -> None:
        """The form is minimal: no conjunction contains another."""
        conjunctions = disjunctive_form(criterion)
        assert not any(one < two for one in conjunctions for two in conjunctions)

    @given(criteria(NAMES))
    def test_no_finding_stands_both_ways(self, criterion: Criterion) -> None:
        """No conjunction of the form asks for a finding both present and absent."""
        for conjunction in disjunctive_form(criterion):
            assert len({atom.finding for atom in conjunction}) == len(conjunction)


class TestMeaning:
    @given(criteria(NAMES), states_of(NAMES), st.booleans())
    def test_holds_where_the_criterion_is_decided(
        self, criterion: Criterion, states: dict[str, bool], negation: bool
    ) -> None:
        """A conjunction of the form holds where the criterion is true; of the negation's, false."""
        verdict = evaluate(criterion, states)
        known = {Atom(name, state) for name, state in states.items()}
        holds = any(c <= known for c in disjunctive_form(criterion, negation=negation))
        assert holds is (verdict is not None and verdict is not negation)

    def test_a_part_that_never_holds_always_fails(self) -> None:
        """Beside a part that can never hold, the other part alone decides."""
        criterion = AnyOf(any=("a", AtLeast(at_least=4, of=("b", "c"))))
        assert (form(criterion), form(criterion, negation=True)) == ({"a"}, {"-a"})


class TestLimits:
    def test_the_bound_itself_is_accepted(self) -> None:
        """A form of exactly the allowed number of conjunctions is accepted."""
        criterion = AnyOf(any=tuple(f"f{n}" for n in range(MAX_CONJUNCTIONS)))
        assert len(disjunctive_form(criterion)) == MAX_CONJUNCTIONS

    def test_one_beyond_the_bound_is_refused(self) -> None:
        """One conjunction more than allowed is refused."""
        with pytest.raises(TooLarge):
            disjunctive_form(AnyOf(any=tuple(f"f{n}" for n in range(MAX_CONJUNCTIONS + 1))))

    def test_at_least_6_of_16_is_refused(self) -> None:
        """`at_least` 6 of 16 has 8,008 conjunctions and is refused."""
        with pytest.raises(TooLarge):
            disjunctive_form(AtLeast(at_least=6, of=tuple(f"f{n}" for n in range(16))))

    def test_the_smallest_clause_at_fault_is_named(self) -> None:
        """The error carries the clause that is too large, not the criterion around it."""
        large = AtLeast(at_least=6, of=tuple(f"f{n}" for n in range(16)))
        with pytest.raises(TooLarge) as caught:
            disjunctive_form(AllOf(all=("a", AnyOf(any=("b", large)))))
        assert caught.value.clause == large

    def test_a_negation_that_is_too_large_is_refused(self) -> None:
        """A criterion that is small itself is refused where its negation is large."""
        pairs = tuple(AllOf(all=(f"a{n}", f"b{n}")) for n in range(8))
        criterion = AnyOf(any=pairs)
        assert len(disjunctive_form(criterion)) == 8
        with pytest.raises(TooLarge) as caught:
            disjunctive_form(criterion, negation=True)
        assert caught.value.negation

    def test_choices_among_parts_that_are_alike_end(self) -> None:
        """Choices among parts that are alike are not enumerated one by one, which would not end."""
        program = (
            "from crampdx.knowledge.criteria import *\n"
            "from crampdx.knowledge.normal_forms import *\n"
            "try: disjunctive_form(AtLeast(at_least=20, of=('a',) * 20 + ('b',) * 20))\n"
            "except TooLarge: pass"
        )
        ended = subprocess.run([sys.executable, "-c", program], timeout=10, check=False)  # noqa: S603
        assert ended.returncode == 0
