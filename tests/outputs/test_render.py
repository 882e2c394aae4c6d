"""What an assessment looks like as text and as Markdown."""

import html
import re

import pytest
from packs import extra_pack

import crampdx
from crampdx.assessment import Assessment
from crampdx.outputs.assessment import to_markdown, to_text
from crampdx.outputs.blocks import (
    Heading,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    Table,
    inline,
)
from crampdx.outputs.labels import MINUS
from crampdx.outputs.markdown import markdown_of
from crampdx.outputs.terminal import text_of

SOURCES = """\
- id: trial2020
  kind: publication
  title: A <i>trial</i> | of *cramps*
  citation: Someone S. Journal 2020;1:1
  doi: 10.1000/xyz
- id: judgement:probe
  kind: judgement
  title: What the testers think
"""
RED_FLAGS = """\
- id: low_potassium_now
  name: Low <b>potassium</b> | *now*
  urgency: emergency
  when: hypokalemia
  consider: Consider an electrocardiogram `now`.
  because: "[The heart](https://heart.example) needs potassium & calm."
  sources: [judgement:probe]
"""
TREATMENTS = """\
- extends: baclofen
  cautions:
    - id: baclofen.numb
      when: sensory_loss
      level: avoid
      because: A test caution on numbness.
      sources: [trial2020]
    - id: baclofen.vomiting
      when: vomiting
      level: monitor
      because: A test caution on vomiting.
      sources: [judgement:probe]
"""
EVIDENCE = """\
extends: hypokalemia
evidence:
  - id: hypokalemia.rest_tremor
    when: rest_tremor
    lr: 7.3
    because: A measured line for tests.
    sources: [trial2020]
"""
ALS = {
    "as_of": "2026-05-01",
    "age": 58,
    "cramps": {"duration": "P6M", "response_to_remedies": "not_relieved"},
    "findings": {
        "muscle_cramp": True,
        "fasciculations": True,
        "progressive_weakness": True,
        "spasticity": True,
        "sensory_loss": True,
    },
    "measurements": [{"code": "LOINC:2823-3", "value": 24, "unit": "mmol/L", "date": "2026-04-30"}],
    "medications": [{"text": "one"}, {"text": "two"}],
}
LOW_POTASSIUM = {
    "as_of": "2026-05-01",
    "age": 58,
    "findings": {"muscle_cramp": True, "rest_tremor": True},
    "measurements": [
        {"code": "LOINC:2823-3", "value": 2.4, "unit": "mmol/L", "date": "2026-04-30"}
    ],
}
RECORDS = (ALS, LOW_POTASSIUM, {}, {"age": 9, "findings": {"hypokalemia": True}})


@pytest.fixture(scope="module")
def rules():
    return crampdx.KnowledgeBase.load("article")


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    files = {
        "sources.yaml": SOURCES,
        "red_flags.yaml": RED_FLAGS,
        "treatments/more.yaml": TREATMENTS,
        "causes/hypokalemia.yaml": EVIDENCE,
    }
    folder = tmp_path_factory.mktemp("packs")
    probe = extra_pack(folder, files, "probe", more="requires: [article]\n")
    return crampdx.KnowledgeBase.load("article", probe)


def headings(text):
    return [line for line in text.splitlines() if line and line == line.upper() and line[0] != " "]


def section(text, heading):
    """The lines of one section of the text form."""
    _, _, rest = text.partition(f"\n{heading}\n")
    return re.split(r"\n\n(?=[A-Z])", rest)[0]


def flowing(text):
    return " ".join(text.split())


# ------------------------------------------------------------------------------- what is said where


def test_what_is_urgent_stands_first(probe):
    """Red flags come before the conclusion, and that before ranking, reasons and plan."""
    shown = headings(to_text(crampdx.assess(LOW_POTASSIUM, probe), probe))
    assert shown[:5] == ["RED FLAGS", "CONCLUSION", "RANKING", "DO NOT MISS", "WHY, AND WHY NOT"]
    assert shown[-2:] == ["WHAT THIS RESTS ON", "INTENDED USE"]
    assert shown.index("ASK NEXT") < shown.index("TEST NEXT") < shown.index("PREVENTION")


def test_a_red_flag_says_how_urgent_it_is_what_to_consider_and_why(probe):
    """A red flag shows its urgency, its name, what to consider, the reason and the record."""
    shown = section(to_text(crampdx.assess(LOW_POTASSIUM, probe), probe, width=200), "RED FLAGS")
    assert "EMERGENCY Low <b>potassium</b> | *now*. Consider an electrocardiogram" in shown
    assert "needs potassium & calm. [judgement:probe (judgement)]" in shown
    assert "Record: Low potassium (measurements[0])" in shown


def test_what_a_flaw_of_the_record_leaves_open_is_to_be_clarified_first(probe):
    """A red flag that an implausible value leaves open stands under 'Clarify first'."""
    text = to_text(crampdx.assess(ALS, probe), probe, width=200)
    assert "(red flag): check Low potassium" in section(text, "CLARIFY FIRST")
    assert headings(text)[0] == "CLARIFY FIRST"


def test_a_person_outside_the_population_is_told_before_the_conclusion(rules):
    """For a child the population note comes first, and drug treatments are not assessed."""
    text = to_text(crampdx.assess({"age": 9, "findings": {"hypokalemia": True}}, rules), rules)
    assert headings(text)[0] == "NOTES"
    assert "outside the population" in section(text, "NOTES")
    assert "Not assessed for this person: Baclofen" in flowing(text)
    assert "Baclofen (medication)" not in text


def test_an_empty_record_is_answered_by_what_to_ask(rules):
    """Without findings nothing is ranked, and the answer says what to ask."""
    text = to_text(crampdx.assess({}, rules), rules)
    assert "Not enough to rank." in section(text, "CONCLUSION")
    assert "RANKING" not in headings(text)
    assert "  1. Does a muscle suddenly tighten" in section(text, "ASK NEXT")


def test_several_leading_candidates_are_named_together(rules):
    """Where more than one candidate leads, the conclusion names them all."""
    record = {**LOW_POTASSIUM, "findings": {"known_amyotrophic_lateral_sclerosis": True}}
    answer = crampdx.assess(record, rules)
    leading = [candidate.name for candidate in answer.candidates if candidate.band == "leading"]
    assert len(leading) == 2
    assert f"{leading[0]} and {leading[1]} lead;" in flowing(to_text(answer, rules))


@pytest.mark.parametrize("record", [ALS, LOW_POTASSIUM])
def test_the_weights_that_are_shown_add_up_to_the_score(record, probe):
    """Pretest and the lines that count, as shown, are the score that is shown."""
    text = to_text(crampdx.assess(record, probe), probe, width=200).replace(MINUS, "-")
    first = re.split(r"\n  \d+\. ", section(text, "WHY, AND WHY NOT"))[1]
    score = re.search(r"· ([+-]?\d+) dB ·", first)
    counted = re.findall(r"^ +([+-]?\d+) dB ", first, re.MULTILINE)
    assert sum(map(int, counted)) == int(score[1])


def test_a_line_that_does_not_count_is_marked(rules):
    """A line that a stronger one of its cluster replaces is in brackets, and says why."""
    shown = section(to_text(crampdx.assess(ALS, rules), rules, width=200), "WHY, AND WHY NOT")
    assert re.search(r"\(\+\d+ dB\) .*\n.*Record: .*\n +Not counted: a stronger line", shown)


def test_what_speaks_against_is_said(rules):
    """An opposing line that is true stands below the candidate, with its negative weight."""
    shown = section(to_text(crampdx.assess(ALS, rules), rules, width=200), "WHY, AND WHY NOT")
    assert re.search(rf"{MINUS}\d+ dB Against: ", shown)


def test_the_share_is_never_called_a_probability(probe):
    """The share is a share of odds; the word probability stands only where it is denied."""
    for record in RECORDS:
        text = flowing(to_text(crampdx.assess(record, probe), probe))
        for found in re.finditer(r"\S+ \S*probabilit", text):
            assert found[0].startswith(("a ", "no ")), found[0]
    assert "share of odds" in to_text(crampdx.assess(ALS, probe), probe)


def test_a_measured_ratio_says_so_and_words_are_called_judgement(probe):
    """A line with a measured likelihood ratio shows it; the legend tells what words are."""
    text = flowing(to_text(crampdx.assess(LOW_POTASSIUM, probe), probe))
    assert "+9 dB A measured line for tests. Measured likelihood ratio 7.3. [trial2020]" in text
    assert "Strengths that the rules give as words are judgement" in text


def test_every_source_that_is_cited_is_listed_in_full(probe):
    """The sources stand at the end with title, citation and DOI; judgement is called so."""
    text = to_text(crampdx.assess(LOW_POTASSIUM, probe), probe, width=200)
    shown = section(text, "SOURCES")
    assert "trial2020 (publication): A <i>trial</i> | of *cramps*. Someone S. Journal" in shown
    assert "doi:10.1000/xyz" in shown
    cited = set(re.findall(r"article:[a-z.]+[a-z]", text.partition("\nSOURCES\n")[0]))
    assert cited == set(re.findall(r"• (article:[a-z.]+[a-z])", shown))


def test_cautions_say_whether_they_apply_or_are_to_be_checked(probe):
    """A caution that is true applies; one that is unknown is to be checked before."""
    text = flowing(section(to_text(crampdx.assess(ALS, probe), probe), "TREATMENTS TO CONSIDER"))
    assert "Applies, avoid: A test caution on numbness. [trial2020]" in text
    assert "Check before (monitor): A test caution on vomiting." in text
    assert "Not known: Vomiting" in text


def test_no_cautions_are_not_shown_as_safe(rules):
    """Where no caution stands the text says that this proves nothing, and what was not read."""
    text = flowing(section(to_text(crampdx.assess(ALS, rules), rules), "TREATMENTS TO CONSIDER"))
    assert "this does not establish safety" in text
    assert "Interactions not checked: 2 medicines unread." in text


def test_warnings_stand_with_their_place_and_what_was_not_used_is_counted(rules):
    """A value that cannot be read is named with its place; unused entries are counted."""
    text = to_text(crampdx.assess(ALS, rules), rules, width=200)
    shown = section(text, "UNREAD OR UNCERTAIN ENTRIES")
    assert re.search(r"warning measurements\[0\]: .*\(Low potassium\)", shown)
    shown = section(text, "UNUSED ENTRIES OF THE RECORD")
    assert "2 outside the vocabulary (medications[0], medications[1])" in shown


def test_findings_are_shown_by_their_names(rules):
    """No id of a finding or a cause is shown where it has a name."""
    text = to_text(crampdx.assess(ALS, rules), rules, width=400)
    words = set(re.findall(r"[a-z]+(?:_[a-z]+)+", text))
    assert words.isdisjoint({*rules.findings, *rules.causes} - {"muscle_cramp"})


def test_the_rules_and_the_version_are_named(rules):
    """The text names packs with version and status, the digest, crampdx, and the intended use."""
    text = flowing(to_text(crampdx.assess({}, rules), rules, width=200))
    assert f"Rules: article {rules.packs[0].version} ({rules.packs[0].status})" in text
    assert f"Digest {rules.digest}" in text
    assert f"crampdx {crampdx.__version__}" in text
    assert crampdx.INTENDED_USE in text


def test_an_answer_of_the_reference_evaluator_says_so(rules):
    """A note says so where the slowest evaluator answered."""
    answer = crampdx.assess(ALS, rules).model_copy(update={"inference": "reference"})
    assert "The reference evaluator gave this answer" in section(to_text(answer, rules), "NOTES")


def test_ids_that_the_rules_do_not_know_stand_for_themselves(rules):
    """An assessment is shown even with rules that lack what it speaks of."""
    empty = crampdx.KnowledgeBase((), {}, {}, {}, {}, {}, {}, {}, {}, ())
    text = to_text(crampdx.assess(ALS, rules), empty, width=200)
    assert "Record: fasciculations (findings[1])" in text


def test_what_to_ask_and_test_says_what_each_answer_would_do(rules):
    """A question or test names the finding, for a question may ask for its opposite."""
    text = to_text(crampdx.assess(ALS, rules), rules, width=200)
    asked = section(text, "ASK NEXT").splitlines()[1:]
    assert all(re.match(r"  \d\. .*\?$", line) for line in asked[::2])
    assert all(re.match(r"     \w.*, if present: .*; if absent: ", line) for line in asked[1::2])
    shown = section(text, "TEST NEXT")
    assert re.search(r"\n     • \w.*, if present: \w.* \+\d+.*; if absent: ", shown)


# ------------------------------------------------------------------------------------- both forms


@pytest.mark.parametrize("record", RECORDS)
def test_both_forms_have_the_same_sections(record, probe):
    """Markdown has the sections of the text, in the same order."""
    answer = crampdx.assess(record, probe)
    marked = re.findall(r"^## (?:\*\*)?(.*?)(?:\*\*)?$", to_markdown(answer, probe), re.MULTILINE)
    assert [heading.upper() for heading in marked] == headings(to_text(answer, probe))


@pytest.mark.parametrize("record", RECORDS)
def test_an_assessment_from_json_is_shown_alike(record, probe):
    """What went through JSON gives the same text and the same Markdown."""
    answer = crampdx.assess(record, probe)
    again = Assessment.model_validate_json(answer.model_dump_json())
    assert to_text(again, probe) == to_text(answer, probe)
    assert to_markdown(again, probe) == to_markdown(answer, probe)


@pytest.mark.parametrize("width", [50, 63, 80, 120])
@pytest.mark.parametrize("record", RECORDS)
def test_no_line_is_longer_than_the_width(record, width, probe):
    """Text is wrapped at the width that is asked for, and has no trailing spaces."""
    for line in to_text(crampdx.assess(record, probe), probe, width=width).splitlines():
        assert len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("record", RECORDS)
def test_colors_change_nothing_but_colors(record, probe):
    """Without its ANSI codes the colored text is the plain text, which has none."""
    answer = crampdx.assess(record, probe)
    plain, colored = to_text(answer, probe), to_text(answer, probe, color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_markdown_escapes_what_rules_say(probe):
    """Markup in the text of rules is shown as text and does nothing."""
    marked = to_markdown(crampdx.assess(LOW_POTASSIUM, probe), probe)
    assert "Low &lt;b&gt;potassium&lt;/b&gt; &#124; &#42;now&#42;" in marked
    assert "an electrocardiogram &#96;now&#96;" in marked
    assert "&#91;The heart&#93;(https&#58;//heart.example) needs potassium &amp; calm" in marked
    assert "<" not in marked


# ------------------------------------------------------------------------------------- the layout


def test_control_characters_are_escaped_in_both_forms():
    """An escape sequence, a line break or a change of direction in a text does nothing."""
    blocks = [Paragraph(inline("a\x1b[31mb\u202ec", Span("d\x9be", Style.CODE)))]
    for shown in (text_of(blocks), html.unescape(markdown_of(blocks))):
        assert "\\x1b" in shown
        assert "\\u202e" in shown
        assert "\\x9b" in shown
    assert text_of([Listing((Item(inline("one\ntwo"), Span("x\r\ny")),))]) == "x y one two\n"


def test_a_word_longer_than_the_line_is_broken():
    """A long word goes on in the next line."""
    assert text_of([Paragraph(inline("x" * 110))], width=50) == "\n".join(
        ["x" * 50, "x" * 50, "x" * 10, ""]
    )


def test_a_word_may_have_several_styles():
    """Spans without a space between them stay together when lines are filled."""
    spans = inline("a " * 23, "bcd", Span("efg", Style.STRONG))
    assert text_of([Paragraph(spans)], width=50).splitlines()[1] == "bcdefg"


def test_a_no_break_space_keeps_words_together():
    """Words that belong together are not parted, and a plain space is shown between them."""
    spans = inline("a " * 23, "+10\N{NO-BREAK SPACE}dB")
    assert text_of([Paragraph(spans)], width=50).splitlines()[1] == "+10 dB"
    assert markdown_of([Paragraph(inline("+10\N{NO-BREAK SPACE}dB"))]) == "+10 dB\n"


def test_labels_stand_in_a_column():
    """Labels are set to the left or the right of a column; text is aligned after it."""
    items = (Item(inline("one"), Span("+10")), Item(inline("two"), Span("+7")))
    assert text_of([Listing(items)]) == "+10 one\n+7  two\n"
    assert text_of([Listing(items, right=True)]) == "+10 one\n +7 two\n"


def test_a_table_wraps_its_flexible_column():
    """A name too long for the table goes on below, and numbers stay in their column."""
    rows = ((inline("one two three four five six seven"), inline("7")),)
    table = Table(("name", "score " * 4), rows, right=frozenset({1}))
    lines = text_of([table], width=50).splitlines()
    assert [len(line) for line in lines[:2]] == [50, 50]
    assert lines[2:] == ["six seven"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("# no title", "&#35; no title"),
        ("- no list", "&#45; no list"),
        ("12. no list", "12&#46; no list"),
        ("a_b_ ~c~ $d$", "a_b&#95; &#126;c&#126; &#36;d&#36;"),
        ("back\\slash", "back&#92;slash"),
        ("@mention www.evil.example", "&#64;mention www&#46;evil.example"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_text_that_looks_like_markdown_is_escaped(text, marked):
    """A paragraph is never read as a heading, a list, emphasis, a formula or an entity."""
    assert markdown_of([Paragraph(inline(text))]) == marked + "\n"


def test_a_cell_keeps_its_bars_and_code_with_a_backtick_is_escaped():
    """A bar does not end a cell, and a backtick does not end a code."""
    table = Table(("a|b",), ((inline(Span("c|d", Style.CODE)),),))
    cell = "<code>c&#124;d</code>"
    assert markdown_of([table]) == f"| a&#124;b |\n| --- |\n| {cell} |\n"
    assert markdown_of([Paragraph(inline(Span("a`b", Style.CODE)))]) == "<code>a&#96;b</code>\n"


def test_headings_have_their_levels():
    """Levels are told apart in both forms."""
    blocks = [Heading(inline("One"), level) for level in (1, 2, 3)]
    assert text_of(blocks) == "One\n\nONE\n\n  One\n"
    assert markdown_of(blocks) == "# One\n\n## One\n\n### One\n"
