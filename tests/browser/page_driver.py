"""The page in a browser, and what a person does with it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import threading
import time
from importlib.resources import files

import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 20
"""Seconds to wait for what the page does by itself."""

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Recorder:
    """An application that notes the head of every request, and passes it on."""

    def __init__(self, app):
        self.app = app
        self.heads = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            head = (scope["method"], scope["raw_path"], scope["query_string"], scope["headers"])
            self.heads.append(repr(head))
        await self.app(scope, receive, send)


class Served:
    """An application on a port of this machine, in a thread."""

    def __init__(self, app):
        self.recorder = Recorder(app)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        config = uvicorn.Config(self.recorder, log_config=None, access_log=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))

    def __enter__(self):
        self.thread.start()
        until = time.monotonic() + PATIENCE
        while not self.server.started:
            assert time.monotonic() < until, "the service does not start"
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


def program(name):
    found = shutil.which(name)
    assert found, f"no {name}: apt-get install chromium chromium-driver"
    return found


def chromium():
    """Chromium without a window, which resolves no name but its own machine's."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    for argument in (
        "--headless=new",
        "--window-size=1360,1000",
        "--disable-dev-shm-usage",
        "--lang=en-US",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    if os.geteuid() == 0:  # Chromium has no sandbox for root
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(program("chromedriver")))


class Page:
    """The page, opened afresh."""

    def __init__(self, browser, served):
        self.browser = browser
        self.served = served
        self.address = served.address

    # ------------------------------------------------------------------------------- looking

    def wait(self, condition):
        return WebDriverWait(self.browser, PATIENCE).until(lambda _: condition())

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.wait(lambda: next(iter(self.all(selector)), None))

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def texts(self, selector):
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector
        )

    def focus_on(self):
        return self.run("return document.activeElement.id")

    def candidates(self):
        """The causes in rank order."""
        return [
            name.removeprefix("candidate-")
            for name in self.run(
                "return [...document.querySelectorAll('.candidate')].map(e => e.id)"
            )
        ]

    def total(self, cause):
        return self.text(f"#candidate-{cause} .total")

    def stated(self):
        """The rows of findings, each with what is said of it."""
        return dict(
            self.run(
                "return [...document.querySelectorAll('#list-findings .entry')].map(row => ["
                "row.querySelector('.entry-name').firstChild.textContent,"
                "row.querySelector('[aria-pressed=true]').textContent])"
            )
        )

    # ------------------------------------------------------------------------------- doing

    def open(self, fragment=""):
        self.browser.get("about:blank")
        for log in ("browser", "performance"):
            self.browser.get_log(log)
        self.browser.get(self.address + fragment)
        self.resolve()
        return self

    def resolve(self):
        """Wait until the last change is answered."""
        time.sleep(0.25)
        self.wait(
            lambda: self.run(
                "return document.querySelector('#outcome').getAttribute('aria-busy') === 'false'"
            )
        )

    def press(self, *keys):
        self.browser.switch_to.active_element.send_keys(*keys)

    def click(self, selector):
        element = self.one(selector)
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def look_for(self, typed):
        """Search, and wait for what is found."""
        self.run("document.querySelector('#finder').focus()")
        self.press(typed)
        self.one("[role=option]")

    def add(self, typed):
        """Search and take the first match, by the keyboard alone."""
        self.look_for(typed)
        self.press(Keys.ENTER)
        self.resolve()

    def read(self, document):
        """Paste a document and have it read."""
        text = document if isinstance(document, str) else json.dumps(document)
        self.click("[data-action=open-import]")
        self.run("document.querySelector('#import-text').value = arguments[0]", text)
        self.click("[data-action=import]")
        self.resolve()

    def load_example(self, name):
        self.one(f"#examples option[value={name}]")
        self.click(f"#examples option[value={name}]")
        self.resolve()
        self.one(".candidate")

    # ------------------------------------------------------------------------------- showing

    def screen(self, width, height=900):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def emulate(self, media="", **features):
        listed = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": listed}
        )

    def picture(self, path):
        """Write a screenshot of the whole page."""
        shot = self.browser.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True}
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def violations(self):
        """What axe-core finds wrong, as rule and place."""
        if not self.run("return 'axe' in window"):
            self.browser.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE})
        found = self.browser.execute_async_script(
            "const done = arguments[1];"
            "axe.run(document, {runOnly: arguments[0]}).then(r => done(r.violations))",
            AXE_RULES,
        )
        return [
            (fault["id"], node["target"], node.get("failureSummary", ""))
            for fault in found
            for node in fault["nodes"]
        ]

    def complaints(self):
        """What the console says of faults."""
        return [entry for entry in self.browser.get_log("browser") if entry["level"] != "INFO"]

    def asked_of_others(self):
        """Requests to any origin but this one."""
        events = (json.loads(e["message"])["message"] for e in self.browser.get_log("performance"))
        urls = {
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        }
        return {u for u in urls if not u.startswith((self.address, "data:", "blob:", "about:"))}
