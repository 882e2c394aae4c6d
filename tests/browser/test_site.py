"""The documentation site as a reader gets it: served, opened in Chromium, searched, followed."""

import functools
import json
import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

SITE = Path(__file__).resolve().parents[2] / "build" / "site"
CAUSE = "Amyotrophic lateral sclerosis"
CAUSE_PAGE = "reference/causes/amyotrophic_lateral_sclerosis.html"
SOURCE = "source:article:als.overview"
PAGES = (
    "index.html",
    "docs/quick-start.html",
    "reference/index.html",
    CAUSE_PAGE,
    "reference/matrix.html",
    "reference/bibliography.html",
    "reference/transparency.html",
)
PATIENCE = 30
"""Seconds to wait for what the browser does by itself."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address():
    """The address of the site, served on this machine alone."""
    assert (SITE / "index.html").is_file(), "no site in build/site: run `make site` first"
    handler = functools.partial(Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def program(name):
    found = shutil.which(name)
    assert found, f"no {name}: apt-get install chromium chromium-driver"
    return found


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window, which resolves no name but its own machine's."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    options.add_argument("--headless=new")
    options.add_argument("--window-size=1280,1000")
    options.add_argument("--disable-dev-shm-usage")
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    if os.geteuid() == 0:  # Chromium has no sandbox for root
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def reader(browser):
    """The browser, its logs empty."""
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    return browser


def wait(browser, condition):
    return WebDriverWait(browser, PATIENCE).until(condition)


def requested(browser):
    """All addresses that were asked for since the logs were read last."""
    events = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }


def assert_quiet_and_local(browser, address):
    """Nothing went wrong in the console, and nothing was asked of another machine."""
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
    asked = {url for url in requested(browser) if not url.startswith(("data:", "blob:", "about:"))}
    assert asked
    assert {url for url in asked if not url.startswith(address)} == set()


def search_box(browser):
    """The search opens in a shadow tree of its own; that tree."""
    hosts = browser.execute_script(
        "return [...document.querySelectorAll('*')].filter(e => e.shadowRoot?.querySelector"
        "('input[role=combobox]'))"
    )
    return hosts[0].shadow_root if hosts else None


def results(browser):
    """The results of the search: their titles and links."""
    options = search_box(browser).find_elements(By.CSS_SELECTOR, "a[role=option]")
    return [(option.find_element(By.CSS_SELECTOR, "h2").text, option) for option in options]


def test_a_reader_finds_a_cause_and_follows_it_to_its_source(reader, address):
    """Search by name leads to the page of a cause, and from there a link to the cited source."""
    reader.get(address)
    wait(reader, lambda b: b.find_element(By.CSS_SELECTOR, ".md-search__button")).click()
    box = wait(reader, search_box)
    box.find_element(By.CSS_SELECTOR, "input[role=combobox]").send_keys(CAUSE)

    def the_cause(browser):
        return next((a for title, a in results(browser) if title == CAUSE), None)

    wait(reader, the_cause).click()
    wait(reader, lambda b: urlsplit(b.current_url).path == f"/{CAUSE_PAGE}")
    assert reader.find_element(By.TAG_NAME, "h1").text.startswith(CAUSE)

    links = reader.find_elements(By.CSS_SELECTOR, f"td a[href$='#{SOURCE}']")
    reader.execute_script("arguments[0].scrollIntoView({block: 'center'})", links[0])
    links[0].click()
    wait(reader, lambda b: urlsplit(b.current_url).path == "/reference/bibliography.html")
    assert unquote(urlsplit(reader.current_url).fragment) == SOURCE
    entry = reader.find_element(By.ID, SOURCE).find_element(By.XPATH, "./ancestor::li")
    assert "ALS" in entry.text
    assert_quiet_and_local(reader, address)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_errors_and_loads_nothing_from_elsewhere(reader, address, page):
    """A page works without a network, and its console stays empty."""
    reader.get(address + page)
    assert reader.find_element(By.TAG_NAME, "h1").text
    assert_quiet_and_local(reader, address)


def test_the_picture_of_a_cause_is_shown(reader, address):
    """The picture is loaded, and has words for those who do not see it."""
    reader.get(address + CAUSE_PAGE)
    picture = reader.find_element(By.CSS_SELECTOR, ".picture img")
    wait(reader, lambda b: b.execute_script("return arguments[0].naturalWidth", picture) > 0)
    assert CAUSE in picture.get_attribute("alt")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", [CAUSE_PAGE, "reference/matrix.html", "reference/index.html"])
def test_a_page_is_no_wider_than_the_screen(reader, address, page, width):
    """What is wide scrolls inside of the page, also on a phone."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    reader.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    reader.get(address + page)
    shown = reader.execute_script("return document.documentElement.scrollWidth")
    reader.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert shown <= width


@pytest.mark.parametrize("preference", ["light", "dark"])
def test_the_page_follows_the_readers_preference(reader, address, preference):
    """Who prefers a dark screen gets one, without asking for it."""
    feature = {"name": "prefers-color-scheme", "value": preference}
    reader.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    reader.get(address + CAUSE_PAGE)
    script = "return getComputedStyle(document.body).backgroundColor"
    levels = [int(level) for level in reader.execute_script(script)[4:-1].split(",")]
    reader.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert (sum(levels) < 3 * 128) == (preference == "dark")
