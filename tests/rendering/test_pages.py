"""Pages: what they say, that they are sound and safe, and that they are reached without a pointer or a sheet."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from builders import a_listing, a_paper, a_ranked, a_reason, an_edition
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markupsafe import escape
from rendering_scene import LONG, SITE, Outline, an_archive, editions, hrefs_outside

from digest.model import PRIVATE, Archive, Edition, Paper, Problem, Reason, Section, Site, Tally
from digest.rendering import render, render_index
from digest.rendering.addresses import links
from digest.rendering.entries import marked
from digest.rendering.html import front_page

SHARED = Path(__file__).parents[3] / "shared" / "material"


BESIDE = ("txt", "md", "json", "bib", "ris")
"""What an edition is published as besides: its page links to all of them."""
FEEDS = ("rss.xml", "atom.xml", "feed.json")


def pages(archive: Archive, site: Site = SITE) -> dict[str, Outline]:
    renditions = [*render(archive, site, ["html"]), front_page([archive], site)]
    return {
        rendition.path: Outline(rendition.content.decode())
        for rendition in renditions
        if rendition.media_type == "text/html"
    }


def page(edition: Edition, site: Site = SITE) -> Outline:
    archive = an_archive(edition, profile=edition.digest.profile)
    return pages(archive, site)[archive.path(edition.digest.day)]


def scene() -> dict[str, Outline]:
    return pages(an_archive(*editions()))


def test_site_has_a_page_for_each_edition_profile_and_itself() -> None:
    """A profile gets a page for each recent edition and one of its own; the front page is the site's."""
    assert set(scene()) == {
        "efficient/2026-05-26.html",
        "efficient/2026-05-25.html",
        "efficient/index.html",
        "index.html",
    }


def test_every_page_is_sound() -> None:
    """F19: language, title, description, viewport, landmarks, one h1, headings in order, a way past the head."""
    for outline in scene().values():
        tags = outline.tags()
        assert outline.elements[0] == ("html", {"lang": "en"})
        for tag in ("h1", "header", "main", "footer", "title"):
            assert tags.count(tag) == 1
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert all(later <= earlier + 1 for earlier, later in zip([0, *levels], levels, strict=False))
        assert outline.values("name") == ["viewport", "referrer", "color-scheme", "description"]
        assert ("a", {"class": "skip", "href": "#main"}) in outline.elements
        assert "main" in outline.values("id")
        assert "" not in outline.texts("h1", "h2", "h3", "a", "title", "summary")


def test_pages_ask_nobody_for_anything() -> None:
    """No font, image or sheet is fetched, and the page's own policy forbids all of them; the page that searches has
    one script, which the policy names by its hash, and may ask for files of its own site.
    """
    for path, outline in scene().items():
        searches = path == "efficient/index.html"
        assert not {"img", "iframe", "object", "base"} & set(outline.tags())
        assert [tag for tag in outline.tags() if tag in ("script", "form")] == ["form", "script"] * searches
        sheets = [a for tag, a in outline.elements if tag == "link" and a["rel"] != "alternate"]
        assert sheets == []
        policy = outline.values("content")[1].split("; ")
        allowed = [rule for rule in policy if rule.startswith(("script-src", "connect-src"))]
        assert len(allowed) == 2 * searches
        assert set(policy) - set(allowed) == {
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "base-uri 'none'",
            "form-action 'none'",
        }
        assert not re.search(r"url\(|@import", outline.texts("style")[0])


def test_policy_names_the_script_that_is_there() -> None:
    """A browser runs the script because the hash in the policy is that of the very text between its tags."""
    (page,) = [r.content for r in render(an_archive(*editions()), SITE, ["html"]) if r.path == "efficient/index.html"]
    (script,) = re.findall(rb"<script>(.*)</script>", page, re.DOTALL)
    digest = b64encode(sha256(script).digest())
    assert b"script-src 'sha256-%s'; connect-src 'self'" % digest in page


def test_feeds_are_found_from_every_page() -> None:
    """F19: each page names all three feeds for readers of feeds, relative to itself, and links them for people; the
    front page also those of everything, and the list of all feeds.
    """
    for path, outline in scene().items():
        named = {a["href"]: a["type"] for tag, a in outline.elements if tag == "link"}
        seen = {a["href"]: a.get("type") for tag, a in outline.elements if tag == "a"}
        own = FEEDS if path.startswith("efficient/") else (*FEEDS, *(f"efficient/{name}" for name in FEEDS))
        assert tuple(named) == own
        assert list(named.values()) == ["application/rss+xml", "application/atom+xml", "application/feed+json"] * (
            len(own) // 3
        )
        assert named.items() <= seen.items()
        assert ("feeds.opml" in seen) == (path == "index.html")


def test_private_profile_is_nowhere_but_in_its_folder() -> None:
    """The front page does not know it, search engines are asked not to list it, and it links up to the front page."""
    archive = an_archive(*editions())._replace(folder=f"{PRIVATE}.0123456789abcdef")
    front = front_page([archive], SITE).content.decode()
    assert "0123456789abcdef" not in front
    assert "Efficient inference" not in front
    assert "feeds.opml" not in front
    found = pages(archive)
    for path, outline in found.items():
        asked = [a for tag, a in outline.elements if tag == "meta" and a.get("name") == "robots"]
        assert asked == [] if path == "index.html" else asked == [{"name": "robots", "content": "noindex"}]
        assert path == "index.html" or "../index.html" in outline.values("href")


def test_every_link_inside_the_site_leads_to_something() -> None:
    """Relative addresses lead to published files and to ids that are there."""
    found = scene()
    files = {*found, *FEEDS, *(f"efficient/{name}" for name in FEEDS), "feeds.opml"}
    files |= {f"efficient/2026-05-{day}.{suffix}" for day in (25, 26) for suffix in BESIDE}
    for path, outline in found.items():
        for href in outline.values("href"):
            if href in hrefs_outside(outline):
                continue
            name, _, fragment = href.partition("#")
            folder = path.rpartition("/")[0]
            target = path if not name else name[3:] if name.startswith("../") else f"{folder}/{name}".lstrip("/")
            assert target in files, f"{path} links to {href}"
            if fragment:
                assert fragment in found[target].values("id")


def test_edition_says_its_day_number_and_tally() -> None:
    """The head has the site, the profile, the day written out, the number and what became of all papers."""
    outline = scene()["efficient/2026-05-26.html"]
    assert outline.texts("nav")[0] == "Paper digest Efficient inference"
    assert outline.texts("h1") == ["Tuesday, 26 May 2026"]
    assert outline.texts("p", of="dateline") == [
        "Edition 2 · 4 of 16 papers; 7 more below the threshold, 3 beyond the limit, 2 muted"
    ]


def test_paper_is_told_whole() -> None:
    """Rank, title, authors, facts, score with reasons, comments and links stand in the page in this order."""
    article = scene()["efficient/2026-05-26.html"].texts("article")[0]
    parts = [
        "1 Quantizing once: 4 < 8 & <b>bold</b>",
        "Abhijit Sinha, Łucja Wiśniewska et al.",
        "24 May 2026 · revised 25 May 2026 · version 2 · replaced · cs.LG, cs.CL",
        'Score 10.0 +3.0 "quantizing" in title +1.5 "quantization" in abstract',
        LONG,
        "Comments: 12 pages; quantization code inside",
        "arXiv:2605.00001 PDF Code Cite @misc{sinha2026quantizing-2605.00001,",
        "Listed in 2 places monday.txt:3 tuesday.txt:40",
    ]
    at = [article.index(part) for part in parts]
    assert at == sorted(at)


def test_matched_words_and_followed_authors_are_marked() -> None:
    """What earned points is marked where the reason says it stands; what cost points is not."""
    outline = scene()["efficient/2026-05-26.html"]
    assert outline.texts("mark") == [
        "Quantizing",
        "Abhijit Sinha",
        "Quantization",
        "quantization",
        "reading",
        "María José Peña",
        "Quantization",
    ]


def test_long_list_of_authors_is_folded_but_for_the_followed() -> None:
    """Six names and those that the profile follows are shown, the others one press away."""
    (line,) = [text for text in scene()["efficient/2026-05-26.html"].texts("div", of="authors") if "more" in text]
    assert line == (
        "Author 1, Author 2, Author 3, Author 4, Author 5, Author 6, María José Peña and 5 more "
        "Author 7, Author 8, Author 9, Author 10, Author 11"
    )


def test_number_of_authors_is_said_where_it_is_all_that_is_known() -> None:
    """A listing that tells only how many authors there are gives `8 authors`."""
    assert "8 authors" in scene()["efficient/2026-05-26.html"].texts("div", of="authors")


def test_headline_is_not_passed_off_as_a_title() -> None:
    """A paper without a title says that its headline comes from its abstract."""
    assert (
        scene()["efficient/2026-05-26.html"]
        .texts("p")
        .count("Headline made from the abstract; the listing gave no title.")
        == 1
    )


def test_abstracts_below_the_top_are_folded_without_a_loss() -> None:
    """From the fourth paper on a long abstract shows its first sentences; both parts together are all of it."""
    outline = scene()["efficient/2026-05-26.html"]
    fourth = outline.texts("article")[3]
    lead, rest = fourth.split(" Rest of the abstract ")
    assert lead.endswith("runs 2.4 times as fast.")
    assert LONG in f"{lead} {rest}"
    assert outline.texts("details", of="abstract") == ["Rest of the abstract " + LONG[LONG.index("Code") :]]


def test_short_abstract_is_never_folded() -> None:
    """Folding is for what is long: a rest of a line or two stays where it is."""
    papers = [a_ranked(a_paper(f"arxiv:2605.{n:05}")) for n in range(5)]
    assert "Rest of the abstract" not in page(an_edition(*papers)).texts("summary")


def test_sections_have_headings_only_where_there_are_several() -> None:
    """Papers are second-level headings; below section headings they are third-level, and ranks run on."""
    edition = an_edition()
    parts = tuple(Section(title=t, ranked=(a_ranked(a_paper(f"arxiv:2605.{t}")),)) for t in ("00001", "00002"))
    outline = page(replace(edition, digest=replace(edition.digest, sections=parts)))
    assert outline.texts("h2") == ["00001", "00002"]
    assert outline.texts("h3") == ["1 Counting papers once", "2 Counting papers once"]
    alone = page(replace(edition, digest=replace(edition.digest, sections=parts[:1])))
    assert alone.texts("h2") == ["1 Counting papers once"]


def test_quiet_edition_says_why() -> None:
    """An edition without papers has a sentence in their place, and is still an edition."""
    outline = scene()["efficient/2026-05-25.html"]
    assert outline.texts("p", of="quiet") == ["A quiet day. 4 papers were listed: 3 without a match, 1 muted."]
    assert "article" not in outline.tags()


def test_foot_says_how_a_day_ended_that_was_not_plain() -> None:
    """A day on which something could not be read, or nothing was shown, is told in the foot; a plain one is not."""
    (said,) = [one for one in scene()["efficient/2026-05-26.html"].texts("p") if one.startswith("How this day ended")]
    missing = "1 source and 1 listing could not be read, so papers may be missing"
    assert said == f"How this day ended: delivered, 4 of 16 papers; {missing}."
    assert "How this day ended" not in str(page(an_edition(a_ranked())).texts("p"))
    stale = an_edition(verdict="source stale")
    assert "How this day ended: source stale, nothing new has come for days." in page(stale).texts("p")


def test_profile_says_why_its_newest_edition_shows_nothing() -> None:
    """Who looks at the profile's page on a day without papers reads there what kind of day it is."""
    archive = an_archive(an_edition(verdict="source failed"))
    (index,) = [one for one in render(archive, Site()) if one.path.endswith("index.html")]
    assert "Read the edition: no papers (source failed)" in Outline(index.content.decode()).texts("a")


def test_editions_lead_to_their_neighbours() -> None:
    """The page of a day links the edition before it and the one after it, where there are such."""
    found = scene()
    assert found["efficient/2026-05-26.html"].texts("nav")[1] == "← 25 May 2026"
    assert found["efficient/2026-05-25.html"].texts("nav")[1] == "26 May 2026 →"


def test_edition_links_to_its_other_formats() -> None:
    """In the foot stand the same edition as text and as data, and its citations."""
    outline = scene()["efficient/2026-05-26.html"]
    assert outline.texts("p", of="row")[0] == "This edition as: text Markdown JSON BibTeX RIS"
    assert [h for h in outline.values("href") if h.startswith("2026-05-26.")] == [f"2026-05-26.{s}" for s in BESIDE]


def test_end_of_an_edition_says_what_else_matched() -> None:
    """Who reads to the end learns that there is more, and why it is not here."""
    assert scene()["efficient/2026-05-26.html"].texts("p", of="more") == [
        "10 more papers matched: 7 below the threshold and 3 beyond the limit."
    ]
    one = page(an_edition(a_ranked(), tally=Tally(shown=1, below_threshold=1)))
    assert one.texts("p", of="more") == ["1 more paper matched, below the threshold."]
    assert page(an_edition(a_ranked(), tally=Tally(shown=1, unmatched=9))).texts("p", of="more") == []


def test_problems_of_the_run_are_in_the_foot() -> None:
    """What could not be read is counted and named."""
    assert scene()["efficient/2026-05-26.html"].texts("details")[-1] == (
        "1 source and 1 listing could not be read monday.txt:7: an abstract without authors old.txt: is empty"
    )


def test_profile_page_teases_the_newest_edition_and_lists_all() -> None:
    """The newest edition comes first with its best papers, then the search, the editions before it, and a calendar."""
    outline = scene()["efficient/index.html"]
    assert outline.texts("h1", "h2", "h3") == [
        "Efficient inference",
        "Newest edition Tuesday, 26 May 2026",
        "Search",
        "Earlier editions",
        "All editions",
        "2026",
    ]
    assert outline.texts("li")[-1] == "25 May 2026 no papers"
    assert outline.texts("caption") == ["May 2026"]


def test_profile_without_editions_says_so_and_links_no_feed() -> None:
    """Before the first edition there is nothing to subscribe to, and no page pretends there is."""
    found = pages(an_archive())
    assert set(found) == {"efficient/index.html", "index.html"}
    for outline in found.values():
        assert "alternate" not in outline.values("rel")
        assert outline.texts("p", of="quiet")[0].startswith("No edition yet.")


def test_front_page_of_an_empty_site_says_so() -> None:
    """A site without profiles still has a page."""
    outline = Outline(render_index([], Site())[0].content.decode())
    assert outline.texts("p", of="quiet") == ["No profile is published here."]


def test_note_is_on_every_page() -> None:
    """The operator's words stand on the front page, on each profile's and at the end of each edition."""
    for outline in scene().values():
        assert outline.texts("section", of="note") == ["For the reading group. Ideas: tell Ana or come on Friday"]


def test_paper_without_any_address_has_a_plain_title() -> None:
    """Nothing is linked where nothing is known; the title is text."""
    paper = a_paper("text:abc", ids={}, links={"url": "javascript:alert(1)"})
    outline = page(an_edition(a_ranked(paper)), Site())
    assert hrefs_outside(outline) == []
    assert outline.texts("h2") == ["1 Counting papers once"]


# ------------------------------------------------------------------------------------------------- links


def test_links_are_given_once() -> None:
    """Mirrors, versions, `.pdf` and arXiv's own DOI are the same address; the listings' others are kept."""
    paper = a_paper(
        "arxiv:2605.00001",
        ids={"arxiv": "2605.00001", "doi": "10.48550/arXiv.2605.00001"},
        links={
            "code": "https://example.org/code",
            "pdf": "http://www.arxiv.org/pdf/2605.00001v3.pdf",
            "url": "https://export.arxiv.org/abs/2605.00001v1",
            "HTML": "https://arxiv.org/html/2605.00001v1",
            "mail": "mailto:ana@example.org",
            "bad": "ftp://example.org/",
        },
    )
    assert [tuple(link) for link in links(paper)] == [
        ("arXiv:2605.00001", "https://arxiv.org/abs/2605.00001"),
        ("PDF", "https://arxiv.org/pdf/2605.00001"),
        ("Code", "https://example.org/code"),
        ("HTML", "https://arxiv.org/html/2605.00001v1"),
        ("mail", "mailto:ana@example.org"),
    ]


def test_page_comes_before_other_links() -> None:
    """Without an arXiv id or a DOI the title opens what the listing calls the paper's page."""
    paper = a_paper("text:a", ids={}, links={"pdf": "https://example.org/a.pdf", "url": "https://example.org/a"})
    assert [link.label for link in links(paper)] == ["Page", "PDF"]


# ---------------------------------------------------------------------------------------------- hostile

VECTORS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://example.org/"><script>alert(1)</script>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "]]><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "a\x00b\x0bc\ud800d\u202ee\u2066f\ufffe",
    "\u0338<b>",
)


def hostile(vector: str, n: int = 0) -> Paper:
    listing = a_listing(file=vector, line=n)
    return a_paper(
        f"text:{n}{vector}",
        ids={"arxiv": vector, "doi": vector},
        title=vector,
        headline=vector,
        abstract=vector,
        authors=(vector,) * 10,
        comments=vector,
        categories=(vector,),
        links={"url": vector, vector: f"https://example.org/{vector}"},
        listings=(listing,),
        created=date(2026, 5, 1),
        kind="replaced",
    )


def harmless(vectors: list[str]) -> None:
    """Renders a site with each vector in every field and looks at what became markup."""
    reasons = [
        Reason(signal="keyword", term=v, place=p, points=1.0) for v in vectors[:3] for p in ("title", "abstract")
    ]
    papers = [a_ranked(hostile(v, n), *reasons) for n, v in enumerate(vectors)]
    first = vectors[0]
    edition = an_edition(*papers, title=first, problems=tuple(Problem(v, 1, v) for v in vectors))
    archive = an_archive(edition, profile="ana", title=first)
    site = Site(title=first, note="\n\n".join(vectors))
    allowed = {tag for outline in scene().values() for tag in outline.tags()} | {
        "code",
        "pre",
        "blockquote",
        "hr",
        "br",
    }
    allowed |= {"math", "mi", "mo", "mn", "mrow", "msub", "msup", "mfrac", "mspace", "mtext", "msqrt"}
    allowed |= {"b", "i", "s", "em", "strong", "sub", "sup", "h4", "h5", "h6", "dl", "dt", "dd", "del", "abbr"}
    for rendition in [*render(archive, site, ["rss", "atom", "html"]), front_page([archive], site)]:
        text = rendition.content.decode()
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", text)
        if rendition.format == "search":
            json.loads(text)
            continue
        if rendition.format != "html":
            contents = [e.text for e in etree.fromstring(rendition.content).iter("{*}content", "description")]
            assert {tag for content in contents for tag in Outline(content).tags()} <= {"p", "a"}
            continue
        outline = Outline(text)
        assert set(outline.tags()) <= allowed
        assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
        assert all(href.lower().startswith(("http://", "https://", "mailto:")) for href in hrefs_outside(outline))


def test_nothing_from_a_source_becomes_markup() -> None:
    """W08, W09: hostile text in every field stays text, in pages as in feeds."""
    harmless(list(VECTORS))
    for vector in VECTORS:
        harmless([vector])


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared lists of naughty strings are not here")
def test_known_lists_of_attacks_stay_text() -> None:
    """W08: the OWASP filter evasion sheet and the big list of naughty strings, each in every field."""
    owasp = re.findall(r"```[^\n]*\n(.*?)```", (SHARED / "xss-filter-evasion.md").read_text("utf-8"), re.DOTALL)
    naughty = json.loads((SHARED / "blns.json").read_text("utf-8"))
    assert len(owasp) > 50
    assert len(naughty) > 400
    harmless(owasp)
    harmless(naughty)


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.lists(st.text(max_size=8), max_size=3))
@settings(max_examples=200)
def test_marking_adds_marks_and_nothing_else(text: str, phrases: list[str]) -> None:
    """Without its marks a marked text is the text, escaped."""
    plain = marked(text, [])
    assert plain == escape(text)
    assert re.sub("</?mark>", "", marked(text, phrases)) == plain
    assert set(Outline(plain).tags()) == set()


def test_plural_and_phrase_are_marked() -> None:
    """Marking follows the ranking's words: plurals, hyphens and phrases."""
    assert marked("Speech-recognition & networks", ["speech recognition", "network"]) == (
        "<mark>Speech-recognition</mark> &amp; <mark>networks</mark>"
    )


# ----------------------------------------------------------------------------------------------- start-up


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    """Naming the family costs no import; Markdown and its cleaner are loaded for a note and else never."""
    program = (
        "import sys, digest.rendering, digest.delivery\n"
        "print({'feedgen', 'jinja2', 'markdown', 'nh3', 'pydantic', 'yaml'} & set(sys.modules))\n"
        "from digest.rendering import render, render_index; from digest.model import *\n"
        "a = Archive(profile='a', title='A', recent=(), days=(), folder='a')\n"
        "render(a, Site()); render_index([a], Site())\n"
        "print({'markdown', 'nh3', 'pydantic', 'yaml', 'sqlite3'} & set(sys.modules))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": root}, capture_output=True, text=True)
    assert (done.stdout.split("\n")[:2], done.stderr) == (["set()", "set()"], "")


def test_tally_of_everything_shown_is_short() -> None:
    """Where nothing was left out the head counts the papers and that is all."""
    outline = page(an_edition(a_ranked(a_paper(), a_reason()), tally=Tally(shown=1)))
    assert outline.texts("p", of="dateline") == ["Edition 1 · 1 paper"]
