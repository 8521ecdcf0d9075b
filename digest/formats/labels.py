"""What people call the parts of a paper in notes and digests, and what they write on the buttons beside it.

labelled("- **Authors:** Ada Moreau")          ->  authors, "Ada Moreau"
is_button("[paper]")                          ->  True: a link of that name is no title
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from digest.formats.markdown import Link, plain
from digest.identifiers import named
from digest.patterns import pattern
from digest.text import one_line

_FIELDS: Final = {
    "title": "title paper_title paper_name 标题 题目 论文标题 英文标题 论文题目 titre titel titulo",
    "authors": "authors author author_s authors_s by 作者 auteurs autoren autores",
    "abstract": (
        "abstract abstracts original_abstract full_abstract paper_abstract 摘要 论文摘要 英文摘要 原文摘要 résumé "
        "resumen zusammenfassung"
    ),
    "comments": "comments comment author_comments authors_comments arxiv_comments 备注 评论",
    "categories": (
        "categories category subjects subject main_category primary_category primary_subject all_categories "
        "keywords keyword tags tag topics topic fields field areas domain cs_category 类目 分类 领域 类别 关键词 "
        "学科 主题"
    ),
    "venue": (
        "venue journal conference publication published_in journal_ref journal_reference source_journal booktitle "
        "会议 期刊 发表"
    ),
    "published": (
        "published date publication_date published_date date_published publish_date published_on announced "
        "release_date year pub_date 日期 发布日期 发布时间 发表时间 发表日期 时间"
    ),
    "created": "submitted submission_date submitted_on date_submitted 提交日期 提交时间",
    "updated": "updated last_updated revised update_date updated_on 更新日期 更新时间",
    "arxiv": "arxiv arxiv_id arxivid id paper_id identifier arxiv_number 编号 论文编号 论文id",
    "doi": "doi",
    "pmid": "pmid pubmed pubmed_id",
    "link": (
        "link links url urls arxiv_link arxiv_url paper paper_link paper_url abs abs_link abs_url source read href "
        "链接 论文链接 地址 论文地址 原文链接 原文 html html_link"
    ),
    "pdf": "pdf pdf_link pdf_url download 下载 全文",
    "code": (
        "code github code_link code_url repo repository github_link official_code 代码 代码链接 开源代码 开源地址"
    ),
    "project": "project project_page project_link project_website website webpage homepage page demo 项目主页 主页",
}
_DETAILS: Final = {
    "tldr": "tldr tl_dr tl;dr ai_tldr 一句话总结 一句话",
    "summary": (
        "summary ai_summary summaries gpt_summary llm_summary overview gist takeaway takeaways key_takeaway "
        "key_takeaways digest 总结 概述 简介 中文总结 ai总结 内容概述 核心内容"
    ),
    "motivation": "motivation 动机 研究动机 背景",
    "method": "method methods methodology approach 方法 研究方法",
    "result": "result results findings key_findings 结果 实验结果",
    "conclusion": "conclusion conclusions 结论",
    "affiliations": "affiliations affiliation institutions institution institute org organizations 机构 单位",
    "relevance": "relevance relevance_score relevancy_score relevancy score 相关性 评分",
    "novelty": "novelty novelty_score 创新性",
    "contribution": "contribution contributions key_contributions main_contributions 贡献 创新点",
    "problem": "problem 问题 研究问题",
    "note": "note notes remark remarks why reason reasons why_it_matters 理由 推荐理由",
    "title_zh": "中文标题 标题翻译 title_zh",
    "abstract_zh": "中文摘要 摘要翻译 translation translated_abstract abstract_zh",
    "bibcode": "bibcode bibliographic_code",
    "origin": "origin",
    "license": "license licence",
    "language": "language 语言",
    "report": "report report_no report_number",
}


def _level(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


_NAMES: Final = {
    **{_level(name): field for field, names in _FIELDS.items() for name in names.split()},
    **{_level(name): f"details:{field}" for field, names in _DETAILS.items() for name in names.split()},
}


class Label(NamedTuple):
    field: str
    """One of the fields above, or `details:NAME`."""
    value: str
    """What stands behind it on the line, Markdown as it is."""
    marked: bool
    """It is set apart: in bold or in brackets."""


_MARKED: Final = pattern(
    r"""\s*(?:[-*+•]\s+)?(?:[^\w\s*_<\[【(]{1,4}\s+)?          # a bullet, a picture
    (?:\*\*|__|\*|_|【|<b>|<strong>)\s*(?:[^\w\s*_<\[【(]{1,4}\s+)?(?P<name>[^\W_][^*_【】<>\n:：]{0,38}?)\s*
    (?P<colon>[:：]?)\s*(?:\*\*|__|\*|_|】|</b>|</strong>)\s*(?P<after>[:：]?)\s*(?P<value>.*)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PLAIN: Final = pattern(
    r"\s*(?:[-*+•]\s+)?(?:[^\w\s*_<\[【(]{1,4}\s+)?(?P<name>[^\W\d_][\w ;./()-]{0,30}?)\s*[:：]\s*(?P<value>.*)",
    re.DOTALL,
)


def labelled(text: str) -> Label | None:
    """The label that a line begins with, and what follows: `**Authors:** …`, `- Abstract: …`, `**Abstract**` alone.

    A name that nobody knows is a label where it is set apart and has a colon; it is kept under its own name.
    """
    if ":" not in text[:80] and "：" not in text[:80] and "*" not in text[:12] and "【" not in text[:8]:
        return None
    if found := _MARKED.match(text):
        known = _NAMES.get(_level(found["name"]))
        colon = found["colon"] or found["after"] or "【" in text[: found.end("name")]
        if known and (colon or not found["value"].strip()):
            return Label(known, found["value"], marked=True)
        if colon and found["value"].strip() and (name := _spelled(found["name"])):
            return Label(f"details:{name}", found["value"], marked=True)
        return None
    found = _PLAIN.match(text)
    known = _NAMES.get(_level(found["name"])) if found else None
    if not found or not known or found["value"].startswith("//"):
        return None
    return Label(known, found["value"], marked=False)


def _spelled(name: str) -> str:
    words = re.findall(r"[^\W_]+", name)
    return "_".join(words).lower() if 0 < len(words) <= 4 else ""


_SUMMARY: Final = pattern(
    r"\s*(?:<details[^<>]*>\s*)?<summary[^<>]*>(?P<name>.{0,200}?)</summary>(?P<value>.*)", re.IGNORECASE | re.DOTALL
)


def folded(text: str) -> Label | None:
    """The label that the head of a part which opens and closes is (`<summary>Abstract</summary>`)."""
    found = _SUMMARY.match(text) if "<summary" in text.lower() else None
    known = _NAMES.get(_level(plain(found["name"]))) if found else None
    return Label(known, found["value"], marked=True) if found and known else None


# ------------------------------------------------------------------------------------------------ links

_BUTTONS: Final = frozenset(
    "a abs abstract acm acl alphaxiv appendix archive article arxiv available back bib bibtex blog blogpost camera "
    "citation cite code colab conference data dataset datasets demo demos details doi download dl extended "
    "external for full github gitlab google here hf home homepage html hub huggingface hugging face ieee "
    "implementation in info journal keras link links mirror mlr model models more neurips notebook official on "
    "online open openreview other page paper papers pdf pmc pmlr poster post preprint presentation project ps "
    "publication publisher pubmed pytorch read ready repo repository review reviews scholar semantic site slide "
    "slides source springer supp supplement supplementary talk tensorflow text tf thread tutorial tweet twitter "
    "unofficial url version video videos view website weights web webpage wiki www x youtube this the 论文 代码 "
    "链接 项目 原文 主页 top".split()
)
_KINDS: Final = {
    "pdf": "pdf ps download dl",
    "html": "html",
    "code": (
        "code github gitlab repo repository implementation official pytorch tensorflow tf keras notebook colab "
        "unofficial 代码"
    ),
    "project": "project website webpage site homepage home page 项目 主页",
    "data": "data dataset datasets",
    "video": "video videos youtube talk presentation",
    "slides": "slides slide poster",
    "demo": "demo demos",
    "blog": "blog blogpost post thread tweet twitter",
    "reviews": "review reviews",
    "supplement": "supp supplement supplementary appendix",
    "bibtex": "bib bibtex cite citation",
    "model": "model models weights",
}
_KIND: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_PAPER_WORDS: Final = frozenset(
    "paper papers pdf arxiv abs preprint article doi publication openreview 论文 原文".split()
)
_WORDS: Final = pattern(r"[^\W_]+")


def is_button(text: str) -> bool:
    """Whether the text of a link says what is behind it, and is no title: `[paper]`, `PDF`, `arXiv:2605.00001`."""
    bare = text.strip(" []()|*_.:;,")
    if not bare or named_by(bare) or "://" in bare[:12] or bare.startswith("10."):
        return True
    words = _WORDS.findall(bare.lower())
    return not words or (len(words) <= 5 and all(word in _BUTTONS or word.isdecimal() for word in words))


_PRESSES: Final = (
    "aaai.org acm.org aclanthology.org aclweb.org acs.org ams.org annualreviews.org aps.org arxiv.org biorxiv.org "
    "bmj.com cambridge.org cell.com chemrxiv.org copernicus.org cvf.com distill.pub doi.org eccv.net elsevier.com "
    "emis.de europepmc.org frontiersin.org hal.science iacr.org ieee.org ijcai.org iop.org isca-speech.org "
    "isca-archive.org jmlr.org jstor.org link.springer.com mdpi.com medrxiv.org mitpressjournals.org mlr.press "
    "nature.com ndss-symposium.org neurips.cc nips.cc oup.com openaccess.thecvf.com openreview.net osti.gov "
    "peerj.com plos.org pnas.org projecteuclid.org psyarxiv.com pubmed.ncbi.nlm.nih.gov researchgate.net "
    "royalsocietypublishing.org rsc.org sagepub.com science.org sciencedirect.com sciencemag.org "
    "semanticscholar.org siam.org springer.com ssrn.com tandfonline.com techrxiv.org thelancet.com usenix.org "
    "wiley.com"
).split()


def is_paper(link: Link) -> bool:
    """Whether a link leads to a paper: it names one, stands at a press, is a PDF, or says so."""
    if not link.target.startswith(("http://", "https://")):
        return False
    if named_by(link.target):
        return True
    host, path = _place(link.target)
    if path in ("", "/"):
        return False
    if path.lower().endswith(".pdf") or any(host == press or host.endswith(f".{press}") for press in _PRESSES):
        return True
    words = frozenset(_WORDS.findall(link.text.lower()))
    return is_button(link.text) and not link.bare and bool(words & _PAPER_WORDS) and not host.endswith("github.com")


@lru_cache(maxsize=64)
def named_by(text: str) -> dict[str, str]:
    """`digest.identifiers.named`, remembered: an entry's addresses are asked about more than once."""
    return named(text)


@lru_cache(maxsize=64)
def _place(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").lower(), parts.path
    except ValueError:
        return "", ""


def kind(link: Link) -> str:
    """What a link is called in a listing: `abs`, `pdf`, `code`, …, and `url` where nothing says more."""
    host, path = _place(link.target)
    words = _WORDS.findall(link.text.lower()) if is_button(link.text) and not link.bare else []
    if host.endswith("arxiv.org"):
        return next((name for name in ("pdf", "html") if path.startswith(f"/{name}/")), "abs")
    if host in ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org"):
        return "code"
    if host in ("doi.org", "dx.doi.org"):
        return "doi"
    if found := next((_KIND[word] for word in words if word in _KIND), ""):
        return found
    if path.lower().endswith(".pdf"):
        return "pdf"
    return "url"


def tidy(text: str) -> str:
    """A plain text without the brackets that are left where buttons were taken out of them."""
    return one_line(_HOLLOW.sub(" ", text)).strip(" |")


_HOLLOW: Final = pattern(
    r"[(\[{](?:[\s,;:/|&·•-]|\b(?:read more|available|see|also|on|at|or|and|in|link)\b)*+[)\]}]", re.IGNORECASE
)
