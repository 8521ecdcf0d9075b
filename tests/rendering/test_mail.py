"""Mail: a whole message, the same for two readers, sent twice the same, never longer than programs show."""

import random
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import compat32

import pytest
from builders import a_listing, a_paper, a_ranked, a_reason, an_edition
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_scene import ANA, SENDER, letter, mail, read
from maillint import lint
from maillint.parsing import parse, quoted_printable, words
from mails import parts
from rendering_scene import LONG, SITE, Outline, editions

from digest.errors import UsageError
from digest.model import Edition, Paper, Problem, Ranked, Section, Site, Tally
from digest.rendering import wording
from digest.rendering.mail import LIMIT, Letter, Recipient, Sender, message, messages, planned
from digest.rendering.mail.quoted import quoted
from digest.text import one_line, shorten


def field(one, name: str) -> str:
    (value,) = [value for key, value in one.headers if key == name.lower()]
    return value


# ------------------------------------------------------------------------------------------------- head


def test_head_has_each_field_once() -> None:
    """E06: exactly one of each field that may stand once, and all that a list's mail needs."""
    names = [name for name, _ in mail(editions()[0]).headers]
    assert names == [
        "from", "to", "subject", "date", "message-id", "list-id", "list-unsubscribe", "list-unsubscribe-post",
        "auto-submitted", "mime-version", "content-language", "content-type",
    ]  # fmt: skip


def test_head_says_what_it_is() -> None:
    """The subject has the number of papers, the profile, the day and the first paper; the date is the edition's,
    where nobody says when it was written.
    """
    one = mail(editions()[0])
    assert field(one, "subject") == (
        "4 papers · Efficient inference · 26 May 2026: Quantizing once: 4 < 8 & <b>bold</b>"
    )
    assert field(one, "from") == "Paper digest <digest@example.org>"
    assert field(one, "to") == "Ana Říhová <ana@example.net>"
    assert field(one, "date") == "Tue, 26 May 2026 00:00:00 +0000"
    assert field(one, "list-id") == "<efficient.example.org>"
    assert field(one, "auto-submitted") == "auto-generated"
    assert field(one, "content-language") == "en"


def test_quiet_day_is_told_in_the_subject() -> None:
    """A mail without papers does not look like one with some."""
    one = mail(editions()[1])
    assert field(one, "subject") == "No papers · Efficient inference · 25 May 2026"
    assert "A quiet day. 4 papers were listed: 3 without a match, 1 muted." in one.text
    assert "A quiet day. 4 papers were listed: 3 without a match, 1 muted." in Outline(one.html).texts("p")


def test_foot_says_how_the_day_ended() -> None:
    """Both parts end in the day's verdict, on a day when all is well too: silence is never ambiguous."""
    tuesday, monday = editions()
    well = replace(tuesday, digest=replace(tuesday.digest, problems=()))
    for edition, said in (
        (well, "How this day ended: delivered, 4 of 16 papers."),
        (monday, "How this day ended: quiet day, nothing new that this profile wants."),
    ):
        one = mail(edition)
        assert f"\n{said}\n" in one.text
        assert said in Outline(one.html).texts("p")


def test_way_out_is_never_encoded() -> None:
    """E03, E04: List-Unsubscribe has both addresses as they are, each on a line of its own, however long."""
    long = Recipient("ana@example.net", "", f"https://example.org/u/{'0123456789abcdef' * 12}?a=1&b=2")
    raw = mail(editions()[0], recipient=long).raw.decode()
    assert (
        f"List-Unsubscribe: <{long.unsubscribe}>,\r\n <mailto:digest@example.org?subject=unsubscribe%20efficient>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    ) in raw


def test_one_click_is_offered_where_it_works() -> None:
    """RFC 8058 wants an https address: without one there is no List-Unsubscribe-Post, and mail is the way out."""
    raw = mail(editions()[0], recipient=Recipient("ana@example.net")).raw.decode()
    assert "List-Unsubscribe: <mailto:digest@example.org?subject=unsubscribe%20efficient>\r\n" in raw
    assert "List-Unsubscribe-Post" not in raw
    own = Recipient("ana@example.net", unsubscribe_mail="mailto:leave@example.org?subject=0f1e")
    assert (
        "List-Unsubscribe: <mailto:leave@example.org?subject=0f1e>\r\n"
        in mail(editions()[0], recipient=own).raw.decode()
    )


def test_message_id_is_a_keyed_hash() -> None:
    """E07: it differs by edition, reader and key, tells none of them, and has the sender's domain."""
    tuesday, monday = editions()
    bob, other = Recipient("bob@example.net"), SENDER._replace(key=b"another secret")
    found = [
        field(one, "message-id")
        for one in (mail(tuesday), mail(monday), mail(tuesday, recipient=bob), mail(tuesday, sender=other))
    ]
    assert len(set(found)) == 4
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one) for one in found)


def test_mail_is_the_same_every_time() -> None:
    """E07: rendered again, in another order and among others, a mail has the same bytes."""
    tuesday, monday = editions()
    some = [letter(tuesday), letter(monday), letter(tuesday, Recipient("bob@example.net"))]
    first = list(messages(some, SITE, SENDER))
    assert first == list(messages(reversed(some), SITE, SENDER))[::-1]
    assert first == [message(*one[:2], SITE, SENDER, one.recipient) for one in some]
    assert len(set(first)) == 3


HOSTILE = 'Ana\r\nBcc: eve@example.org\x00\x07\u2028\u2029\u202e\u2066\x85 "\\<eve@example.org>,'


def test_no_text_breaks_out_of_its_field() -> None:
    """E08: line breaks, controls, bidirectional marks and addresses in names stay what they are: text of a name."""
    edition = an_edition(a_ranked(a_paper(title=HOSTILE, headline=HOSTILE)), title=HOSTILE)
    one = mail(edition, replace(SITE, title=HOSTILE), SENDER._replace(name=HOSTILE), ANA._replace(name=HOSTILE))
    names = [name for name, _ in one.headers]
    assert len(names) == len(set(names)) == 12
    head = one.raw.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"[^\r\n -~]", head)
    for name in ("from", "to"):
        (address,) = one.message[name].addresses
        assert address.addr_spec == {"from": SENDER.address, "to": ANA.address}[name]
        assert address.display_name == 'Ana Bcc: eve@example.org "\\<eve@example.org>,'


@pytest.mark.parametrize(
    "address",
    ["", "ana", "ana@", "@example.org", "ana@exa mple.org", "ana@example.org\r\nBcc: eve@example.org", "a@b@c",
     "ana@-example.org", "ána@example.org", "ana,eve@example.org", "<ana@example.org>", f"{'a' * 65}@example.org"],
)  # fmt: skip
def test_half_an_address_is_refused(address: str) -> None:
    """What is no address is not mended: the mail would go to somebody else."""
    with pytest.raises(UsageError, match="is no mail address"):
        mail(editions()[0], recipient=Recipient(address))
    with pytest.raises(UsageError, match="is no mail address"):
        mail(editions()[0], sender=Sender(address))


def test_domain_beyond_ascii_is_written_as_idna() -> None:
    """A domain with other letters is written as servers know it."""
    one = mail(editions()[0], recipient=Recipient("ana@bücher.example"))
    assert field(one, "to") == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://[::1/", f"https://example.org/{'a' * 900}"])
def test_way_out_that_cannot_be_written_is_refused(address: str) -> None:
    """An address for List-Unsubscribe that no program could open is an error, not a mail without a way out."""
    with pytest.raises(UsageError, match="List-Unsubscribe"):
        mail(editions()[0], recipient=Recipient("ana@example.net", unsubscribe=address))


def test_odd_offsets_become_utc() -> None:
    """An offset with seconds, as zones had before 1900, cannot stand in a Date field."""
    issued = datetime(2026, 5, 26, tzinfo=timezone(timedelta(hours=1, seconds=17)))
    assert field(mail(replace(editions()[0], issued=issued)), "date") == "Mon, 25 May 2026 22:59:43 +0000"


# ------------------------------------------------------------------------------------------------- body


def titles(one) -> tuple[list[str], list[str]]:
    """The titles of the papers in the text and in the HTML, with their ranks."""
    in_html = [re.sub(r"^\d+ ", "", title) for title in Outline(one.html).texts("h3")]
    in_text = [
        " ".join(found.split())
        for found in re.findall(r"(?m)^ *\d+  (\S.*(?:\n    \S.*)*?)\n(?=    Score|    [^\n]*\n)", one.text)
    ]
    return in_text, in_html


def test_both_parts_have_all_papers_in_order() -> None:
    """E09: text first, then HTML; every paper's title, authors, facts, score, reasons, abstract and links in both."""
    one = mail(editions()[0])
    assert one.message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in one.message.iter_parts()] == ["text/plain", "text/html"]
    page = " ".join("".join(Outline(one.html).texts("body")).split())
    text = " ".join(one.text.split())
    for said in (text, page):
        wanted = [
            "Tuesday, 26 May 2026",
            "Edition 2 · 4 of 16 papers; 7 more below the threshold, 3 beyond the limit, 2 muted",
            "1 Quantizing once: 4 < 8 & <b>bold</b>",
            "Abhijit Sinha, Łucja Wiśniewska et al.",
            "24 May 2026 · revised 25 May 2026 · version 2 · replaced · cs.LG, cs.CL",
            "Score 10.0",
            '+3.0 "quantizing" in title',
            '+5.0 "Sinha, A." in authors',
            LONG,
            "Comments: 12 pages; quantization code inside",
            "arXiv:2605.00001",
            "2 We present a way to read less",
            "Headline made from the abstract; the listing gave no title.",
            "8 authors",
            "3 Many hands",
            "4 Old ids have a slash",
            '-1.0 "old" in title',
            "monday.txt:7: an abstract without authors",
            "This edition of Paper digest went to ana@example.net",
        ]
        at = [said.index(one) for one in wanted]
        assert at == sorted(at)
    assert "https://example.org/code?a=1&b=2" in one.text
    assert "https://example.org/code?a=1&b=2" in Outline(one.html).values("href")


def test_way_out_stands_at_the_top_and_at_the_end() -> None:
    """Whoever wants to leave need not read to the end, and a program that clips the end clips one of two."""
    one = mail(editions()[0])
    assert one.text.count(f"Unsubscribe: {ANA.unsubscribe}\n") == 2
    assert one.text.index(ANA.unsubscribe) < one.text.index("Quantizing once")
    outline = Outline(one.html)
    ways = [i for i, (tag, known) in enumerate(outline.elements) if known.get("href") == ANA.unsubscribe]
    papers = [i for i, tag in enumerate(outline.tags()) if tag == "h3"]
    assert len(ways) == 2
    assert ways[0] < papers[0]
    assert papers[-1] < ways[1]


def test_site_is_linked_where_its_address_is_known() -> None:
    """Without a base address no link leads to the page, and none to the reader's own machine."""
    one = mail(editions()[0])
    assert Outline(one.html).values("href").count("https://example.org/digest/efficient/2026-05-26.html") == 2
    alone = mail(editions()[0], replace(SITE, base_url=None))
    assert "localhost" not in alone.text + alone.html
    assert "Read in the browser" not in alone.text + alone.html


def test_preview_shows_the_next_papers() -> None:
    """An inbox shows the first paper in the subject and the next ones beside it; the preview is not seen inside."""
    outline = Outline(mail(editions()[0]).html)
    assert outline.texts("div", of="preheader") == ["We present a way to read less; Many hands; Old ids have a slash"]
    (style,) = [known["style"] for _, known in outline.elements if known.get("class") == "preheader"]
    assert "display: none" in style
    alone = mail(an_edition(a_ranked(a_paper())))
    assert Outline(alone.html).texts("div", of="preheader")[0].startswith("We measure how reading lists change")


def test_quoted_lines_hide_what_servers_take_for_theirs() -> None:
    """E01: no line of a body starts with a dot or with `From `, none is longer than 76, and all end in CRLF."""
    evil = "\n.\r\n.From here on.\r\nFrom: eve " + "." * 300 + "From " * 60 + "é" * 200 + "= =3D \x0b"
    edition = an_edition(
        *[a_ranked(a_paper(f"text:{n}", title=evil, headline=evil, abstract=evil, authors=[evil])) for n in range(3)]
    )
    one = mail(edition)
    for line in one.raw.partition(b"\r\n\r\n")[2].split(b"\r\n"):
        assert not line.startswith((b".", b"From "))
        assert len(line) <= 76
    assert "." * 60 in one.text


def test_markup_of_sources_is_text() -> None:
    """W08: whatever a source, a profile or a site says, the mail's elements are the template's own."""
    evil = "</td></table></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{ 7*7 }}"
    paper = a_paper(
        "text:1", ids={"arxiv": evil, "doi": evil}, title=evil, headline=evil, abstract=evil, authors=[evil] * 3,
        comments=evil, categories=[evil], links={evil: f"https://example.org/{evil}", "url": "javascript:alert(1)"},
        listings=(a_listing(file=evil),),
    )  # fmt: skip
    edition = an_edition(a_ranked(paper, a_reason(1.0, evil)), title=evil, problems=(Problem(evil, 1, evil),))
    one = mail(edition, replace(SITE, title=evil))
    outline = Outline(one.html)
    assert set(outline.tags()) <= set(
        "html head meta title style body div table tbody tr td p a h1 h2 h3 span br ul li em".split()
    )
    assert not [name for _, known in outline.elements for name in known if name.startswith("on")]
    assert all(re.match("https?://|mailto:", href) for href in outline.values("href"))
    assert "alert(1)" in one.text


# ------------------------------------------------------------------------------------------------- size


def big(count: int, abstract: str = LONG * 3, **known) -> Edition:
    ranked = [
        a_ranked(
            a_paper(f"arxiv:2605.{n:05}", title=f"Paper number {n}", abstract=abstract, **known),
            a_reason(float(count - n + 1)),
        )
        for n in range(1, count + 1)
    ]
    half = count // 2
    edition = an_edition(*ranked)
    sections = (Section("Top matches", tuple(ranked[:half])), Section("More matches", tuple(ranked[half:])))
    return replace(edition, digest=replace(edition.digest, sections=sections, tally=Tally(shown=count)))


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"Paper number (\d+)\n", text)]


@pytest.mark.parametrize("count", [20, 40, 60, 130, 400, 1000])
def test_long_editions_are_shortened_from_below(count: int) -> None:
    """E10: what ranks lowest is shortened first, then told by title, then left out; the mail says how many."""
    one = mail(big(count))
    assert len(one.raw) <= LIMIT
    assert len(one.html.encode()) <= LIMIT
    shown = numbers(one.text)
    assert shown == list(range(1, len(shown) + 1))
    assert [int(title.split()[-1]) for title in Outline(one.html).texts("h3")] == shown
    whole = one.text.count("The rest of the abstract")
    blocks = re.split(r"Paper number \d+\n", one.text)[1:]
    kinds = ["title" if "Models" not in b else "short" if "The rest of" in b else "whole" for b in blocks]
    assert kinds == sorted(kinds, key=["whole", "short", "title"].index)
    said = " ".join(one.text.split())
    for kind, phrase in (("short", "{} abstract{} {} shortened"), ("title", "{} paper{} {} told by title only")):
        n = kinds.count(kind)
        assert (phrase.format(n, "" if n == 1 else "s", "is" if n == 1 else "are") in said) == bool(n)
    left = count - len(shown)
    assert (f"{left:,} more papers are not in this mail" in said) == bool(left)
    assert one.text.count(ANA.unsubscribe) == 2
    assert whole == kinds.count("short")


def test_whole_mails_say_nothing_of_shortening() -> None:
    """Where all fits, all is there."""
    one = mail(big(5))
    assert "shortened" not in one.text + one.html
    assert one.text.count("what did not.") == 15


def test_a_short_mail_names_no_page_where_nothing_is_published() -> None:
    """It says what it leaves out; that all of it is somewhere, only where it is."""
    one = letter(big(130))
    raw = message(one.edition, one.archive._replace(published=()), SITE, SENDER, ANA)
    said = " ".join(read(raw).text.split())
    assert "To keep within what mail programs show, " in said
    assert "has all of it" not in said


def test_room_is_used() -> None:
    """Shortening stops as soon as the mail fits: it is nearly as long as it may be."""
    assert len(mail(big(60)).raw) > LIMIT * 0.95


@pytest.mark.parametrize(
    "edition",
    [
        an_edition(a_ranked(a_paper(abstract="word " * 200_000))),
        an_edition(a_ranked(a_paper(abstract="x" * 1_000_000, title="y" * 1_000_000))),
        an_edition(a_ranked(a_paper(authors=[f"Author Number {n}" for n in range(5_000)], abstract=LONG))),
        an_edition(a_ranked(a_paper(authors=["Ä" * 99_999] * 30, comments="é" * 300_000, categories=["c" * 99] * 999))),
        an_edition(a_ranked(a_paper(links={f"link {n}": f"https://example.org/{'é' * 2000}/{n}" for n in range(200)}))),
        an_edition(a_ranked(a_paper(), *[a_reason(1.0, f"term {n} " + "é" * 500) for n in range(300)])),
        an_edition(a_ranked(), problems=[Problem("f" * 9000, n, "é" * 9000) for n in range(900)], title="t" * 90_000),
    ],
    ids=["long abstract", "endless words", "5,000 authors", "wide", "links", "reasons", "problems"],
)  # fmt: skip
def test_nothing_makes_a_mail_too_long(edition: Edition) -> None:
    """E10: no size of any field makes a mail longer than it may be, and its one paper is still there."""
    site = replace(SITE, title="s" * 10_000, note="note *é* " * 20_000)
    one = mail(edition, site)
    assert len(one.raw) <= LIMIT
    assert len(Outline(one.html).texts("h3")) == 1


# ------------------------------------------------------------------------------------- the fast way is the plain way


def random_edition(chance: random.Random, papers: list[Paper]) -> Edition:
    ranked = []
    for paper in chance.sample(papers, chance.randint(0, len(papers))):
        reasons = [
            a_reason(chance.choice((0.25, 1.0, 2.5)), chance.choice(TEXTS), "title")
            for _ in range(chance.randint(0, 15))
        ]
        ranked.append(Ranked(paper, a_ranked(paper, *reasons).score))
    cut = chance.randint(0, len(ranked))
    sections = [Section(chance.choice(TEXTS), tuple(part)) for part in (ranked[:cut], ranked[cut:])]
    edition = an_edition(title=chance.choice(TEXTS), number=chance.randint(1, 2000))
    problems = tuple(
        Problem(chance.choice(TEXTS), n or None, chance.choice(TEXTS)) for n in range(chance.randint(0, 12))
    )
    tally = Tally(shown=len(ranked), muted=chance.randint(0, 3))
    return replace(edition, digest=replace(edition.digest, sections=tuple(sections), problems=problems, tally=tally))


TEXTS = (
    "quantization", 'with "quotes" & <angles>', "é ü ß 深度学习 " * 8, "a", "= =3D ?= =?utf-8?q?x?=", ".", "From x",
    "\u00a0nbsp\u2009thin", "\ufdd0\ufdd1\ufdef hole", "x" * 120, "e\u0301 \u200b \U0001f600",
    "two\r\nlines\u2028three", "'single' {{ x }} {% y %}", " ",
)  # fmt: skip


def random_paper(chance: random.Random, n: int) -> Paper:
    def text() -> str:
        return " ".join(chance.choice((*TEXTS, LONG)) for _ in range(chance.randint(1, 12)))

    ids = (
        {"arxiv": f"2605.{n:05}"}
        if chance.random() < 0.6
        else {"arxiv": chance.choice(TEXTS)}
        if chance.random() < 0.5
        else {}
    )
    return a_paper(
        f"text:{n}", ids=ids, title=text() if chance.random() < 0.8 else None, headline=text(),
        abstract=text() if chance.random() < 0.9 else None,
        authors=[text()[:60] for _ in range(chance.choice((0, 1, 3, 30)))],
        comments=text() if chance.random() < 0.4 else None, categories=["cs.LG"] * chance.randint(0, 3),
        created=date(2026, 5, 20) if chance.random() < 0.5 else None,
        links={chance.choice(TEXTS): "https://example.org/?q=é&b=<" } if chance.random() < 0.3 else {},
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_join_of_pieces_is_what_the_templates_print(seed: int) -> None:
    """A mail that is joined from pieces has the bytes of one whose templates are printed whole, styled as one
    document and quoted at once.
    """
    chance = random.Random(seed)
    papers = [random_paper(chance, n) for n in range(chance.choice((3, 12, 60)))]
    site = chance.choice((SITE, Site(), Site(title=TEXTS[1], base_url="https://example.org/?a=1&b=/", note=TEXTS[2])))
    for _ in range(4):
        edition = random_edition(chance, papers)
        one = letter(edition, chance.choice((ANA, Recipient("bob@example.net"))))
        raw = message(one.edition, one.archive, site, SENDER, one.recipient)
        read(raw)
        assert not [found for found in lint(raw) if found.rule != "E04" or one.recipient is ANA]
        plan = planned(one, site, SENDER)
        plain = parts(edition, plan, site)
        _, text, html, end = raw.split(b"\r\n--" + plan.boundary)
        assert end == b"--\r\n"
        bodies = [piece.split(b"\r\n\r\n", 1)[1] for piece in (text, html)]
        assert bodies == [quoted(plain.text), quoted(plain.html)]
        assert len(raw) <= LIMIT


def test_many_mails_are_made_one_at_a_time() -> None:
    """The stream takes a letter only when its mail is asked for."""
    taken: list[Letter] = []

    def some():
        for n in range(3):
            taken.append(letter(editions()[0], Recipient(f"r{n}@example.net")))
            yield taken[-1]

    made = messages(some(), SITE, SENDER)
    assert not taken
    assert b"To: r0@example.net" in next(made)
    assert len(taken) == 1


# ------------------------------------------------------------------------------------------------- hostile text


@pytest.mark.slow
def test_naughty_strings_come_back_from_two_readers(naughty: list[str]) -> None:
    """E18: every string of the list in every field at once gives a mail that two readers read alike."""
    for start in range(0, len(naughty), 25):
        ranked = []
        for n, text in enumerate(naughty[start : start + 25]):
            paper = a_paper(
                f"text:{start + n}", ids={"doi": text}, title=text, headline=text or "x", abstract=text, authors=[text],
                comments=text, categories=[text], links={text: text}, listings=(a_listing(file=text),),
            )  # fmt: skip
            ranked.append(a_ranked(paper, a_reason(1.0, text, text, text)))
        for text in naughty[start : start + 25]:
            edition = an_edition(*ranked, title=text, problems=(Problem(text, None, text),))
            one = mail(
                edition, replace(SITE, title=text, note=text), SENDER._replace(name=text), ANA._replace(name=text)
            )
            assert len(Outline(one.html).texts("h3")) == len(ranked)


@pytest.fixture(scope="module")
def naughty(shared) -> list[str]:
    import json

    found = json.loads((shared / "material" / "blns.json").read_text(encoding="utf-8"))
    assert len(found) > 400
    return found


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_survives_quoting(text: str) -> None:
    """What is quoted and read again is the same text."""
    text = text.replace("\r", "").replace("\0", "")  # the latter stands for what is filled in
    assert quoted_printable(quoted(text).decode()).decode().replace("\r\n", "\n") == text


@settings(max_examples=150)
@given(st.text(max_size=200), st.text(max_size=100))
def test_any_subject_and_name_survive(title: str, name: str) -> None:
    """E02, E18: titles and names come back from their encoded words, whole."""
    paper = a_paper(title=title, headline=title)
    one = mail(an_edition(a_ranked(paper), title="P"), recipient=ANA._replace(name=name))
    told = shorten(f"1 paper · P · 26 May 2026: {wording.name(paper)}", 100)
    assert field(one, "subject") == told
    # The library's own reading of a phrase puts a blank between encoded words, so the fields are read as text.
    to = words(parse(one.raw).raw["to"])
    assert str(make_header(decode_header(BytesParser(policy=compat32).parsebytes(one.raw)["to"]))) == to
    told = shorten(one_line(name), 70)
    # Backslashes stand for what follows them in quoted strings (RFC 5322 3.2.4), and not in encoded words.
    plain = re.sub(r"\\(.)", r"\1", to) if told.isascii() else to
    assert plain in (f"{told} <{ANA.address}>".lstrip(), f'"{told}" <{ANA.address}>', ANA.address)


# ------------------------------------------------------------------------------------------------- own templates

OWN = {
    "reasons in one line": {"mail-why.html": "<p>{{ score }}: {{ reasons | join('; ') }}</p>\n"},
    "reasons counted": {"edition-why.txt": "{% for one in reasons %}\n{{ loop.index }}. {{ one }}{% endfor %}"},
    "no reasons": {"mail-why.html": "<p>{{ score }}</p>\n", "edition-why.txt": "{{ score }}\n"},
    "rank twice": {"mail-paper.html": "<h3>{{ rank }} {{ title }} ({{ rank }})</h3>\n{{ why }}\n"},
    "no rank": {"edition-paper.txt": "{{ title }}\n"},
    "reasons first": {"edition-paper.txt": "{{ why }}\n{{ rank }} {{ title }}\n"},
    "texts in attributes": {"mail-section.html": '<h2 title="{{ title }}">{{ title }}</h2>', "mail.css": ""},
    "nothing but papers": {"mail.txt": "{{ papers }}", "mail.html": "<!DOCTYPE html><title>a</title>{{ papers }}"},
    "no papers": {"mail.txt": "{{ heading }}\n", "mail.html": "<!DOCTYPE html>\n<title>{{ heading }}</title>\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_own_templates_print_mails(name: str, tmp_path) -> None:
    """However an operator sets mails out, the joined mail says what the templates print whole."""
    for file, content in OWN[name].items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    site = replace(SITE, templates=str(tmp_path))
    chance = random.Random(1)
    papers = [random_paper(chance, n) for n in range(30)]
    for edition in (editions()[0], *(random_edition(chance, papers) for _ in range(3))):
        one = letter(edition)
        made = read(message(one.edition, one.archive, site, SENDER, one.recipient))
        plain = parts(edition, planned(one, site, SENDER), site)
        assert ["".join(body.split()) for body in (made.text, made.html)] == ["".join(body.split()) for body in plain]
        assert len(made.raw) <= LIMIT
