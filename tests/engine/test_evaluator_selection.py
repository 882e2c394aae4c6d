"""Which evaluator answers: what is chosen, what is there, and what takes its place."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from evaluator_kinds import EVERY, HAS_DURABLE_RULES, needs_durable_rules
from strategies import article_knowledge

from crampdx import Assessor
from crampdx.assessment import EvaluatorName
from crampdx.engine.evaluators import selection
from crampdx.engine.evaluators.selection import EvaluatorChain, default_evaluator
from crampdx.errors import InferenceError
from crampdx.knowledge.criteria import AllOf

DURABLE = "crampdx.engine.evaluators.durable"
RULES = [AllOf(all=("a", "b", "c"))]
KNOWN = {"a": True, "b": True, "c": True}
RECORD = {"findings": {"hypokalemia": True, "fasciculations": True, "sensory_loss": False}}


@pytest.fixture
def looked_for_anew() -> Iterator[None]:
    """durable_rules is looked for again in this test, and again after it."""
    selection._durable_rules.cache_clear()
    yield
    selection._durable_rules.cache_clear()


@pytest.fixture
def without_durable_rules(
    looked_for_anew: None, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """The package durable_rules is not installed."""
    monkeypatch.delitem(sys.modules, DURABLE, raising=False)
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    return monkeypatch


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


class TestChoice:
    @pytest.mark.parametrize("evaluator", EVERY)
    def test_the_chosen_one_answers(self, evaluator: EvaluatorName) -> None:
        """The result says that the evaluator that was chosen answered."""
        assessor = Assessor(article_knowledge(), evaluator=evaluator)
        assert assessor.assess(RECORD).inference == evaluator

    def test_the_default_is_there_and_answers(self) -> None:
        """The default evaluator of this Python is installed with crampdx, and answers."""
        assert Assessor(article_knowledge()).assess(RECORD).inference == default_evaluator()

    def test_durable_rules_is_the_default_where_it_is_installed_with_crampdx(self) -> None:
        """On CPython before 3.13 the default is durable_rules, elsewhere the built-in evaluator."""
        is_early = sys.implementation.name == "cpython" and sys.version_info < (3, 13)
        assert default_evaluator() == ("durable_rules" if is_early else "builtin")

    def test_without_network_is_the_reference(self) -> None:
        """The name of before version 0.4 still means the reference."""
        assessor = Assessor(article_knowledge(), network=False)
        assert assessor.assess(RECORD).inference == "reference"

    def test_a_choice_outweighs_the_old_name(self) -> None:
        """An evaluator that is named is used, whatever the old parameter says."""
        assessor = Assessor(article_knowledge(), evaluator="builtin", network=False)
        assert assessor.assess(RECORD).inference == "builtin"

    @pytest.mark.parametrize(
        ("name", "hint"),
        [("buildin", "did you mean 'builtin'?"), ("x", "choose one of durable_rules, builtin")],
    )
    def test_an_unknown_name_is_refused(self, name: Any, hint: str) -> None:
        """A name that no evaluator has is refused, with the ones that there are."""
        with pytest.raises(ValueError, match="there is no evaluator") as caught:
            EvaluatorChain(RULES, {}, name)
        assert hint in str(caught.value)

    def test_a_circle_is_refused(self) -> None:
        """Derived findings that rest on one another are refused when the rules are compiled."""
        with pytest.raises(InferenceError):
            EvaluatorChain([], {"a": "b", "b": "a"}, "builtin")


class TestImports:
    @pytest.mark.parametrize("evaluator", ["builtin", "reference"])
    def test_durable_rules_is_not_imported_for_another(self, evaluator: str) -> None:
        """Where another evaluator is chosen, no module of durable_rules is imported."""
        program = (
            "import sys, crampdx\n"
            "knowledge = crampdx.KnowledgeBase.load('article')\n"
            f"assessor = crampdx.Assessor(knowledge, evaluator={evaluator!r})\n"
            "assessor.assess({'findings': {'hypokalemia': True}})\n"
            "print([name for name in sys.modules if 'durable' in name])"
        )
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert ended.stdout.strip() == "[]"


class TestMissing:
    def test_the_builtin_evaluator_answers(self, without_durable_rules: Any) -> None:
        """Where durable_rules is not installed, the built-in evaluator answers in its place."""
        chain = EvaluatorChain(RULES, {}, "durable_rules")
        assert chain.infer(KNOWN) == (([True], KNOWN), "builtin")

    def test_the_answer_is_the_same(self, without_durable_rules: Any) -> None:
        """But for who gave it, the assessment is that of the reference."""
        answer = Assessor(article_knowledge(), evaluator="durable_rules").assess(RECORD)
        wanted = Assessor(article_knowledge(), evaluator="reference").assess(RECORD)
        assert answer == wanted.model_copy(update={"inference": "builtin"})

    def test_there_is_one_warning_in_a_process(
        self, without_durable_rules: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """However many assessors are made and used, one warning says it, and what to do."""
        for _ in range(3):
            chain = EvaluatorChain(RULES, {}, "durable_rules")
            chain.infer(KNOWN)
            chain.infer({})
        (warning,) = warnings_in(caplog)
        assert "ModuleNotFoundError" in warning
        assert "'builtin'" in warning

    def test_nothing_is_said_where_it_is_not_asked_for(
        self, without_durable_rules: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Where another evaluator is chosen, nothing is logged of durable_rules."""
        EvaluatorChain(RULES, {}, "builtin").infer(KNOWN)
        assert not caplog.records

    def test_a_module_that_does_not_load(
        self, without_durable_rules: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """C code that this Python cannot load is taken like a package that is not there."""

        class Broken:
            def find_spec(self, name: str, *_: Any) -> None:
                if name == "durable_rules_engine":
                    raise OSError("undefined symbol: PyEval_CallObject")

        without_durable_rules.delitem(sys.modules, "durable_rules_engine")
        without_durable_rules.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
        assert EvaluatorChain(RULES, {}, "durable_rules").infer(KNOWN)[1] == "builtin"
        assert len(warnings_in(caplog)) == 1

    @pytest.mark.skipif(HAS_DURABLE_RULES, reason="this Python can import durable_rules")
    def test_it_is_not_missed_where_it_does_not_belong(
        self, looked_for_anew: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Where durable_rules is not the default, nothing is logged of its absence."""
        assert EvaluatorChain(RULES, {}).infer(KNOWN)[1] == "builtin"
        assert not caplog.records


class Failing:
    """An evaluator that is made, and then fails with what it was asked about in the error."""

    def __init__(self, *_: Any) -> None:
        pass

    def infer(self, states: Any) -> Any:
        raise KeyError(next(iter(states)))


class Unmakeable:
    """An evaluator that cannot be made."""

    def __init__(self, *_: Any) -> None:
        raise RuntimeError("no memory")


def broken(monkeypatch: pytest.MonkeyPatch, *names: EvaluatorName, kind: type) -> None:
    for name in names:
        monkeypatch.setitem(selection._KINDS, name, lambda: kind)


class TestFailure:
    @pytest.mark.parametrize("kind", [Failing, Unmakeable])
    @pytest.mark.parametrize(
        ("failing", "answers"),
        [
            (("durable_rules",), "builtin"),
            (("durable_rules", "builtin"), "reference"),
        ],
    )
    def test_the_next_one_answers(
        self,
        failing: tuple[EvaluatorName, ...],
        answers: EvaluatorName,
        kind: type,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """One that fails, or cannot be made, gives way to the next; the verdicts are the same."""
        broken(monkeypatch, *failing, kind=kind)
        chain = EvaluatorChain(RULES, {}, "durable_rules")
        assert chain.infer(KNOWN) == (([True], KNOWN), answers)

    def test_one_before_the_chosen_one_does_not_answer(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the chosen evaluator fails, none answers that comes before it."""
        broken(monkeypatch, "builtin", kind=Failing)
        assert EvaluatorChain(RULES, {}, "builtin").infer(KNOWN)[1] == "reference"

    def test_where_all_fail_there_is_an_error_of_ours(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With no evaluator that answers, the error is an inference error."""
        broken(monkeypatch, "builtin", "reference", kind=Failing)
        with pytest.raises(InferenceError):
            EvaluatorChain(RULES, {}, "builtin").infer(KNOWN)

    def test_each_failure_is_logged_without_the_patient(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A failure is an error in the log that names the evaluator, and no finding."""
        broken(monkeypatch, "builtin", kind=Failing)
        chain = EvaluatorChain(RULES, {}, "builtin")
        chain.infer({"secret_finding": True})
        assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
            ("ERROR", "the evaluator builtin failed, the next one answers: KeyError")
        ]

    def test_one_that_was_not_needed_is_not_compiled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The evaluators behind the chosen one are compiled only when it fails."""
        broken(monkeypatch, "reference", kind=Unmakeable)
        chain = EvaluatorChain(RULES, {}, "builtin")
        assert chain._compiled.keys() == {"builtin"}


@needs_durable_rules
def test_rules_that_durable_rules_does_not_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where durable_rules refuses the rules, the built-in evaluator answers every time."""
    from crampdx.engine.evaluators import durable

    class Refusing:
        def create_ruleset(self, *_: Any) -> int:
            raise RuntimeError("Could not create ruleset")

    monkeypatch.setattr(durable, "engine", Refusing())
    chain = EvaluatorChain(RULES, {}, "durable_rules")
    assert [chain.infer(KNOWN)[1] for _ in range(2)] == ["builtin", "builtin"]
