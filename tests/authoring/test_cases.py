"""Cases: what a case file may say, what an unmet expectation reports, and what is refused."""

import textwrap
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from packs import write_pack

from crampdx.authoring.cases.models import Expectations
from crampdx.authoring.cases.reading import CaseFileError, case_files, read_cases
from crampdx.authoring.cases.runner import explained, run_cases
from crampdx.authoring.cases.stacks import stack_of, stacked_files
from crampdx.engine.assessor import Assessor
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import DEFAULT_PACKS
from crampdx.knowledge.pack_stacks import with_required

KNOWLEDGE = KnowledgeBase.load("article")
ASSESSOR = Assessor(KNOWLEDGE)
LOW_POTASSIUM = "record: {age: 50, findings: {muscle_cramp: true, hypokalemia: true}}"


def case_file(folder, text, name="a"):
    path = folder / f"{name}.case.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def results_of(path):
    return list(run_cases(read_cases([path], KNOWLEDGE), ASSESSOR))


def failures_of(folder, record, expect):
    path = case_file(folder, f"- name: a\n  record: {record}\n  expect: {expect}\n")
    (result,) = results_of(path)
    return [str(failure) for failure in result.failures]


ALS = "{age: 60, findings: {progressive_weakness: true, fasciculations: true, sensory_loss: false}}"
CA = "{age: 60, as_of: 2026-01-01, measurements: {serum_calcium: {value: 2.1, unit: mg/dL}}}"

HOLDS = [
    (ALS, "{conclusion: ranked}"),
    (ALS, "{top: [overuse, amyotrophic_lateral_sclerosis]}"),
    (ALS, "{top_n: {amyotrophic_lateral_sclerosis: 1}}"),
    (ALS, "{ahead_of: {amyotrophic_lateral_sclerosis: [overuse, peripheral_neuropathy]}}"),
    (ALS, "{band: {amyotrophic_lateral_sclerosis: leading}}"),
    (ALS, "{score: {amyotrophic_lateral_sclerosis: 7}}"),
    (ALS, "{score: {amyotrophic_lateral_sclerosis: {is: 5, tolerance: 2}}}"),
    (ALS, "{candidates: [amyotrophic_lateral_sclerosis], not_candidates: [hypokalemia]}"),
    (ALS, "{do_not_miss: [amyotrophic_lateral_sclerosis], not_do_not_miss: [hypokalemia]}"),
    (ALS, "{fired: [als.fasciculations], not_fired: [als.sensory_loss], undecided: [als.wasting]}"),
    (ALS, "{all_fired: {hypokalemia: []}}"),
    (ALS, "{findings: {muscle_weakness: present, sensory_loss: absent, tremor: unknown}}"),
    (ALS, "{no_red_flags: any, no_warnings: any, no_notes: [age_unknown]}"),
    (ALS, "{tests: [electromyography], not_tests: [thyroid_function_test]}"),
    (
        "{test_results: {electromyography: {}, electrolyte_panel: {status: ordered}}}",
        "{tests_done: [electromyography], tests_ordered: [electrolyte_panel]}",
    ),
    (ALS, "{explained: [fasciculations]}"),
    (CA, "{warnings: [implausible], findings: {hypocalcemia: unknown}}"),
    ("{findings: {muscle_cramp: true}}", "{conclusion: not_enough_to_rank, notes: [age_unknown]}"),
]

FAILS = [
    (
        ALS,
        "{conclusion: not_enough_to_rank}",
        "conclusion: expected not_enough_to_rank, got ranked",
    ),
    (ALS, "{top: [overuse]}", "top: expected overuse first, got amyotrophic_lateral_sclerosis"),
    ("{age: 60}", "{top: [overuse]}", "top: expected overuse first, got no candidate"),
    (ALS, "{top_n: {overuse: 3}}", "top_n: expected overuse at 3 or better, got not a candidate"),
    (
        ALS,
        "{ahead_of: {overuse: [amyotrophic_lateral_sclerosis]}}",
        "ahead_of: expected overuse ahead of amyotrophic_lateral_sclerosis,"
        " got not a candidate against rank 1",
    ),
    (
        ALS,
        "{band: {amyotrophic_lateral_sclerosis: unlikely}}",
        "band: expected amyotrophic_lateral_sclerosis unlikely, got leading",
    ),
    (ALS, "{score: {hypokalemia: 0}}", "score: expected hypokalemia at 0 dB, got -7 dB"),
    (
        ALS,
        "{score: {hypokalemia: {is: -5, tolerance: 1}}}",
        "score: expected hypokalemia at -5 dB within 1, got -7 dB",
    ),
    (
        ALS,
        "{because_of: {amyotrophic_lateral_sclerosis: [overuse]}}",
        "because_of: expected amyotrophic_lateral_sclerosis because of overuse, got none",
    ),
    (ALS, "{fired: [als.wasting]}", "fired: expected als.wasting fired, got undecided"),
    (ALS, "{not_fired: [als.weakness]}", "not_fired: expected als.weakness not fired, got fired"),
    (
        ALS,
        "{all_fired: {amyotrophic_lateral_sclerosis: [als.wasting]}}",
        "all_fired: expected als.wasting fired, got undecided",
    ),
    (
        "{findings: {hypokalemia: true}}",
        "{all_fired: {hypokalemia: []}}",
        "all_fired: expected hypokalemia.measured not to fire, got fired",
    ),
    (ALS, "{findings: {tremor: absent}}", "findings: expected tremor absent, got unknown"),
    (ALS, "{warnings: [unit]}", "warnings: expected unit, got none"),
    (CA, "{no_warnings: any}", "no_warnings: expected none, got implausible"),
    (CA, "{no_warnings: [implausible]}", "no_warnings: expected no implausible, got implausible"),
]


@pytest.mark.parametrize(("record", "expect"), HOLDS)
def test_an_expectation_that_holds_passes(tmp_path, record, expect):
    """What is so is accepted."""
    assert failures_of(tmp_path, record, expect) == []


@pytest.mark.parametrize(("record", "expect", "message"), FAILS)
def test_an_expectation_that_does_not_hold_says_what_came(tmp_path, record, expect, message):
    """Expected and got stand in one sentence."""
    assert failures_of(tmp_path, record, expect)[0] == message


def test_a_test_that_is_not_proposed_is_missed(tmp_path):
    """A test that was done is not proposed again."""
    record = "{age: 60, test_results: {electromyography: {}}, findings: {fasciculations: true}}"
    (failure,) = failures_of(tmp_path, record, "{tests: [electromyography]}")
    assert failure.startswith("tests: expected electromyography, got ")


def ids(entries):
    return f"[{', '.join(entries)}]"


def test_every_expectation_has_a_check_that_can_fail(tmp_path):
    """For each key of `expect` something can be written that is not so of an empty record."""
    impossible = {
        "conclusion": "ranked",
        "top": "[overuse]",
        "top_n": "{overuse: 1}",
        "tests_done": "[electromyography]",
        "tests_ordered": "[electromyography]",
        "ahead_of": "{overuse: [dehydration]}",
        "band": "{overuse: leading}",
        "score": "{overuse: 99}",
        "candidates": "[overuse]",
        "because_of": "{overuse: [dehydration]}",
        "do_not_miss": "[amyotrophic_lateral_sclerosis]",
        "fired": "[als.wasting]",
        "all_fired": "{amyotrophic_lateral_sclerosis: [als.wasting]}",
        "not_fired": "[als.wasting]",
        "findings": "{tremor: present}",
        "questions": "[hypokalemia]",
        "treatments": ids(KNOWLEDGE.treatments),
        "treatments_not_assessed": ids(KNOWLEDGE.treatments),
        "prevention": ids(KNOWLEDGE.prevention),
        "unexplained": "[tremor]",
        "warnings": "[unit]",
        "notes": "[outside_population]",
        "no_notes": "any",
    }
    positive = {"tests", "undecided", "explained", "clarify", "red_flags", "cautions"}
    negative = {name for name in Expectations.model_fields if name.startswith(("not_", "no_"))}
    assert set(impossible) | positive | negative == set(Expectations.model_fields)
    for name, value in impossible.items():
        assert failures_of(tmp_path, "{}", f"{{{name}: {value}}}"), name


def test_a_failing_case_shows_place_expectation_and_reasons(tmp_path):
    """The report names the case and its line, what came, and each line behind the scores."""
    path = case_file(
        tmp_path,
        """\
        - name: potassium is not the cause
          record: {age: 50, findings: {hypokalemia: true}}
          expect: {top: [dehydration]}
        """,
    )
    (result,) = results_of(path)
    assert explained(result) == textwrap.dedent(
        f"""\
        {path}:1: potassium is not the cause
          top
            - expected: dehydration first
            + got:      hypokalemia
          dehydration has -3 dB
            pretest common: -3 dB
          hypokalemia has 13 dB
            pretest uncommon: -7 dB
            hypokalemia.measured: +20 dB"""
    )


BROKEN = [
    (
        "- name: a\n  record: {}\n  expect: {topn: [x]}\n",
        "3:12",
        "no key 'topn' here; did you mean",
    ),
    (
        "- name: a\n  record: {}\n  expect: {top: [overus]}\n",
        "3:18",
        "there is no cause 'overus'; did you mean 'overuse'?",
    ),
    (
        "- name: a\n  record: {}\n  expect: {ahead_of: {overuse: [overus]}}\n",
        "3:33",
        "there is no cause 'overus'",
    ),
    (
        "- name: a\n  record: {}\n  diagnosis: [alss]\n",
        "3:15",
        "there is no cause 'alss'",
    ),
    (
        "- name: a\n  record: {}\n  expect: {fired: [als.tinglin]}\n",
        "3:20",
        "there is no line of evidence 'als.tinglin'; did you mean 'als.tingling'?",
    ),
    (
        "- name: a\n  record: {}\n  expect: {cautions: {applies: [x.y]}}\n",
        "3:33",
        "there is no caution 'x.y'",
    ),
    (
        "- name: a\n  record: {agee: 3}\n  expect: {no_notes: any}\n",
        "2:12",
        "unknown field",
    ),
    ("- name: a\n  record: {}\n", "1:3", "give 'expect', 'diagnosis', or both"),
    ("- name: a\n  record: {}\n  expect: {}\n", "3:3", "expect at least one thing"),
    ("- name: a\n  record: {}\n  expect: {warnings: [units]}\n", "3:23", "did you mean 'unit'?"),
    ("name: a\n", "1:1", "a case file holds a list of cases"),
    (
        "- {name: a, record: {}, diagnosis: [overuse]}\n"
        "- {name: a, record: {}, diagnosis: [overuse]}\n",
        "2:4",
        "the name of this case stands in line 1 already",
    ),
    ("- {name: a, record: &x {}}\n", "1:21", "anchors (&) are not allowed"),
]


BROKEN += [
    (
        "- name: a\n  cause: hypokalemi\n  lines:\n    - {when: [vomiting]}\n",
        "2:3",
        "there is no cause 'hypokalemi'",
    ),
    (
        "- name: a\n  cause: overuse\n  lines:\n    - {when: [tremor], fires: [a.b]}\n",
        "4:32",
        "there is no line of evidence 'a.b'",
    ),
    (
        "- name: a\n  cause: overuse\n  lines:\n    - {when: [tremor], not: [a.b]}\n",
        "4:30",
        "there is no line of evidence 'a.b'",
    ),
    (
        "- name: a\n  cause: overuse\n  lines:\n    - {when: [tremor], score: {overuse: 3}}\n",
        "4:24",
        "there is no key 'score' here",
    ),
    (
        "- name: a\n  rows:\n    - {when: [tremor], findings: {tremo: present}}\n",
        "3:35",
        "there is no finding 'tremo'",
    ),
    ("- name: a\n  rows:\n    - {when: [tremor]}\n", "3:7", "expect at least one thing"),
    ("- {name: a, rows: []}\n", "1:13", "at least 1 must be given"),
    (
        "- name: a\n  rows:\n    - {when: [tremor], absent: [tremor], no_notes: any}\n",
        "3:7",
        "'when' and 'absent' name 'tremor' twice",
    ),
    (
        "- name: a\n  record: {agee: 3}\n  rows:\n    - {no_notes: any}\n",
        "2:12",
        "unknown field",
    ),
    (
        "- name: a\n  rows:\n    - {record: {agee: 3}, no_notes: any}\n",
        "3:17",
        "unknown field",
    ),
    (
        "- name: a\n  rows:\n    - {when: [tremor], no_notes: any}\n"
        "    - {record: {findings: {tremor: true}}, no_red_flags: any}\n",
        "4:7",
        "the row in line 3 has the same record; join the two",
    ),
]


@pytest.mark.parametrize(("text", "place", "message"), BROKEN)
def test_a_broken_case_is_refused_with_its_place(tmp_path, text, place, message):
    """File, line, column, what is wrong, and the next step."""
    path = case_file(tmp_path, text)
    with pytest.raises(CaseFileError) as raised:
        read_cases([path], KNOWLEDGE)
    shown = [str(issue) for issue in raised.value.issues]
    assert any(issue.startswith(f"{path}:{place}") and message in issue for issue in shown), shown


def test_all_faults_of_all_files_come_at_once(tmp_path):
    """A fault in one file hides none in another."""
    first = case_file(tmp_path, BROKEN[0][0], "first")
    second = case_file(tmp_path, BROKEN[1][0], "second")
    with pytest.raises(CaseFileError) as raised:
        read_cases([first, second, tmp_path / "none.case.yaml"], KNOWLEDGE)
    assert {Path(issue.file).name for issue in raised.value.issues} == {
        "first.case.yaml",
        "second.case.yaml",
        "none.case.yaml",
    }


def test_a_record_that_names_no_finding_of_ours_is_refused(tmp_path):
    """A misspelt finding in a record would test nothing."""
    text = (
        "- name: a\n  record: {findings: {tremorr: true}}\n  expect: {not_candidates: [overuse]}\n"
    )
    with pytest.raises(CaseFileError, match="did you mean 'tremor'"):
        results_of(case_file(tmp_path, text))


def test_a_case_may_be_about_an_unknown_id(tmp_path):
    """Where the warning is expected, the unknown id is what is tested."""
    expect = "{warnings: [unknown_id]}"
    assert failures_of(tmp_path, "{findings: {tremorr: true}}", expect) == []


TABLES = """\
- name: Low potassium
  record: {age: 50, findings: {muscle_cramp: true}}
  cause: hypokalemia
  lines:
    - {when: [hypokalemia], fires: [hypokalemia.measured], not: [hypokalemia.normal]}
    - {absent: [hypokalemia], fires: [hypokalemia.normal]}
    - {when: [vomiting], absent: [diarrhea], fires: [hypokalemia.losses]}
    - {name: said of nothing}
- name: Values
  rows:
    - record: {measurements: {serum_potassium: {value: 3.4, unit: mmol/L}}}
      findings: {hypokalemia: present}
    - {when: [hypokalemia], top: [hypokalemia]}
"""


def test_each_row_of_a_table_is_a_case(tmp_path):
    """It has the record of the table with what the row adds, and a name and a line of its own."""
    cases = read_cases([case_file(tmp_path, TABLES)], KNOWLEDGE)
    assert [(located.case.name, located.place.line) for located in cases] == [
        ("Low potassium: hypokalemia", 5),
        ("Low potassium: no hypokalemia", 6),
        ("Low potassium: vomiting, no diarrhea", 7),
        ("Low potassium: said of nothing", 8),
        ("Values: measurements serum_potassium value 3.4, unit mmol/L", 11),
        ("Values: hypokalemia", 13),
    ]
    assert cases[2].case.record == {
        "age": 50,
        "findings": {"muscle_cramp": True, "vomiting": True, "diarrhea": False},
    }


def test_the_rows_of_tables_hold(tmp_path):
    """What the table says of the article's rules is so."""
    assert [result.failures for result in results_of(case_file(tmp_path, TABLES))] == [()] * 6


def test_a_line_that_a_row_does_not_list_may_not_fire(tmp_path):
    """`fires` lists all lines of the cause that hold, so that one that should not is noticed."""
    text = TABLES.replace("fires: [hypokalemia.losses]", "fires: []")
    failed = [result for result in results_of(case_file(tmp_path, text)) if not result.passed]
    assert [str(failure) for result in failed for failure in result.failures] == [
        "all_fired: expected hypokalemia.losses not to fire, got fired"
    ]


def test_a_long_row_has_a_name_of_bounded_length(tmp_path):
    """The name is cut where a case could not have it."""
    text = f"- name: Many\n  rows:\n    - {{when: {[*KNOWLEDGE.findings][:30]}, no_notes: any}}\n"
    (located,) = read_cases([case_file(tmp_path, text)], KNOWLEDGE)
    assert len(located.case.name) == 200


# --------------------------------------------------------------------------- which rules are meant


def test_a_case_in_a_pack_is_about_that_pack_and_what_it_requires(tmp_path):
    """The nearest pack.yaml above tells; what it requires comes before it."""
    below = write_pack(tmp_path, {}, "below")
    above = write_pack(tmp_path, {}, "above", more="requires: [below]\n")
    file = case_file(above / "cases", "[]")
    assert stack_of(file) == (below.resolve(), above.resolve())


def test_a_case_in_no_pack_is_about_the_default_packs(tmp_path):
    """Those that load when none is named."""
    assert stack_of(case_file(tmp_path, "[]")) == DEFAULT_PACKS


def test_packs_that_require_each_other_end(tmp_path):
    """A circle is left to the loader to refuse."""
    one = write_pack(tmp_path, {}, "one", more="requires: [two]\n")
    write_pack(tmp_path, {}, "two", more="requires: [one]\n")
    assert one.resolve() in with_required(one)


def test_files_are_found_below_folders_once(tmp_path):
    """A folder and a file in it name the file once."""
    file = case_file(tmp_path / "deep" / "er", "[]")
    assert case_files([tmp_path, file]) == (file,)


def test_chosen_packs_are_those_of_all_files(tmp_path):
    """What the caller chooses goes before where a file stands."""
    file = case_file(tmp_path, "[]")
    assert stacked_files([file], ["article"]) == {("article",): (file,)}


# ---------------------------------------------------------------------------- the command `test`


@pytest.fixture
def run(crampdx_run):
    """Run `crampdx test`."""
    return partial(crampdx_run, "test")


GOOD = f"- name: potassium\n  {LOW_POTASSIUM}\n  expect: {{top: [hypokalemia]}}\n"
BAD = f"- name: not overuse\n  {LOW_POTASSIUM}\n  expect: {{top: [overuse]}}\n"


def test_cases_that_hold_end_with_their_number(run, tmp_path):
    """All well: one line, exit status 0."""
    assert run(case_file(tmp_path, GOOD)) == (0, "1 case passed\n", "")


def test_a_case_that_fails_ends_with_status_1(run, tmp_path):
    """What failed goes to standard output, how many to standard error."""
    status, out, err = run(case_file(tmp_path, GOOD + BAD))
    assert (status, err) == (1, "crampdx: 1 of 2 cases failed\n")
    assert "expected: overuse first" in out


@pytest.mark.parametrize("argument", ["missing", "empty", "--only=nothing"])
def test_nothing_to_run_is_a_usage_error(run, tmp_path, argument, monkeypatch):
    """A path that is not there, or holds no case, is no silent pass."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    file = case_file(tmp_path, GOOD)
    status, out, err = run(*((file, argument) if argument.startswith("-") else (argument,)))
    assert (status, out) == (2, "")
    assert err.startswith(("crampdx: there ", "crampdx: no cases found"))
    assert err.count("\n") == 1


def test_only_runs_the_cases_whose_name_holds_the_text(run, tmp_path):
    """The failing case is left out."""
    assert run(case_file(tmp_path, GOOD + BAD), "--only", "potassium")[0] == 0


def test_a_pack_that_is_not_there_is_a_usage_error(run, tmp_path):
    """One line, exit status 2."""
    status, _, err = run(case_file(tmp_path, GOOD), "--pack", tmp_path / "none")
    assert status == 2
    assert "there is no such pack" in err


def test_junit_has_every_case_and_what_failed(run, tmp_path):
    """The XML parses, counts, and shows expected and got; control characters do not break it."""
    report = tmp_path / "report.xml"
    run(case_file(tmp_path, GOOD + BAD.replace("not overuse", '"\\e <&> \\""')), "--junit", report)
    suite = ElementTree.parse(report).getroot()[0]  # noqa: S314  # our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "overuse first" in suite[1][0].get("message")
    assert "<&>" in suite[1].get("name")


def test_a_pack_is_named_in_place_of_its_folder(run, tmp_path, monkeypatch):
    """What ships is found by its name, wherever the command is called."""
    monkeypatch.chdir(tmp_path)
    status, out, err = run("article", "--only", "Low potassium, line by line")
    assert (status, err) == (0, "")
    assert out.endswith("cases passed\n")


def test_a_misspelt_pack_is_guessed(run, tmp_path, monkeypatch):
    """A name that is neither a path nor a pack is shown beside the nearest pack."""
    monkeypatch.chdir(tmp_path)
    status, _, err = run("artcle")
    assert (status, err) == (
        2,
        "crampdx: there is no file or folder 'artcle'; did you mean 'article'?\n",
    )


def test_cases_are_counted_by_pack(run, tmp_path):
    """With `--count` nothing is run, and a case that would fail counts like the others."""
    pack = write_pack(tmp_path, {})
    case_file(pack, GOOD + BAD)
    assert run(pack, "--count") == (0, "own: 2 cases, 1 file\n2 cases in all\n", "")


XFAIL = "  xfail: Overuse is not told from low potassium yet.\n"


def test_a_case_may_be_expected_to_fail(run, tmp_path):
    """It counts as passed as long as it fails, and the sum says so."""
    ended = run(case_file(tmp_path, GOOD + BAD + XFAIL))
    assert ended == (0, "2 cases passed, 1 of them failing as expected\n", "")


def test_a_case_that_holds_though_it_is_to_fail_fails(run, tmp_path):
    """So that the note is taken out when the rules have come that far."""
    status, out, _ = run(case_file(tmp_path, GOOD + XFAIL))
    assert status == 1
    assert "all of it holds, though it is to fail; take 'xfail' out of the case" in out


def test_a_row_may_be_expected_to_fail(run, tmp_path):
    """Likewise one row of a table."""
    row = "{when: [hypokalemia], xfail: Not yet., top: [overuse]}"
    text = f"- name: a\n  rows:\n    - {row}\n"
    assert run(case_file(tmp_path, text))[0] == 0


def test_a_failing_case_shows_the_warnings_about_its_findings(tmp_path):
    """A unit that cannot be converted explains why a line is undecided; other warnings do not."""
    values = "serum_potassium: {value: 3, unit: mg/mL}, serum_calcium: {value: 1, unit: kg}"
    record = f"{{age: 50, measurements: {{{values}}}}}"
    text = f"- name: a\n  record: {record}\n  expect: {{fired: [hypokalemia.measured]}}\n"
    (result,) = results_of(case_file(tmp_path, text))
    shown = explained(result)
    assert shown.count("the record has a warning") == 1
    assert "the record has a warning 'unit'" in shown
    assert "mg/mL" in shown


# -------------------------------------------------------------------------------- the pytest plugin

pytest_plugins = ["pytester"]


def test_pytest_runs_each_case_as_a_test(pytester):
    """A case that holds passes; another fails with expected, got and the reasons."""
    case_file(pytester.path, GOOD + BAD)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--crampdx-pack=article")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*expected: overuse first*", "*got:      hypokalemia*", "*hypokalemia.measured: +20 dB*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_pytest_knows_a_case_that_is_expected_to_fail(pytester):
    """It is reported as such; and where it holds after all, as a failure."""
    case_file(pytester.path, BAD + XFAIL + GOOD + XFAIL)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--crampdx-pack=article")
    result.assert_outcomes(xfailed=1, failed=1)


def test_pytest_reports_a_broken_case_file_as_an_error(pytester):
    """A misspelt expectation is an error of collection, with its place."""
    case_file(pytester.path, BROKEN[0][0])
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--crampdx-pack=article")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*a.case.yaml:3:12: *there is no key 'topn' here*"])


def test_pytest_reports_an_unknown_finding_of_a_record(pytester):
    """The test fails with the place, not with a traceback."""
    case_file(pytester.path, GOOD.replace("hypokalemia: true", "hypokalemi: true"))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--crampdx-pack=article")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*did you mean 'hypokalemia'?*"])


def test_pytest_takes_packs_by_option(pytester):
    """The named packs are the rules of all cases."""
    write_pack(pytester.path, {}, "own")
    case_file(pytester.path, GOOD)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--crampdx-pack=own")
    result.stdout.fnmatch_lines(["*there is no cause 'hypokalemia'*"])


def test_a_report_that_cannot_be_written_is_named(run, tmp_path):
    """The file of `--junit` is named, with exit status 2."""
    report = tmp_path / "no" / "report.xml"
    status, _, err = run(case_file(tmp_path, GOOD), "--junit", report)
    assert (status, err) == (2, f"crampdx: cannot write '{report}': no such file or directory\n")


def test_without_a_case_of_that_name_it_is_said(run, tmp_path):
    """A text that no name holds is shown, escaped."""
    status, _, err = run(case_file(tmp_path, GOOD), "--only", "sodium\x1b")
    assert (status, err) == (2, "crampdx: no cases found whose name contains 'sodium\\x1b'\n")


def test_places_are_shown_from_the_current_folder_on(run, tmp_path, monkeypatch):
    """Rules of a pack below the current folder are named as the user sees them."""
    pack = write_pack(tmp_path, {"groups.yaml": "- {id: common}\n"})
    case_file(pack, GOOD)
    monkeypatch.chdir(tmp_path)
    status, _, err = run("own")
    assert status == 1
    assert "\n  own/groups.yaml:1:" in err


def test_what_is_no_file_is_named(tmp_path):
    """A folder with the name of a case file is not passed over."""
    case_file(tmp_path, GOOD)
    (tmp_path / "b.case.yaml").mkdir()
    with pytest.raises(FileNotFoundError, match=r"b\.case\.yaml' is not a regular file"):
        case_files([tmp_path])


def test_faults_stand_in_the_order_of_their_places(tmp_path):
    """Whatever finds a fault, faults are told from the top of the file to its end."""
    text = """\
        - name: one
          record: {}
          expect: {top: [nothing], band: {overuse: ahead}, topp: [overuse]}
        - just text
        - {name: three, record: {agee: 3}, expect: {top: [overuse]}}
        """
    with pytest.raises(CaseFileError) as refusal:
        read_cases([case_file(tmp_path, text)], KNOWLEDGE)
    places = [(issue.line, issue.column) for issue in refusal.value.issues]
    assert places == sorted(places)
    assert any("a case is a mapping" in issue.message for issue in refusal.value.issues)
