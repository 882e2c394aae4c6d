"""Suppositions: findings taken to be other than the record says.

The record is read and weighed as ever. Then what is supposed takes the place of all that the
record says of these findings, and of what contradicts them along `implies`:

=================  ==================================================================
supposed present   what the record says of the finding, and that a finding which it
                   implies is absent
supposed absent    what the record says of the finding, and that a finding which
                   implies it is present
supposed unknown   both
=================  ==================================================================

All else stands, and presence is passed up, and absence down, as ever. A supposition that is so
already changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.intake.claims import ClaimStrength, ResolvedClaim, ResolvedFindings, propagate
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.errors import CrampdxError, printable

__all__ = ["ASSUMED", "Hypothesis", "HypothesisError", "assume"]

ASSUMED = "supposed"
"""What stands as the place in the record where a finding is supposed."""

Hypothesis = Mapping[str, Verdict]
"""Findings, with True for present, False for absent and None for unknown."""

_STATES = {True: "present", False: "absent", None: "unknown"}


class HypothesisError(CrampdxError, ValueError):
    """What cannot be supposed: each thing that is wrong with it is in `issues`."""

    def __init__(self, issues: Iterable[str]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(self.issues))

    def __reduce__(self) -> tuple[type[HypothesisError], tuple[tuple[str, ...]]]:
        return type(self), (self.issues,)


def assume(
    resolved: ResolvedFindings, supposing: Hypothesis, vocabulary: Vocabulary
) -> ResolvedFindings:
    """What the claims of a record come to where some findings are supposed to be otherwise.

    Args:
        resolved: What the claims come to; stays as it is.
        supposing: What is supposed.
        vocabulary: The findings, and what implies what.

    Raises:
        HypothesisError: A finding does not exist or follows from others, or what is supposed
            contradicts itself.
    """
    issues = tuple(_issues(supposing, vocabulary))
    if issues:
        raise HypothesisError(issues)
    supposing = {**dict(_undated(resolved, supposing, vocabulary)), **supposing}
    replaced = {claim for item in supposing.items() for claim in _contradicting(*item, vocabulary)}
    supposed = ResolvedFindings(
        direct={n: own for n, own in resolved.direct.items() if (n, own.state) not in replaced},
        unresolved=resolved.unresolved,
        warnings=resolved.warnings,
    )
    propagate(supposed, vocabulary)
    for finding, state in sorted(supposing.items()):
        if state is not None and supposed.states.get(finding) is not state:
            supposed.direct[finding] = ResolvedClaim(
                state, ClaimStrength.ASSERTION, None, (ASSUMED,)
            )
    propagate(supposed, vocabulary)
    return supposed


def _undated(
    resolved: ResolvedFindings, supposing: Hypothesis, vocabulary: Vocabulary
) -> Iterator[tuple[str, Verdict]]:
    """What else a finding shows that is supposed present, since for how long is not supposed."""
    for finding, state in supposing.items():
        if state is True and resolved.states.get(finding) is not True:
            for qualified, form in vocabulary.qualified.get(finding, ()):
                if (
                    form.lasting
                    and form.lasting.or_unknown
                    and not (form.site or form.laterality or form.severity)
                ):
                    yield qualified, True


def _contradicting(
    finding: str, state: Verdict, vocabulary: Vocabulary
) -> Iterator[tuple[str, bool]]:
    """The claims that would make the finding other than it is supposed to be."""
    if state is not True:
        for name in (finding, *vocabulary.descendants[finding]):
            yield name, True
    if state is not False:
        for name in (finding, *vocabulary.ancestors[finding]):
            yield name, False


def _issues(supposing: Hypothesis, vocabulary: Vocabulary) -> Iterator[str]:
    for finding, state in sorted(supposing.items()):
        known = vocabulary.findings.get(finding)
        if known is None:
            hint = vocabulary.finding_names.suggest(finding)
            message = f"no finding has the id '{printable(finding)}'"
            yield f"{message}; {hint}" if hint else message
        elif known.derived is not None:
            yield f"'{finding}' follows from other findings; suppose those instead"
        elif state is not None and not isinstance(state, bool):
            yield f"'{finding}' can be supposed True, False or None alone"
        elif state is not None:
            yield from _inconsistencies(finding, state, supposing, vocabulary)


def _inconsistencies(
    finding: str, state: bool, supposing: Hypothesis, vocabulary: Vocabulary
) -> Iterator[str]:
    followers = vocabulary.ancestors if state else vocabulary.descendants
    for other in followers[finding]:
        if other in supposing and supposing[other] is not state:
            yield (
                f"'{finding}' cannot be {_STATES[state]} where '{other}' is"
                f" {_STATES[supposing[other]]}: it makes that {_STATES[state]}"
            )
