"""Messages for chats: whole within each service's limits, counted as the service counts, and nobody is called."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from builders import a_paper, a_ranked, a_reason, an_edition
from hostile import collected, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from rendering_scene import SITE, an_archive, editions

from digest.model import Archive, Edition, Ranked, Site, Tally
from digest.rendering import render, wording
from digest.text import one_line

SERVICES = ("slack", "discord", "mattermost", "telegram")
LOOK_ALIKES = str.maketrans("∗ˍ∼ˋ∶", "*_~`:")


def message_of(service: str, archive: Archive, site: Site = SITE) -> dict[str, Any]:
    """The newest edition's message for a service."""
    return json.loads(render(archive, site, [service])[0].content)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# ----------------------------------------------------------------------------- what each service makes of them


class Parsed(HTMLParser):
    """Telegram's HTML: refuses all but the tags used, what is not closed, and entities it does not know."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self.links, self.entities, self._open = "", [], 0, []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        assert (tag, [name for name, _ in attrs]) in (("b", []), ("a", ["href"]))
        self.links += [(value, self.text.count("")) for _, value in attrs]
        self._open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        assert not set(data) & set("<>&")
        self.text += data

    def handle_entityref(self, name):
        self.text += {"amp": "&", "lt": "<", "gt": ">"}[name]

    def handle_charref(self, name):
        raise AssertionError(name)

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def slack_texts(message: dict) -> list[str]:
    """The texts of all blocks, each checked for its place and its length."""
    assert set(message) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert message["unfurl_links"] is message["unfurl_media"] is False
    assert len(message["blocks"]) <= 50
    found = []
    for place, block in enumerate(message["blocks"]):
        if block["type"] == "header":
            assert place == 0
            assert block["text"]["type"] == "plain_text"
            assert 1 <= units(block["text"]["text"]) <= 150
            continue
        texts = block["elements"] if block["type"] == "context" else [block["text"]]
        assert block["type"] in ("context", "section")
        assert all(text["type"] == "mrkdwn" and text["verbatim"] for text in texts)
        found += [text["text"] for text in texts]
    assert all(1 <= units(text) <= 3000 for text in found)
    assert sum(map(units, found)) + units(message["blocks"][0]["text"]["text"]) <= 9000
    return found


def slack_shown(text: str) -> str:
    """What Slack shows of mrkdwn: links by their labels, no bold, entities resolved. Refuses any other command."""
    text = re.sub(r"<(?:https?://|mailto:)[^<>|\s]+\|([^<>]*)>", r"\1", text)
    assert not set(text) & set("<>")
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    text = re.sub(r"(?m)^(\d+\. )\*(.*)\*( · [-\d.]+|$)", r"\1\2\3", text)
    assert not re.search(r"(?<![^\W_])([*_~`])\S(?:.*\S)?\1(?![^\W_])", text), text
    assert not re.search(r"(?m)^&gt;|:[a-z0-9_+'-]+:", text)
    plain = text.translate(LOOK_ALIKES).replace("\u200b", "")
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def discord_shown(text: str) -> str:
    """What Discord shows of Markdown: refuses a sign that means something and has no backslash before it."""
    text = re.sub(r"\[((?:\\.|[^\\\[\]])*)\]\((?:https?://|mailto:)[^()\s]+\)", r"\1", text)
    text = re.sub(r"(?m)^\*\*(\d+\.)\*\* ", r"\1 ", text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]()#@:]", re.sub(r"\\.", "", text)), text
    assert not re.search(r"(?m)^[-+#>]", text)
    return re.sub(r"\\(.)", r"\1", text)


def discord_parts(message: dict) -> tuple[str, str]:
    """Title and footer, and the descriptions, each checked for its length."""
    assert set(message) == {"embeds", "allowed_mentions"}
    assert message["allowed_mentions"] == {"parse": []}
    embeds = message["embeds"]
    assert 1 <= len(embeds) <= 10
    assert all(set(embed) <= {"title", "url", "description", "footer"} for embed in embeds)
    told = [(e.get("title", ""), e.get("description", ""), e.get("footer", {}).get("text", "")) for e in embeds]
    assert all(units(title) <= 256 and units(text) <= 4096 and units(foot) <= 2048 for title, text, foot in told)
    assert sum(map(units, (part for parts in told for part in parts))) <= 6000
    assert all(text for _, text, _ in told[1:])
    return told[0][0] + " " + told[-1][2], "\n\n".join(filter(None, (text for _, text, _ in told)))


def shown(service: str, message: dict) -> str:
    """What a person sees of a message; the limits of its service are checked on the way."""
    if service == "slack":
        assert units(message["text"]) <= 4000
        slack_shown(message["text"])
        header, texts = message["blocks"][0]["text"]["text"], slack_texts(message)
        return "\n".join([header, *map(slack_shown, texts)])
    if service == "discord":
        head, text = discord_parts(message)
        return head + "\n" + discord_shown(text)
    if service == "mattermost":
        assert set(message) == {"text"}
        assert 1 <= len(message["text"]) <= 16383
        return markdown_shown(message["text"])
    assert set(message) == {"text", "parse_mode", "link_preview_options"}
    assert (message["parse_mode"], message["link_preview_options"]) == ("HTML", {"is_disabled": True})
    parsed = Parsed(message["text"])
    assert 1 <= units(parsed.text) <= 4096
    assert parsed.entities <= 100
    assert not re.search(r"@[\w-]", parsed.text)
    return parsed.text.replace("\u200b", "")


def markdown_shown(text: str) -> str:
    import markdown

    assert not re.search(r"@[\w-]", re.sub(r"\]\([^)]*\)", "", text))
    html = markdown.markdown(text, output_format="html")
    pieces: list[str] = []
    tags: set[str] = set()
    reader = HTMLParser(convert_charrefs=True)
    reader.handle_data = pieces.append  # type: ignore[method-assign]
    reader.handle_starttag = lambda tag, attrs: tags.add(tag)  # type: ignore[method-assign]
    reader.feed(html)
    reader.close()
    assert tags <= {"h4", "p", "a", "strong"}
    return "".join(pieces).replace("\u200b", "")


def flat(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


# ------------------------------------------------------------------------------------------------ what is said


@pytest.mark.parametrize("service", SERVICES)
def test_a_small_edition_is_told_in_full(service: str) -> None:
    """Heading, tally, and each paper with its title, score, first authors, first sentences and reasons."""
    tuesday, monday = editions()
    said = flat(shown(service, message_of(service, an_archive(tuesday, monday))))
    assert "Efficient inference · Tuesday, 26 May 2026" in said
    assert wording.summary(tuesday.digest.tally) in said
    for rank, ranked in enumerate(tuesday.digest.ranked, start=1):
        assert f"{rank}. {wording.name(ranked.paper)} · {wording.points(ranked.score.total)}" in said
        assert str(ranked.score.reasons[0]) in said
    assert "Abhijit Sinha, Łucja Wiśniewska et al. Models are costly to serve" in said
    assert "Author 1, Author 2, Author 3 et al." in said
    assert "more papers" not in said


@pytest.mark.parametrize("service", SERVICES)
def test_titles_lead_to_papers(service: str) -> None:
    """Each title opens the paper where it can be read, else its place in the edition."""
    written = json.dumps(message_of(service, an_archive(*editions())))
    for address in (
        "https://arxiv.org/abs/2605.00001",
        "https://doi.org/10.1000/a%3Cb%3E",
        "https://example.org/digest/efficient/2026-05-26.html#text:0f1e2d",
        "https://arxiv.org/abs/hep-th/9901001",
        "https://example.org/digest/efficient/2026-05-26.html",
    ):
        assert address in written


@pytest.mark.parametrize("service", SERVICES)
def test_a_quiet_day_says_why(service: str) -> None:
    """An edition without papers is a message that tells what became of those that were listed."""
    _, monday = editions()
    assert wording.quiet(monday.digest) in shown(service, message_of(service, an_archive(monday)))


@pytest.mark.parametrize("service", SERVICES)
def test_without_an_address_of_the_site_nothing_leads_there(service: str) -> None:
    """A chat has no use for localhost: papers are linked, the edition is not."""
    message = message_of(service, an_archive(*editions()), Site())
    assert "localhost" not in json.dumps(message)
    assert "Many hands" in shown(service, message)


@pytest.mark.parametrize("service", SERVICES)
def test_one_rendition_for_each_recent_edition(service: str) -> None:
    """`<folder>/<day>.<service>.json`, and the same bytes when it is rendered again."""
    archive = an_archive(*editions())
    first, second = render(archive, SITE, [service]), render(archive, SITE, [service])
    assert [(r.path, r.media_type) for r in first] == [
        (f"efficient/2026-05-26.{service}.json", "application/json"),
        (f"efficient/2026-05-25.{service}.json", "application/json"),
    ]
    assert first == second


# --------------------------------------------------------------------------------------------------- limits


def crowded(count: int, title: str = "Paper", **known: Any) -> Edition:
    """An edition of `count` papers that are told apart by their titles."""
    papers = [a_paper(f"arxiv:2605.{i:05}", title=f"{title} number {i}", **known) for i in range(count)]
    return an_edition(*map(a_ranked, papers), tally=Tally(shown=count), profile="ana")


def told_papers(said: str, edition: Edition) -> list[str]:
    names = [wording.name(ranked.paper) for ranked in edition.digest.ranked]
    return [name for name in names if re.search(rf"{re.escape(name)} · ", said)]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("count", [1, 30, 47, 48, 99, 100, 500])
def test_what_does_not_fit_is_counted(service: str, count: int) -> None:
    """As many papers as fit, from the top, and how many more there are, with a link to them."""
    edition = crowded(count, abstract="A sentence of an abstract that says little. " * 20)
    message = message_of(service, an_archive(edition, profile="ana"))
    said = flat(shown(service, message))
    told = told_papers(said, edition)
    assert told == [wording.name(ranked.paper) for ranked in edition.digest.ranked][: len(told)]
    left = count - len(told)
    assert (f"{wording.counted(left, 'more paper')} in the edition" in said) == (left > 0)
    assert ("in the edition" in said) == (left > 0)
    if count <= 30:
        assert left == 0
    assert "https://example.org/digest/ana/2026-05-26.html" in json.dumps(message)


@pytest.mark.parametrize("service", SERVICES)
def test_one_more_paper_would_not_have_fitted(service: str) -> None:
    """A message that leaves papers out is full: the room that is left is less than another title takes."""
    edition = crowded(1000, title="A title of some length, as papers have them,")
    message = message_of(service, an_archive(edition, profile="ana"))
    longest = 300
    if service == "slack":
        texts = slack_texts(message)
        assert sum(map(units, texts)) > 9000 - 150 - longest
    elif service == "discord":
        _, text = discord_parts(message)
        assert units(text) > 6000 - 256 - longest
    elif service == "mattermost":
        assert len(message["text"]) > 16383 - longest
    else:
        parsed = Parsed(message["text"])
        assert parsed.entities == 100 or units(parsed.text) > 4096 - longest


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "text", ["&" * 3000, "<" * 3000, "*_" * 1500, "😀" * 3000, "@all " * 700, "\\" * 3000, "x" * 5000, "中" * 3000]
)
def test_no_text_is_too_long(service: str, text: str) -> None:
    """Whatever is long in whichever field, the message is whole and within its limits, and says who is left out."""
    paper = a_paper(
        title=text,
        headline=text,
        abstract=text,
        authors=[text] * 20,
        comments=text,
        links={"url": f"https://x.org/{text}"},
    )
    reasons = [a_reason(1.0, text, text)] * 3
    archive = an_archive(an_edition(*[a_ranked(paper, *reasons)] * 20, title=text, profile="ana"), title=text)
    assert shown(service, message_of(service, archive))


@pytest.mark.parametrize("service", SERVICES)
def test_an_address_beyond_all_measure_is_left_out(service: str) -> None:
    """A paper whose address is longer than a message may be is told without it."""
    paper = a_paper("text:1", ids={}, title="Far away", links={"url": "https://x.org/" + "(" * 20_000})
    site = Site(base_url="https://example.org/" + "x" * 5000 + "/")
    message = message_of(service, an_archive(an_edition(a_ranked(paper))), site)
    assert "Far away" in shown(service, message)
    assert len(json.dumps(message)) < 3000


# -------------------------------------------------------------------------------------------------- hostile


def hostile(said: str, other: str) -> Ranked:
    paper = a_paper(
        f"text:{said}", ids={}, title=said, headline=said, abstract=other, authors=(other, said),
        links={"url": f"https://x.org/{other}", "evil": f"javascript:{said}"},
    )  # fmt: skip
    return a_ranked(paper, a_reason(1.0, said, other))


def assert_harmless(service: str, said: str, other: str) -> None:
    archive = an_archive(an_edition(hostile(said, other), title=other, profile="ana"), title=other)
    message = message_of(service, archive)
    seen = shown(service, message)
    name = flat(wording.name(archive.recent[0].digest.ranked[0].paper))
    if units(name) <= 250:
        assert f"1. {name}".translate(LOOK_ALIKES) in flat(seen).translate(LOOK_ALIKES)
    assert all(re.match("https?://|mailto:", address) for address in addresses(service, message))


def addresses(service: str, message: dict) -> list[str]:
    """Every address that a message would open."""
    if service == "telegram":
        return [href for href, _ in Parsed(message["text"]).links]
    if service == "slack":
        return re.findall(r"<([^|<>]+)\|", "\n".join(slack_texts(message)))
    text = message["text"] if service == "mattermost" else discord_parts(message)[1]
    return re.findall(r"(?<!\\)\]\(([^)]*)\)", text)


@pytest.mark.parametrize("service", SERVICES)
@given(texts | st.text(), texts)
def test_any_text_is_text(service: str, said: str, other: str) -> None:
    """W08, W09: a source's text is seen as it is, it formats, links and calls nothing."""
    assert_harmless(service, said, other)


@pytest.mark.parametrize("service", SERVICES)
def test_collected_attacks_are_text(service: str) -> None:
    """Every naughty string and every XSS vector, in every field."""
    attacks = collected()
    if not attacks:
        pytest.skip("the folder of real data, ../shared, is not here")
    for i, said in enumerate(attacks):
        assert_harmless(service, said, attacks[i - 1])


@pytest.mark.parametrize("service", SERVICES)
@given(texts, st.integers(0, 120))
@settings(max_examples=10)
def test_any_edition_is_within_the_limits(service: str, said: str, count: int) -> None:
    """However many papers there are, and whatever they say."""
    edition = crowded(count, title=said, abstract=said * 10)
    assert shown(service, message_of(service, an_archive(edition, profile="ana", title=said)))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("a *b* c", "a ∗b∗ c"),
        ("snake_case and _it_", "snake_case and ˍitˍ"),
        ("A* search", "A∗ search"),
        ("`x` ~y~", "ˋxˋ ∼y∼"),
        ("1:2 and :smile:", "1:2 and ∶smile:"),
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("> quoted", "\u200b&gt; quoted"),
    ],
)
def test_slack_has_few_escapes(said: str, written: str) -> None:
    """What Slack cannot escape is written by its likes, and only where it could begin something."""
    message = message_of("slack", an_archive(an_edition(a_ranked(a_paper(title="T", abstract=said)))))
    assert written in message["blocks"][2]["text"]["text"].split("\n")


@pytest.mark.parametrize("service", ["mattermost", "telegram"])
def test_nobody_is_called(service: str) -> None:
    """Where no option says so, a space of no width parts the @ from the name, in the text and nowhere else."""
    paper = a_paper(title="@all hands, write to a@b.org", links={}, ids={"doi": "10.1000/@all"}, authors=("@here",))
    message = message_of(service, an_archive(an_edition(a_ranked(paper))))["text"]
    assert "@\u200ball hands" in message
    assert "@\u200bhere" in message
    assert "https://doi.org/10.1000/@all" in message


def test_sentences_are_not_torn() -> None:
    """An abstract is told by whole sentences, with a sign that there is more."""
    abstract = "One sentence of some words. " * 30
    message = message_of("telegram", an_archive(an_edition(a_ranked(a_paper(abstract=abstract)))))["text"]
    assert re.search(r"\n(One sentence of some words\. )+…\n", message)


def test_titles_are_one_line() -> None:
    """A line feed in a title or a name does not end its line."""
    message = message_of("discord", an_archive(an_edition(a_ranked(a_paper(title="a\n\nb")))))
    assert "[a b]" in message["embeds"][0]["description"]
    assert one_line("a\n\nb") == "a b"
