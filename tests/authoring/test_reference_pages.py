"""The pages of the knowledge base: complete, linked, harmless; and the folder they are in."""

import html
import json
import posixpath
import re
import xml.etree.ElementTree as ElementTree
from functools import partial
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from packs import CITED, cause, findings, load, pack_yaml, write_pack

from crampdx import KnowledgeBase
from crampdx.authoring.reference_pages import pages
from crampdx.authoring.reference_pages.folder import MANIFEST, ForeignFiles, write_pages
from crampdx.authoring.reference_pages.picture import SHOWN, Association, Picture
from crampdx.errors import printable
from crampdx.outputs import markdown
from crampdx.outputs.labels import MINUS

COMMON_MARK = MarkdownIt("commonmark").enable("table")
NASTY = (
    'a|b `c` *d* _e_ <script>alert(1)</script> [f](javascript:alert(2)) ![g](x) &lt; "h" {.i} ~~j~~'
)


@pytest.fixture(scope="module")
def article():
    return KnowledgeBase.load("article")


@pytest.fixture(scope="module")
def written(article):
    return pages(article)


# ------------------------------------------------------------------------------------ reading them


class Page(HTMLParser):
    """What a page shows once it is rendered: its tags, anchors, links, images and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.anchors, self.links, self.images, self.words = set(), set(), [], [], []
        self.feed(COMMON_MARK.render(text))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.anchors |= {given["id"]} if "id" in given else set()
        self.links += [given["href"]] if "href" in given else []
        self.images += [given["src"]] if "src" in given else []
        assert not {name for name in given if name.startswith("on")}

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def shown(written):
    return rendered(written)


def rendered(written):
    return {path: Page(text) for path, text in written.items() if path.endswith(".md")}


def broken_links(written, shown):
    """Each link and image that leads to no page, no file or no anchor of these."""
    for path, page in shown.items():
        for link in (*page.links, *page.images):
            if link.startswith(("https://", "http://")):
                continue
            name, _, anchor = unquote(link).partition("#")
            folder = posixpath.dirname(path)
            target = posixpath.normpath(posixpath.join(folder, name)) if name else path
            if target not in written or (anchor and anchor not in shown[target].anchors):
                yield path, link


def rows_of(text):
    """The cells of each row of the tables of a page, as Markdown."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line[2:-2].split(" | ") for line in lines]


# ----------------------------------------------------------------------------- what they are about


def test_the_same_rules_give_the_same_bytes(article, written):
    """Pages depend on what the rules say alone."""
    assert pages(KnowledgeBase.load("article")) == written


def test_each_cause_and_each_finding_has_a_page(article, written):
    """No cause and no finding is left out, nor the picture of a cause."""
    wanted = {f"causes/{name}.{form}" for name in article.causes for form in ("md", "svg")}
    wanted |= {f"findings/{name}.md" for name in article.findings}
    assert wanted <= written.keys()


def test_every_link_and_anchor_leads_somewhere(written, shown):
    """Pages can be walked from link to link without a dead end."""
    assert list(broken_links(written, shown)) == []


def test_every_page_is_reached_from_the_overview(written, shown):
    """A reader who starts at index.md finds every page and picture."""
    reached, waiting = set(), ["index.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for link in (*shown[path].links, *shown[path].images) if path in shown else ():
            if not link.startswith("http") and not link.startswith("#"):
                name = unquote(link).partition("#")[0]
                waiting.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), name)))
    assert reached == written.keys()


def test_the_page_of_a_cause_has_every_line_with_weight_reason_and_sources(article, written):
    """Each line of evidence of a cause stands on its page, and can be linked to."""
    for name, known in article.causes.items():
        page = Page(written[f"causes/{name}.md"])
        for line in known.evidence:
            assert f"evidence:{line.id}" in page.anchors
            assert " ".join(line.because.split()) in page.text
            assert all(
                f"../bibliography.md#source:{source}" in page.links for source in line.sources
            )


def test_the_page_of_a_cause_has_its_tests_and_treatments(written):
    """What would tell, and what could be done, is linked from the page of a cause."""
    links = Page(written["causes/amyotrophic_lateral_sclerosis.md"]).links
    assert "../tests.md#test:electromyography" in links
    assert "../treatments.md#treatment:baclofen" in links


def test_the_page_of_a_finding_has_all_its_codes(article, written):
    """No code of a finding is left out, however many there are."""
    for row in article.codes:
        if row.concept_kind == "finding":
            assert row.code in written[f"findings/{row.concept}.md"]


def test_the_page_of_a_finding_names_what_it_speaks_for(article, written):
    """Each line that names a finding is linked from the page of the finding."""
    assert (
        "../causes/hypokalemia.md#evidence:hypokalemia.measured"
        in Page(written["findings/hypokalemia.md"]).links
    )


def test_a_caution_stands_with_its_treatment(tmp_path):
    """What speaks against a treatment is on its page, with level and sources."""
    treatment = (
        "- {id: pill, name: Pill, kind: medication,"
        " indications: [{id: pill.use, causes: [rash], because: It helps., sources: [trial]}],"
        " cautions: [{id: pill.harm, when: itch, level: avoid, because: It harms.,"
        " sources: [trial]}]}\n"
    )
    files = {
        "findings/all.yaml": findings("itch"),
        "causes/rash.yaml": cause("rash", "id: rash.itch, when: itch, favors: weak"),
        "treatments/all.yaml": treatment,
    }
    text = Page(pages(load(tmp_path, files))["treatments.md"]).text
    assert re.search(r"avoid\s*itch\s*It harms\.", text)


def test_the_bibliography_says_where_to_find_a_source_and_what_cites_it(tmp_path):
    """A source has its identifiers as links, and links to the rules that rest on it."""
    files = {
        "findings/all.yaml": findings("itch"),
        "causes/rash.yaml": cause("rash", "id: rash.itch, when: itch, favors: weak"),
        "sources.yaml": "- {id: judgement, kind: publication, title: T, doi: 10.1000/a(b),"
        " pmid: '17', url: 'https://example.org/x?a=1&b=2'}\n",
    }
    links = Page(pages(load(tmp_path, files))["bibliography.md"]).links
    assert {
        "https://doi.org/10.1000/a%28b%29",
        "https://pubmed.ncbi.nlm.nih.gov/17/",
        "https://example.org/x?a=1&b=2",
        "causes/rash.md#evidence:rash.itch",
    } <= set(links)


# -------------------------------------------------------------------------------------- the matrix


def matrix_row(tmp_path, *lines):
    """The row of the finding `a` in the matrix of a cause with these lines of evidence."""
    files = {
        "findings/all.yaml": findings("a", "b", "c"),
        "causes/rash.yaml": cause("rash", *lines),
    }
    rows = rows_of(pages(load(tmp_path, files))["matrix.md"])
    return next(row[1] for row in rows if row[0].startswith("[a]"))


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("when: a, favors: moderate", "+7"),
        ("when: a, opposes: strong", f"{MINUS}10"),
        ("when: {absent: a}, opposes: weak", f"absent {MINUS}3"),
        ("when: {all: [a, b]}, favors: weak", "(+3)"),
        ("when: {any: [a, b]}, favors: weak", "+3"),
        ("when: {any: [{all: [a, b]}, c]}, favors: weak", "(+3)"),
        ("when: {at_least: 1, of: [a, b]}, favors: weak", "+3"),
        ("when: {at_least: 2, of: [a, b, c]}, favors: weak", "(+3)"),
        ("when: {all: [{absent: a}, b]}, favors: weak", "(absent +3)"),
    ],
)
def test_a_cell_of_the_matrix_says_weight_direction_and_condition(tmp_path, line, cell):
    """A cell tells present from absent, for from against, and alone from together."""
    assert matrix_row(tmp_path, f"id: rash.one, {line}") == cell


def test_a_cell_of_the_matrix_shows_the_strongest_line(tmp_path):
    """Of lines that say the same of a finding, the heaviest one is shown."""
    lines = (
        "id: rash.one, when: a, favors: weak, cluster: a",
        "id: rash.two, when: {any: [a, b]}, favors: strong, cluster: a",
    )
    assert matrix_row(tmp_path, *lines) == "+10"


# ------------------------------------------------------------------------------------ transparency


def test_the_transparency_sheet_has_the_thirteen_attributes_of_each_pack(article, written):
    """Nothing that the regulation asks for is left out, and no 'no' is left to be guessed."""
    rows = [row for row in rows_of(written["transparency.md"]) if row[0].isdigit()]
    assert [int(row[0]) for row in rows] == list(range(1, 14)) * len(article.packs)
    assert all(row[2] for row in rows)


def test_rules_are_counted_by_pack_and_kind_of_source(tmp_path):
    """A pack's rules are counted once for each kind of source that they cite."""
    files = {
        "findings/all.yaml": findings("a"),
        "causes/rash.yaml": cause("rash", "id: rash.a, when: a, favors: weak"),
    }
    rows = rows_of(pages(load(tmp_path, files))["transparency.md"])
    assert ["Evidence", "1"] in rows


# ---------------------------------------------------------------------------------------- pictures


def test_a_picture_is_well_formed_and_says_what_it_shows(written):
    """Every picture is XML with a title and a description, and without scripts."""
    for path, text in written.items():
        if path.endswith(".svg"):
            tree = ElementTree.fromstring(text)  # noqa: S314  # made here
            tags = [element.tag.rpartition("}")[2] for element in tree.iter()]
            assert tags[:3] == ["svg", "title", "desc"]
            assert "script" not in tags


def test_a_picture_counts_what_it_does_not_draw():
    """Where there is more than is drawn, the picture says how much."""
    many = tuple(Association(f"finding {n}", 3) for n in range(SHOWN + 4))
    assert "and 4 more" in Picture("A cause", many, (), (), ()).svg()


@given(st.text(), st.text())
def test_a_picture_holds_any_text(title, words):
    """No name breaks out of a picture, whatever is in it."""
    picture = Picture(title, (Association(words, 3),), (), (words,), ())
    tree = ElementTree.fromstring(picture.svg())  # noqa: S314  # that is what is tested
    assert {e.tag.rpartition("}")[2] for e in tree.iter()} <= {
        "svg", "title", "desc", "style", "text", "rect", "path",
    }  # fmt: skip


# ------------------------------------------------------------------------------------ hostile text


MARKUP = st.text(st.sampled_from("ab1_*`[]()<>&|~{}!#+-=:.@\"'\\/ \n\twhtps"), max_size=30)


@given(st.one_of(MARKUP, st.text(max_size=40)))
def test_text_stays_text(text):
    """Escaped text, rendered, is the text itself and nothing more."""
    shown = " ".join(text.split())
    if shown:
        made = COMMON_MARK.render(markdown.paragraph(markdown.escaped(text)))
        expected = printable(shown, len(shown))
        assert html.unescape(made) == html.unescape(f"<p>{html.escape(expected)}</p>\n")
        assert set(re.findall(r"<(\w+)", made)) == {"p"}


@given(MARKUP)
def test_a_code_stays_text(text):
    """A code of any content is shown as code and nothing else."""
    made = COMMON_MARK.render(f"x {markdown.code(text)}")
    assert set(re.findall(r"<(\w+)", made)) == {"p", "code"}


@given(st.text(max_size=40))
def test_a_link_to_the_web_leads_to_the_web(address):
    """No address becomes a link of another kind, or ends its link early."""
    page = Page(markdown.web_link("x", f"https://example.org/{address}") + " end")
    assert all(link.startswith("https://example.org/") for link in page.links)
    assert page.text == "x end"


def hostile(tmp_path):
    """A pack whose every text tries to be markup."""
    name = json.dumps(NASTY)
    short = json.dumps(NASTY[:110])
    cited = f"because: {name}, sources: [judgement]"
    files = {
        "pack.yaml": pack_yaml()
        .replace("citation: None.", f"citation: {name}")
        .replace("title: A pack for tests", f"title: {short}"),
        "sources.yaml": f"- {{id: judgement, kind: judgement, title: {name}, citation: {name}}}\n"
        f"- {{id: trial, kind: publication, title: {name},"
        " url: 'https://example.org/)](javascript:alert(3))|\"onclick=x'}\n",
        "groups.yaml": f"- {{id: common, name: {short}, about: [{{says: {name},"
        " sources: [judgement]}]}\n",
        "findings/all.yaml": f"- {{id: a, name: {short}, kind: sign, synonyms: [{short}],"
        f" ask: {name}, implies: [b], {cited}}}\n"
        f"- {{id: b, name: {short}, kind: sign, sources: [trial]}}\n"
        f"- {{id: index, name: Index, kind: sign, sources: [judgement]}}\n",
        "causes/rash.yaml": f"id: rash\nname: {short}\ngroup: common\npretest: common\n"
        f"about: [{{says: {name}, sources: [trial]}}]\n"
        f"evidence: [{{id: rash.a, when: a, favors: weak, {cited}}}]\n",
        "tests.yaml": f"- {{id: look, name: {short}, kind: other, shows: [a], {cited}}}\n",
        "treatments/all.yaml": f"- {{id: pill, name: {short}, kind: device,"
        f" indications: [{{id: pill.use, causes: [rash], {cited}}}],"
        f" cautions: [{{id: pill.harm, when: a, level: avoid, {cited}}}]}}\n",
        "prevention.yaml": f"- {{id: rest, name: {short}, causes: [rash], {cited}}}\n",
        "red_flags.yaml": f"- {{id: flag, name: {short}, urgency: soon, when: a,"
        f" consider: {name}, {cited}}}\n",
    }
    return load(tmp_path, files)


def test_a_hostile_pack_stays_text(tmp_path):
    """Nothing in a rule file becomes an element, an image, a script or a link of its own."""
    for path, page in rendered(pages(hostile(tmp_path))).items():
        assert not page.tags & {"script", "em", "del", "iframe"}, path
        assert all(not link.lower().startswith("javascript:") for link in page.links), path
        assert all(image.endswith("rash.svg") for image in page.images), path


def test_a_hostile_pack_keeps_its_tables_and_links(tmp_path):
    """A pipe adds no column, and no name breaks a link."""
    written = pages(hostile(tmp_path))
    assert list(broken_links(written, rendered(written))) == []
    for path, text in written.items():
        for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
            assert len({len(row.split(" | ")) for row in block.splitlines()}) == 1, path


# -------------------------------------------------------------------------------------- the folder


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_holds_the_pages_and_their_list(tmp_path):
    """What is written is what was given, and a list of it."""
    write_pages(tmp_path / "out", {"a.md": "A\n", "b/c.md": "C\n"})
    held = content(tmp_path / "out")
    assert held.pop(MANIFEST)
    assert held == {"a.md": "A\n", "b/c.md": "C\n"}


def test_a_page_that_is_no_longer_written_is_deleted(tmp_path):
    """Writing again leaves no page of before."""
    write_pages(tmp_path, {"a.md": "A\n", "old.md": "old\n"})
    write_pages(tmp_path, {"a.md": "new\n"})
    assert content(tmp_path).keys() == {"a.md", MANIFEST}


def test_a_foreign_file_is_not_written_beside(tmp_path):
    """A folder that others use is left as it was."""
    (tmp_path / "own.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ForeignFiles, match=r"own\.txt"):
        write_pages(tmp_path, {"a.md": "A\n"})
    assert content(tmp_path) == {"own.txt": "mine"}


def test_a_changed_page_counts_as_foreign(tmp_path):
    """What a person wrote into a page is not overwritten unasked."""
    write_pages(tmp_path, {"a.md": "A\n"})
    (tmp_path / "a.md").write_text("mine", encoding="utf-8")
    with pytest.raises(ForeignFiles, match=r"a\.md"):
        write_pages(tmp_path, {"a.md": "B\n"})


def test_force_writes_and_deletes_nothing_foreign(tmp_path):
    """With force pages are written; what is not a page stays."""
    (tmp_path / "own.txt").write_text("mine", encoding="utf-8")
    write_pages(tmp_path, {"a.md": "A\n"}, force=True)
    write_pages(tmp_path, {"b.md": "B\n"}, force=True)
    assert content(tmp_path).keys() == {"own.txt", "b.md", MANIFEST}


@pytest.mark.parametrize("link", ["a.md", "b"])
def test_nothing_is_written_through_a_link(tmp_path, link):
    """Not even force writes to where a link leads, be it a page or a folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / link).symlink_to(outside)
    with pytest.raises(ForeignFiles):
        write_pages(folder, {"a.md": "A\n", "b/c.md": "C\n"}, force=True)
    assert content(outside) == {}


@pytest.mark.parametrize("listed", ['{"../victim": "%s", "victim": 1}', "[]", "x", "[" * 9_999])
def test_a_list_that_lies_deletes_nothing(tmp_path, listed):
    """The list of what was written is believed of files inside the folder alone."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    folder = tmp_path / "out"
    folder.mkdir()
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / MANIFEST).write_text(listed.replace("%s", empty), encoding="utf-8")
    write_pages(folder, {"a.md": "A\n"})
    assert victim.exists()


# ------------------------------------------------------------------------------------- the command


@pytest.fixture
def run(crampdx_run):
    """Run `crampdx docs`."""
    return partial(crampdx_run, "docs")


def small_pack(tmp_path):
    files = {
        "findings/all.yaml": findings("a"),
        "causes/rash.yaml": cause("rash", "id: rash.a, when: a, favors: weak"),
    }
    return write_pack(tmp_path, files)


def test_the_command_writes_the_pages_of_a_pack(tmp_path, run):
    """`crampdx docs --out DIR --pack P` ends with 0 and says where to start."""
    status, out, err = run("--out", tmp_path / "out", "--pack", small_pack(tmp_path))
    assert (status, err) == (0, "")
    assert "index.md" in out
    assert (tmp_path / "out" / "causes" / "rash.md").is_file()


def test_the_command_refuses_a_folder_of_others(tmp_path, run):
    """A folder with other files ends it with 2, names them, and says what to do."""
    pack = small_pack(tmp_path)
    status, out, err = run("--out", pack, "--pack", pack)
    assert (status, out) == (2, "")
    assert "pack.yaml" in err
    assert "--force" in err


def test_the_command_refuses_a_file_as_folder(tmp_path, run):
    """Where DIR is a file, it ends with 2 and names it."""
    pack = small_pack(tmp_path)
    status, _, err = run("--out", pack / "pack.yaml", "--pack", pack)
    assert status == 2
    assert "pack.yaml" in err


def test_the_command_refuses_rules_that_do_not_load(tmp_path, run):
    """Rules with a fault end it with 1, and nothing is written."""
    pack = write_pack(tmp_path, {"findings/all.yaml": "- {id: a}\n" + CITED})
    status, _, err = run("--out", tmp_path / "out", "--pack", pack)
    assert status == 1
    assert "findings/all.yaml" in err
    assert not (tmp_path / "out").exists()
