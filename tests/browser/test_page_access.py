"""The page for everyone: light and dark, narrow, printed, by keyboard, and as axe-core sees it."""

from __future__ import annotations

import base64

import pytest
from selenium.webdriver.common.keys import Keys

EXAMPLE = "als_cramps_and_weakness"
ALS = "amyotrophic_lateral_sclerosis"


def with_results(page):
    page.load_example(EXAMPLE)
    page.run("document.querySelectorAll('#outcome details').forEach(each => each.open = true)")


def with_list(page):
    page.look_for("no weakness")


def with_problem(page):
    page.one("#person [name=age]").send_keys("200")
    page.wait(lambda: "age" in page.text("#problem"))


def with_values(page):
    page.add("serum potassium")
    page.press("2.4")
    page.add("simvastatin")


STATES = {
    "empty": lambda page: None,
    "results": with_results,
    "list": with_list,
    "values": with_values,
    "problem": with_problem,
    "import": lambda page: page.click("[data-action=open-import]"),
    "share": lambda page: page.click("[data-action=open-share]"),
}


@pytest.mark.parametrize("width", [360, 1360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_no_violation(page, state, scheme, width):
    """WCAG 2.2 A and AA and best practice, in every main state."""
    page.screen(width)
    page.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    STATES[state](page)
    page.resolve()
    assert page.violations() == []


@pytest.mark.parametrize("state", STATES)
def test_a_telephone_needs_no_sideways_scroll(page, state):
    """At 360 pixels nothing is wider than the screen, or reaches into its margin of 16."""
    page.screen(360, 740)
    STATES[state](page)
    page.resolve()
    assert page.run("return document.documentElement.scrollWidth") <= 360
    beyond = page.run(
        "return [...document.querySelectorAll('main *')].filter(e => e.checkVisibility()"
        " && e.getBoundingClientRect().right > 345 && !e.closest('svg, .unseen')"
        " && !e.matches('.unseen')).map(e => e.outerHTML.slice(0, 80))"
    )
    assert beyond == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_readers_preference(page, scheme):
    """Who prefers a dark screen gets one."""
    page.emulate(prefers_color_scheme=scheme)
    color = page.run("return getComputedStyle(document.body).backgroundColor")
    levels = [int(level) for level in color[4:-1].split(",")]
    assert (sum(levels) < 3 * 128) == (scheme == "dark")


def test_a_telephone_leads_to_the_differential(page):
    """The foot of a small screen says what leads, and goes there."""
    page.screen(360, 740)
    page.load_example(EXAMPLE)
    page.wait(lambda: "1 red flag" in page.text("#jump"))
    page.click("#jump")
    assert page.focus_on() == "results"


def test_the_first_tab_skips_to_the_differential(page):
    """The skip link is first, seen when focused, and works."""
    page.run("document.activeElement.blur()")
    page.press(Keys.TAB)
    assert page.run("return document.activeElement.className") == "skip"
    page.press(Keys.ENTER)
    assert page.focus_on() == "results"


def test_everything_that_is_focused_shows_it(page):
    """Each control that the Tab key reaches has a visible outline."""
    page.load_example(EXAMPLE)
    page.run("document.querySelector('.skip').focus()")
    for _ in range(60):
        page.press(Keys.TAB)
        outline = page.run(
            "const e = document.activeElement;"
            "const shown = e.type === 'checkbox' ? e.nextElementSibling : e;"
            "return e === document.body || getComputedStyle(shown).outlineStyle"
        )
        assert outline in (True, "solid", "auto"), page.run(
            "return document.activeElement.outerHTML"
        )


def test_the_dialog_gives_the_focus_back(page):
    """After Escape the focus is on the button that opened the dialog."""
    page.run("document.querySelector('[data-action=open-import]').focus()")
    page.press(Keys.ENTER)
    assert page.focus_on() == "import-text"
    page.press(Keys.ESCAPE)
    assert page.run("return document.activeElement.dataset.action") == "open-import"


def test_less_motion_is_none(page):
    """Who asked for less motion sees no candidate move."""
    page.run(
        "window.moves = 0; const original = Element.prototype.animate;"
        "Element.prototype.animate = function (...given) {"
        " window.moves++; return original.apply(this, given); }"
    )
    page.load_example(EXAMPLE)
    page.add("muscle wasting")
    assert page.run("return window.moves") == 0


def test_what_is_printed_is_the_record_and_the_reasons(page):
    """Controls are gone, the intended use stays, the reasons are unfolded for the print alone."""
    page.load_example(EXAMPLE)
    page.emulate("print")
    hidden = page.run(
        "return ['.toolbar', '#finder', '.foot', '.answers', '.remove'].filter("
        "s => document.querySelector(s).checkVisibility())"
    )
    shown = page.run(
        "return ['#intended', '#flags', '#candidates', '.entry'].filter("
        "s => !document.querySelector(s).checkVisibility())"
    )
    assert (hidden, shown) == ([], [])
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.one(f"#reasons-{ALS}").get_property("open") is True
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.one(f"#reasons-{ALS}").get_property("open") is False


def test_the_print_is_a_document(page):
    """Chromium makes a PDF of it."""
    page.load_example(EXAMPLE)
    printed = page.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
