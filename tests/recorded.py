"""Answers of services as they give them, written after their documentation."""

import json


def a_feed(*ids: str, day: str = "Tue, 26 May 2026") -> str:
    """After arXiv's specification of its feeds."""
    items = "".join(
        f"<item><title>Counting papers {number}</title><link>https://arxiv.org/abs/{number}</link>"
        f"<description>arXiv:{number}v1 Announce Type: new \nAbstract: We measure how lists change.</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{number}v1</guid><category>cs.LG</category>'
        "<pubDate>Tue, 26 May 2026 00:00:00 -0400</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
        "<dc:creator>Ada Moreau</dc:creator></item>"
        for number in ids
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel>'
        "<title>cs.LG updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.LG</link><description>cs.LG "
        "updates on the arXiv.org e-print archive.</description><language>en-us</language>"
        f"<lastBuildDate>{day} 04:00:11 +0000</lastBuildDate><pubDate>{day} 00:00:00 -0400</pubDate>"
        f"<skipDays><day>Saturday</day><day>Sunday</day></skipDays>{items}</channel></rss>"
    )


def records(*ids: str, token: str = "") -> str:
    """After the protocol, with records in arXiv's own form."""
    found = "".join(a_record(number, "2026-05-22") for number in ids)
    return oai(f"<ListRecords>{found}<resumptionToken>{token}</resumptionToken></ListRecords>")


def a_record(number: str, created: str, updated: str = "") -> str:
    """One of them."""
    dates = f"<created>{created}</created>" + (f"<updated>{updated}</updated>" if updated else "")
    return (
        f"<record><header><identifier>oai:arXiv.org:{number}</identifier><datestamp>2026-05-25</datestamp>"
        f'<setSpec>cs:cs:LG</setSpec></header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{number}</id>'
        f"{dates}<authors><author><keyname>Moreau</keyname><forenames>Ada</forenames></author>"
        f"</authors><title>Counting papers {number}</title><categories>cs.LG</categories>"
        "<abstract>We measure how lists change.</abstract></arXiv></metadata></record>"
    )


def oai(inner: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2026-05-26T06:00:00Z</responseDate><request>https://oaipmh.arxiv.org/oai</request>"
        f"{inner}</OAI-PMH>"
    )


NOTHING = oai('<error code="noRecordsMatch">no records match</error>')


def results(*ids: str, total: int, start: int = 0) -> str:
    """After the API's manual."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{number}v1</id><updated>2026-05-25T17:00:00Z</updated>"
        f"<published>2026-05-25T17:00:00Z</published><title>Counting papers {number}</title><summary>We.</summary>"
        "<author><name>Ada Moreau</name></author></entry>"
        for number in ids
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        '<link href="http://arxiv.org/api/query?search_query=all:lists" rel="self" type="application/atom+xml"/>'
        "<title>ArXiv Query: search_query=all:lists</title><id>http://arxiv.org/api/x</id>"
        f'<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{total}'
        "</opensearch:totalResults><opensearch:startIndex "
        f'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{start}</opensearch:startIndex>{entries}</feed>'
    )


def daily(*ids: str) -> str:
    """After the Hub's API."""
    return json.dumps(
        [
            {
                "paper": {
                    "id": number,
                    "authors": [{"_id": "6", "name": "Ada Moreau", "hidden": False}],
                    "publishedAt": "2026-05-25T17:59:59.000Z",
                    "submittedOnDailyAt": "2026-05-26T01:00:00.000Z",
                    "title": f"Counting papers {number}",
                    "summary": "We measure how lists change.",
                    "upvotes": 12,
                    "discussionId": "6a2c75a4a0d4",
                },
                "publishedAt": "2026-05-25T13:59:59.000Z",
                "title": f"Counting papers {number}",
                "numComments": 3,
            }
            for number in ids
        ]
    )


def posted(start: int, number: int, total: int) -> str:
    """After api.biorxiv.org."""
    papers = [
        {
            "title": f"Counting neurons {one}",
            "authors": "Moreau, A.; Říha, T.",
            "doi": f"10.1101/2026.05.25.{one:06}",
            "date": "2026-05-25",
            "version": "1",
            "type": "new results",
            "license": "cc_by",
            "category": "neuroscience",
            "jatsxml": "https://www.biorxiv.org/content/x.source.xml",
            "abstract": "We count.",
            "published": "NA",
            "server": "bioRxiv",
        }
        for one in range(start, start + number)
    ]
    message = {
        "status": "ok",
        "interval": "2026-05-25:2026-05-25",
        "cursor": start,
        "count": number,
        "total": str(total),
    }
    return json.dumps({"messages": [message], "collection": papers})


NO_POSTS = '{"messages":[{"status":"no posts found"}],"collection":[]}'


def article(number: str) -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{number}</PMID><Article><Journal><JournalIssue><PubDate>'
        "<Year>2026</Year></PubDate></JournalIssue><Title>Lists</Title></Journal><ArticleTitle>Counting.</ArticleTitle>"
        "<Abstract><AbstractText>We count.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"
    )


def esearch(ids: list[str]) -> str:
    result = {"count": str(len(ids)), "retmax": str(len(ids)), "retstart": "0", "idlist": ids, "querytranslation": "x"}
    return json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result})


def notes(start: int, number: int) -> str:
    """After OpenReview's API 2."""
    found = [
        {
            "id": f"rJXMpikC{one:02}",
            "forum": f"rJXMpikC{one:02}",
            "cdate": 1_777_600_000_000,
            "mdate": 1_777_700_000_000,
            "invitations": ["X.org/2026/-/Submission"],
            "readers": ["everyone"],
            "content": {
                "title": {"value": f"Counting papers {one}"},
                "authors": {"value": ["Ada Moreau"]},
                "abstract": {"value": "We measure how lists change."},
            },
        }
        for one in range(start, start + number)
    ]
    return json.dumps({"notes": found, "count": start + number})


def papers(*numbers: int, token: str | None = None) -> str:
    """After the Academic Graph API's bulk search."""
    data = [
        {
            "paperId": f"{number:040x}",
            "externalIds": {"DOI": f"10.1000/{number}", "CorpusId": number},
            "url": f"https://www.semanticscholar.org/paper/{number:040x}",
            "title": f"Counting papers {number}",
            "abstract": "We measure how lists change.",
            "venue": "Lists",
            "year": 2026,
            "publicationDate": "2026-05-20",
            "authors": [{"authorId": "1", "name": "Ada Moreau"}],
            "citationCount": 0,
        }
        for number in numbers
    ]
    return json.dumps({"total": len(data), "token": token, "data": data})
