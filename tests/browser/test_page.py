"""The page at `/` as a clinician uses it, in Chromium: what is entered, and what is shown."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.keys import Keys

from crampdx.service import shipped

ALS = "amyotrophic_lateral_sclerosis"
EXAMPLE = "als_cramps_and_weakness"
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "gender": "female"}},
        {
            "resource": {
                "resourceType": "Observation",
                "id": "k",
                "status": "final",
                "subject": {"reference": "Patient/p"},
                "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
                "valueQuantity": {
                    "value": 2.4,
                    "unit": "mmol/L",
                    "system": "http://unitsofmeasure.org",
                    "code": "mmol/L",
                },
            }
        },
    ],
}
PHENOPACKET = {
    "id": "x",
    "subject": {"id": "p", "sex": "MALE"},
    "phenotypicFeatures": [{"type": {"id": "HP:0002380", "label": "Fasciculations"}}],
    "metaData": {"created": "2026-01-01T00:00:00Z", "createdBy": "x", "resources": []},
}
HOSTILE = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"


# ---------------------------------------------------------------------------------------- entering


def test_a_finding_is_found_by_name_and_added_by_the_keyboard_alone(page):
    """Type, arrow, Enter: the finding is stated, and the ranking follows."""
    page.look_for("tongue twit")
    field = page.one("#finder")
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") == "option-0"
    page.press(Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    page.resolve()
    assert page.stated() == {"Twitching of the tongue": "present"}
    assert page.focus_on() == "finder"
    assert ALS in page.candidates()


def test_a_finding_is_found_by_its_synonym(page):
    """A synonym that fits is shown beside the name."""
    page.look_for("muscle twitches")
    assert "Muscle twitching (fasciculations)" in page.text("#option-0")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("leg cramps", "Cramp in a leg or foot"),
        ("potassium", "potassium"),
        ("CK", "creatine kinase"),
    ],
)
def test_what_is_typed_first_finds_what_is_meant(page, typed, first):
    """Several of a thing, the value before the medicine of its name, and initials."""
    page.look_for(typed)
    assert first.lower() in page.text("#option-0").lower()
    assert page.one("#option-0").get_attribute("class") != "medicine"


def test_a_name_that_nothing_knows_is_no_medicine_by_enter_alone(page):
    """It is offered as a medicine, and taken as one only where it is chosen."""
    page.look_for("zzyzx")
    page.press(Keys.ENTER)
    assert page.all(".entry") == []
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.resolve()
    assert len(page.all(".entry")) == 1


def test_escape_closes_the_list_and_leaves_what_was_typed(page):
    """The first Escape closes, the second empties."""
    page.look_for("cramp")
    page.press(Keys.ESCAPE)
    assert page.all("[role=option]") == []
    assert page.one("#finder").get_property("value") == "cramp"
    page.press(Keys.ESCAPE)
    assert page.one("#finder").get_property("value") == ""


def test_no_before_a_finding_states_it_absent(page):
    """`no` and a name record absence, which is shown as such."""
    page.add("no fasciculations")
    assert page.stated() == {"Muscle twitching (fasciculations)": "absent"}


def test_present_and_absent_differ_in_the_ranking(page):
    """What was present and is now absent no longer speaks for a cause."""
    page.add("twitching of the tongue")
    page.add("muscle wasting")
    before = page.candidates()
    page.click("#entry-findings-0-absent")
    page.resolve()
    assert page.stated()["Twitching of the tongue"] == "absent"
    assert page.candidates() != before


def test_a_finding_that_is_removed_is_unknown_again(page):
    """Removing leaves nothing behind, and the last change can be taken back."""
    page.add("twitching of the tongue")
    page.click("#remove-findings-0")
    page.resolve()
    assert page.all(".entry") == []
    page.click("#undo")
    page.resolve()
    assert page.stated() == {"Twitching of the tongue": "present"}


def test_a_value_is_added_with_its_unit(page):
    """After a value was chosen, the number is typed at once; another unit reads it otherwise."""
    page.add("serum potassium")
    assert page.focus_on() == "value-0"
    page.press("2.4")
    page.resolve()
    assert "hypokalemia" in page.candidates()
    units = page.texts("#unit-0 option")
    assert "mmol/L" in units
    assert len(units) > 1


def test_a_value_without_a_number_is_not_sent(page):
    """A row that is not filled in does not make the record wrong."""
    page.add("serum potassium")
    assert page.text("#problem") == ""


def test_a_medicine_is_added_by_name(page):
    """The name is read by the rules, which then know of it."""
    page.add("simvastatin")
    assert "simvastatin" in page.text("#list-medications").lower()


def test_an_unknown_medicine_is_added_as_it_is_written(page):
    """What has no match is offered as a medicine."""
    page.look_for("Zzyzxol 20 mg")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.resolve()
    assert "Zzyzxol 20 mg" in page.text("#list-medications")


def test_the_person_and_the_cramps_are_part_of_the_record(page):
    """Age, sex and the history of the cramps reach the ranking."""
    page.one("#person [name=age]").send_keys("67")
    page.click("#person [name=sex] option[value=male]")
    page.click("#complaint-present")
    page.click("#locations-calf")
    page.click("#times_of_day-night")
    page.one("#history [name=duration]").send_keys("3")
    page.resolve()
    assert "nocturnal_leg_cramps" in page.candidates()
    assert "age is not known" not in page.text("#outcome")


@pytest.mark.parametrize("typed", ["3.25", "3,25"])
def test_the_focus_stays_where_it_is_typed(page, typed):
    """An answer of the service does not take the field away from who types in it."""
    page.add("serum potassium")
    for key in typed:
        page.press(key)
        page.resolve()
    assert page.one("#value-0").get_property("value") == typed


def test_a_decimal_comma_is_a_point(page):
    """Where a comma parts whole numbers from parts, ten times the value is not read."""
    page.add("serum potassium")
    page.press("2,4")
    page.resolve()
    assert "hypokalemia" in page.candidates()
    assert "implausible" not in page.text("#outcome")


# ------------------------------------------------------------------------------------- the answer


def test_the_empty_page_asks(page):
    """Without anything entered there is no ranking, and there are questions."""
    assert page.candidates() == []
    assert "Not enough to rank" in page.text("#outcome")
    assert len(page.all(".question")) > 0


def test_a_question_is_answered_by_a_click(page):
    """The answer is entered, the question is gone, and the focus is at the next one."""
    asked = page.one(".question").get_attribute("id").removeprefix("question-")
    page.click(f"#answer-present-{asked}")
    page.resolve()
    assert list(page.stated().values()) == ["present"]
    assert page.all(f"#question-{asked}") == []
    assert page.run("return document.activeElement.closest('#questions, #results') !== null")


def test_a_question_without_an_answer_is_set_aside_and_comes_back(page):
    """Not knowing states nothing."""
    asked = page.one(".question").get_attribute("id").removeprefix("question-")
    page.click(f"#answer-unknown-{asked}")
    assert page.all(f"#question-{asked}") == []
    assert page.all(".entry") == []
    page.click("#ask-again")
    assert len(page.all(f"#question-{asked}")) == 1


def test_a_candidate_opens_to_its_reasons_and_sources(page):
    """Weights, reasons, what was observed and where, and sources with links."""
    page.load_example(EXAMPLE)
    summary = page.one(f"#summary-{ALS}")
    summary.send_keys(Keys.ENTER)
    reasons = page.one(f"#reasons-{ALS}")
    assert reasons.get_property("open") is True
    assert "A tongue that twitches at rest" in reasons.text
    assert "findings[5]" in reasons.text
    assert "+10" in page.texts(f"#reasons-{ALS} .weight")
    links = page.all(f"#reasons-{ALS} .sources a")
    assert all(link.get_attribute("href").startswith("https://") for link in links)
    assert all("noopener" in link.get_attribute("rel") for link in links)
    assert links


def test_what_is_open_stays_open_when_the_ranking_changes(page):
    """A new answer does not close what is being read."""
    page.load_example(EXAMPLE)
    page.click(f"#summary-{ALS}")
    page.add("muscle wasting")
    assert page.one(f"#reasons-{ALS}").get_property("open") is True


def test_red_flags_and_do_not_miss_come_before_the_ranking(page):
    """They are shown first, whatever leads."""
    page.load_example(EXAMPLE)
    order = page.run("return [...document.querySelector('#outcome').children].map(e => e.id)")
    assert order.index("flags") < order.index("do-not-miss") < order.index("candidates")
    assert "Pattern of a motor neuron disease" in page.text("#flags")


def test_a_do_not_miss_cause_leads_to_its_line(page):
    """The name is a button that goes to the candidate and opens it."""
    page.load_example(EXAMPLE)
    page.click("#do-not-miss button")
    assert page.focus_on() == f"summary-{ALS}"
    assert page.one(f"#reasons-{ALS}").get_property("open") is True


def test_a_missing_finding_is_looked_up_by_a_click(page):
    """What would count is one click from being entered."""
    page.load_example(EXAMPLE)
    page.click(f"#summary-{ALS}")
    page.click(f"#missing-{ALS} summary")
    page.click(f"#unknown-{ALS} button")
    assert page.focus_on() == "finder"
    assert page.one("[role=option]")


def test_treatments_show_what_speaks_against_them(page):
    """A caution to check names what is not known."""
    page.load_example(EXAMPLE)
    page.click("#treatment-baclofen summary")
    assert "check before: avoid" in page.text("#treatment-baclofen")
    assert "Not known" in page.text("#treatment-baclofen")


def test_warnings_and_what_was_not_used_are_shown(page):
    """What could not be read is said, with its place."""
    page.load_example(EXAMPLE)
    assert "findings[0]" in page.text("#warnings")
    assert "findings[10]" in page.text("#not-used")


def test_a_screen_reader_is_told_of_the_ranking(page):
    """The live region says what leads and what should not wait, without the focus moving."""
    page.load_example(EXAMPLE)
    page.wait(lambda: "Leading: 1, Amyotrophic" in page.text("#announcer"))
    assert "1 red flag" in page.text("#announcer")
    assert page.one("#announcer").get_attribute("aria-live") == "polite"


def test_a_screen_reader_is_told_what_was_entered_and_what_follows(page):
    """An entry and the ranking that follows from it are said in this order."""
    page.add("twitching of the tongue")
    page.wait(lambda: "Twitching of the tongue: present. " in page.text("#announcer"))
    page.wait(lambda: "rank" in page.text("#announcer") or "Leading" in page.text("#announcer"))


def test_the_intended_use_is_always_in_view(page):
    """The statement stands at the head, and its essence at the foot of the screen."""
    page.load_example(EXAMPLE)
    page.run("scrollTo(0, document.body.scrollHeight)")
    foot = page.one("#foot-use")
    box = page.run("return arguments[0].getBoundingClientRect().toJSON()", foot)
    assert 0 <= box["top"] < page.run("return innerHeight")
    assert "Not for emergencies" in foot.text


def test_a_late_answer_does_not_replace_a_newer_one(page):
    """Of answers that overtake each other, that of the last record stays."""
    page.run(
        """const original = window.fetch; let count = 0;
        window.fetch = async (url, options) => {
          const answer = await original(url, {...options, signal: undefined});
          if (String(url).includes('assess') && count++ === 0)
            await new Promise(done => setTimeout(done, 1200));
          return answer;
        };"""
    )
    page.run("document.querySelector('#complaint-present').click()")
    page.wait(lambda: page.run("return document.querySelector('.entry') !== null"))
    page.run("return new Promise(done => setTimeout(done, 300))")
    page.add("twitching of the tongue")
    page.run("return new Promise(done => setTimeout(done, 1500))")
    assert ALS in page.candidates()


# ------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize("name", sorted(shipped.examples()))
def test_every_example_loads(page, name):
    """Each case of the list is opened and ranked, and nothing is refused."""
    page.load_example(name)
    assert page.candidates()
    assert page.text("#problem") == ""
    assert page.complaints() == []


def test_a_fhir_bundle_is_pasted(page):
    """A bundle becomes rows that can be changed, and a ranking."""
    page.read(BUNDLE)
    assert page.one("#value-0").get_property("value") == "2.4"
    assert page.one("#person [name=sex]").get_property("value") == "female"
    assert "hypokalemia" in page.candidates()


def test_a_phenopacket_is_pasted(page):
    """Its features become findings."""
    page.read(PHENOPACKET)
    assert page.one("#person [name=sex]").get_property("value") == "male"
    assert len(page.all("#list-findings .entry")) == 1


def test_a_record_of_thousands_of_entries_is_opened(page):
    """The first rows are shown, the rest is counted, and all are assessed."""
    many = [{"code": f"X:{number}"} for number in range(4_999)]
    page.read({"findings": [*many, {"id": "tongue_fasciculations"}]})
    page.one(".candidate")
    assert len(page.all("#list-findings .entry")) == 200
    assert "And 4800 more" in page.text("#list-findings")
    assert ALS in page.candidates()


def test_a_file_is_dropped(page):
    """A document dropped anywhere is read."""
    page.run(
        """const data = new DataTransfer();
        data.items.add(new File([arguments[0]], 'x.json', {type: 'application/json'}));
        for (const type of ['dragover', 'drop'])
          document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true}));""",
        json.dumps({"age": 31, "findings": {"tongue_fasciculations": True}}),
    )
    page.wait(lambda: page.all("#list-findings .entry"))
    assert page.one("#person [name=age]").get_property("value") == "31"


def test_a_document_that_is_refused_is_explained_in_place(page):
    """The fields at fault are named in the dialog, and the record stays what it was."""
    page.add("twitching of the tongue")
    page.read({"age": -3, "findings": {"x": {"sevrity": "mild"}}})
    page.wait(lambda: "age" in page.text("#import-problem"))
    assert "severity" in page.text("#import-problem")
    page.press(Keys.ESCAPE)
    assert page.stated() == {"Twitching of the tongue": "present"}


def test_hostile_text_stays_text(page):
    """Markup in a record is shown as what it is: text."""
    entry = {"text": HOSTILE, "code": "X:1", "body_site": HOSTILE}
    page.read({"findings": [entry], "medications": [{"text": HOSTILE}]})
    page.wait(lambda: page.all("#list-findings .entry"))
    assert HOSTILE in page.text("#list-findings")
    assert HOSTILE in page.text("#list-medications")
    assert page.all("#entries img, #entries script, #outcome img") == []
    assert page.run("return window.hit") is None


def test_text_that_would_turn_others_around_is_named(page):
    """A record cannot make a sentence of the page read backwards, on screen or read aloud."""
    page.read({"medications": [{"text": "no \u202enitatsavmis\u202c \u2066here\u2069"}]})
    page.wait(lambda: page.all("#list-medications .entry"))
    assert "no [U+202E]nitatsavmis[U+202C] [U+2066]here[U+2069]" in page.text("#list-medications")
    turns = "/[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerHTML)"
    assert page.run(f"return {turns}") is False


def test_what_the_service_refuses_is_said_by_field(page):
    """An age that cannot be is named, marked, and can be corrected."""
    age = page.one("#person [name=age]")
    age.send_keys("200")
    page.resolve()
    page.wait(lambda: "age" in page.text("#problem"))
    assert age.get_attribute("aria-invalid") == "true"
    age.send_keys(Keys.BACKSPACE)
    page.resolve()
    page.wait(lambda: page.text("#problem") == "")


def test_a_service_that_is_gone_is_said_and_tried_again(page):
    """Offline, what was entered stays; back online, it is assessed."""
    conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.browser.execute_cdp_cmd("Network.enable", {})
    emulate = "Network.emulateNetworkConditions"
    page.browser.execute_cdp_cmd(emulate, {**conditions, "offline": True})
    page.run("document.querySelector('#complaint-present').click()")
    page.wait(lambda: "kept in this page" in page.text("#problem"))
    page.browser.execute_cdp_cmd(emulate, {**conditions, "offline": False})
    page.wait(lambda: page.text("#problem") == "")
    assert page.stated() == {"Muscle cramp": "present"}


# --------------------------------------------------------------------------------------- privacy


def test_a_link_holds_the_record_and_the_server_never_sees_it(page, service):
    """The record comes back from the fragment, which is in no request's head."""
    page.load_example(EXAMPLE)
    before = page.candidates()
    page.click("[data-action=open-share]")
    page.wait(lambda: page.one("#share-link").get_property("value"))
    assert "Whoever has this link has the data" in page.text("#share-dialog")
    link = page.one("#share-link").get_property("value")
    fragment = link.partition("#")[2]
    service.recorder.heads.clear()
    page.open(f"#{fragment}")
    page.one(".candidate")
    assert page.candidates() == before
    assert "#" not in page.browser.current_url
    heads = "".join(service.recorder.heads)
    assert fragment.removeprefix("record=")[:20] not in heads
    assert "record=" not in heads
    assert "HP:0" not in heads


@pytest.mark.parametrize(
    "fragment", ["#record=", "#record=%%%", "#record=AAAA", "#record=" + "A" * 999]
)
def test_a_link_without_a_record_is_refused_in_words(page, fragment):
    """The page says so and works on."""
    page.open(fragment)
    page.wait(lambda: "holds no record" in page.text("#problem"))
    page.add("twitching of the tongue")
    assert ALS in page.candidates()


def test_a_link_that_unfolds_without_end_is_refused(page):
    """What a link holds is bounded while it unfolds."""
    link = page.browser.execute_async_script(
        """const done = arguments[0];
        const bytes = new Uint8Array(60_000_000);
        const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
        new Response(packed).arrayBuffer().then(buffer => {
          let text = '';
          for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
          done('#record=' + btoa(text).replaceAll('+', '-').replaceAll('/', '_'));
        });"""
    )
    page.run("location.hash = arguments[0]", link)
    page.wait(lambda: "holds no record" in page.text("#problem"))


def test_nothing_is_kept_in_the_browser(page):
    """No storage and no cookie holds anything after a record was entered."""
    page.load_example(EXAMPLE)
    kept = page.run("return [localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]


def test_only_the_service_is_asked_and_nothing_fails(page):
    """No request leaves for another origin, and the console stays empty."""
    page.load_example(EXAMPLE)
    page.add("muscle wasting")
    assert page.asked_of_others() == set()
    assert page.complaints() == []


def test_a_new_record_forgets_the_old_one(page):
    """After 'New' nothing of the patient is shown."""
    page.load_example(EXAMPLE)
    page.click("#clear")
    page.resolve()
    page.wait(lambda: page.candidates() == [])
    assert page.all(".entry") == []
    assert page.one("#person [name=age]").get_property("value") == ""
