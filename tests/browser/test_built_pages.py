"""The built site as files: every link of it leads somewhere, and nothing in it points elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(__file__).resolve().parents[2] / "build" / "site"


class Page(HTMLParser):
    """The ids, the links and the loaded addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids |= {given["id"]} if given.get("id") else set()
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        elif tag == "link" and given.get("href") and given.get("rel") != "canonical":
            self.loads.add(given["href"])
        elif given.get("src"):
            self.loads.add(given["src"])


@pytest.fixture(scope="module")
def site():
    assert (SITE / "index.html").is_file(), "no site in build/site: run `make site` first"
    pages = (path for path in SITE.rglob("*.html") if path.name != "404.html")
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in pages}


def test_every_link_of_the_site_leads_somewhere(site):
    """Each link to a page, an anchor, a picture or a file of the site has its target there."""
    broken = []
    for path, page in site.items():
        for link in page.links | page.loads:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            known = site[target].ids if target in site else set()
            if not target.is_file() or (anchor and anchor not in known):
                broken.append(f"{path.relative_to(SITE)}: {link}")
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(site):
    """Styles, scripts, pictures and fonts all come with the site."""
    addresses = {address for page in site.values() for address in page.loads}
    assert {address for address in addresses if urlsplit(address).netloc} == set()


def test_only_web_addresses_and_the_site_itself_are_linked(site):
    """No link runs a script or opens another program."""
    schemes = {urlsplit(link).scheme for page in site.values() for link in page.links}
    assert schemes <= {"", "http", "https"}
