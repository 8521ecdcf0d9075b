"""The macros of text: what each is read as, and what stays as it is because it may be no TeX at all.

A handler is given where its macro begins, the macro's name, and where the name ends; it adds what is seen to `out` and
says where it has read to.
"""

import re
import unicodedata
from collections.abc import Callable, Collection

from digest.accents import LETTERS, MARKS
from digest.patterns import pattern
from digest.rendering.tex.formulas import ARGUMENTS, formula, linked
from digest.rendering.tex.quantities import QUANTITIES, chemical, quantity
from digest.rendering.tex.rare import symbol
from digest.rendering.tex.reading import Part, Source, groups, inside, options, told
from digest.rendering.tex.symbols import INFIX, LARGE, NAMES, ORDINARY, WORDS

MACRO = pattern(r"\\([A-Za-z]+)|\\(.)", re.DOTALL)
ESCAPED = pattern(r"\\([_%#&~$])")

# What is seen of these is their last argument; those before it, so many, only say how.
_SHOWN = (
    dict.fromkeys(
        "emph textit textbf texttt textsc textrm textsf textsl textmd textup textnormal text underline uline mbox hbox "
        "fbox textcircled uppercase lowercase MakeUppercase MakeLowercase hl st sout so ul url nolinkurl path "
        "centerline ac acp acs acl acf acrshort acrlong acrfull gls Gls glspl Glspl textquote enquote fontfamily "
        "title section subsection subsubsection paragraph section* subsection* paragraph* caption keywords abstract "
        "verb textsmaller textlarger leavevmode unit si".split(),
        0,
    )
    | dict.fromkeys(["textcolor", "colorbox", "foreignlanguage", "raisebox", "scalebox"], 1)
)  # fmt: skip
_QUOTED = frozenset(["enquote", "textquote"])
_HIDDEN_WITH_ARGUMENT = frozenset(
    "label color vspace hspace vspace* hspace* thispagestyle pagestyle setlength index bibliographystyle input "
    "bibliography fontsize selectlanguage phantom hphantom vphantom".split()
)
_HIDDEN = frozenset(
    "xspace protect noindent centering indent bf it rm em sc sf tt sl bfseries itshape slshape scshape ttfamily "
    "rmfamily sffamily upshape mdseries normalfont normalsize small footnotesize scriptsize tiny large Large LARGE "
    "huge Huge relax smallskip medskip bigskip vfill hfill clearpage newpage pagebreak linebreak nolinebreak "
    "displaystyle maketitle ignorespaces unskip leavevmode boldmath unboldmath raggedright sloppy".split()
)
_SPACES = frozenset("newline par quad qquad space thinspace enspace enskip hfil break nobreakspace".split())
SWITCH = pattern(
    r"\\(?:bf|it|rm|em|sc|sf|tt|sl|bfseries|itshape|slshape|scshape|ttfamily|rmfamily|sffamily|small|large|Large|"
    r"footnotesize|tiny|normalfont)(?![A-Za-z])\s*"
)
_CITED = frozenset(
    "cite citep citet citealt citealp citeauthor citeyear citeyearpar parencite textcite autocite footcite "
    "Citet Citep citenum onlinecite supercite ref cref Cref autoref vref pageref eqref nameref".split()
)
_SIGNS = {"%": "%", "&": "&", "#": "#", "_": "_", "$": "$", "{": "{", "}": "}"}
_SPACINGS = {" ": " ", ",": " ", ";": " ", ":": " ", ">": " ", "!": "", "/": "", "-": "", "@": ""}
_PATH_BEFORE = pattern(r"[\w./-]*\\[\w./\\-]*$")
MATH = ORDINARY | INFIX | LARGE
# In text these are no operators' names.
_IN_TEXT = {"deg": "°", "S": "§", "P": "¶", "AA": "Å"} | {name: text for name, text in NAMES.items() if name != "deg"}

_COMBINABLE = {
    '"': "aeiouyAEIOUY", "'": "aceginorsuyzlACEGINORSUYZLmpwkMPWK", "`": "aeinouwyAEINOUWY",
    "^": "aceghijosuwyzACEGHIJOSUWYZ", "~": "aeinouvyAEINOUVY", "=": "aegiouyAEGIOUY", ".": "zZIEeGgCc",
}  # fmt: skip


_SPACED = {"c": "cstgkCSTGK", "v": "cdenrstzCDENRSTZ", "u": "agioueAGIOUE", "H": "ouOU", "k": "aeiuAEIU", "r": "uUA"}
"""Letters that these have behind a space, where a pattern or an escaped sign may be meant."""


def known(text: str, at: int) -> bool:
    """The macro at `at` is one of ours."""
    macro = MACRO.match(text, at)
    if not macro:
        return False
    name = macro[1] or macro[2]
    if not macro[1]:
        return name in _SIGNS or name in _SPACINGS or name in MARKS
    return name in MARKS or name in LETTERS or any(name in table for table, _ in _MACROS)


def shown_formula(body: str, end: int, out: list[Part]) -> int:
    """Adds the formula to `out`, and beside it the spaces that TeX sets at its ends; what comes back is `end`."""
    text = formula(body)
    inner = text.strip()
    if text[:1] == " ":
        out.append(Part(" "))
    if inner:
        out.append(Part(inner, body))
    if inner and text[-1] == " ":
        out.append(Part(" "))
    return end


def macro(source: Source, at: int, out: list[Part]) -> int:
    """Reads the macro at `at`; what comes back is where it and its arguments end."""
    text = source.text
    span = source.formulas.get(at)
    if span and span.end <= source.end:
        return shown_formula(span.body, span.end, out)
    found = MACRO.match(text, at, source.end)
    if found is None:
        out.append(Part("\\"))
        return at + 1
    name, past = found[1] or found[2], found.end()
    if found[2]:
        return _sign(source, at, name, out)
    if text[past : past + 1] == "*" and f"{name}*" in _SHOWN:
        past += 1
    if name in LETTERS or name in MARKS:
        if past := _letter(source, at, name, out):
            return past
        past = found.end()
    for table, handler in _MACROS:
        if name in table:
            return handler(source, at, name, past, out)
    return _unknown(source, at, name, past, out)


def _sign(source: Source, at: int, sign: str, out: list[Part]) -> int:
    """A backslash and what is no letter."""
    text = source.text
    if sign in MARKS and (past := _letter(source, at, sign, out)):
        return past
    if sign == "/" and (text[at + 2 : at + 3].isalnum() or text[at + 2 : at + 3] in ("/", "\\")):
        out.append(Part("/"))  # 10.1000\/x, as JSON may write it; TeX's correction of slanted letters says nothing
        return at + 2
    if sign in _SIGNS or sign in _SPACINGS:
        out.append(Part(_SIGNS.get(sign, "") or _SPACINGS[sign]))
        return at + 2
    if sign == "~" or (sign == "^" and text.startswith("{}", at + 2)):
        out.append(Part(sign))
        return at + 2 + 2 * text.startswith("{}", at + 2)
    if sign in "\"'" and not text.startswith("{", at + 2):
        out.append(Part(sign))  # a quotation mark that somebody escaped
        return at + 2
    if sign == "\\":
        following = MACRO.match(text, at + 1, source.end)
        if following and following[1] and known(text, at + 1) and len(following[1]) > 1:
            return at + 1  # escaped twice
        if _ONE_LETTER.match(text, at, source.end):
            out.append(Part("\\\\"))
            return at + 2
        measure = _MEASURE.match(text, at + 2, source.end)
        out.append(Part(" "))
        return measure.end() if measure else at + 2
    out.append(Part("\\" + sign))
    return at + 2


# What follows a line break: its measure, or the letter of a pattern whose backslash was escaped.
_MEASURE = pattern(r"\[-?[\d.]+ ?[a-z]{2}\]")
_ONE_LETTER = pattern(r"\\\\[A-Za-z](?![A-Za-z])")
_FACTOR = pattern(r" [A-Za-z](?![A-Za-z])")
# What an accent stands on.
_BASE = pattern(r"\{\s*(\\?[A-Za-zıȷ])\s*\}|\\([ij])(?![A-Za-z])(?:\{\})?|([^\W\d_])")


def _letter(source: Source, at: int, name: str, out: list[Part]) -> int:
    """Where the letter with an accent, or of its own, that begins at `at` ends; 0 where it is none."""
    text = source.text
    past = at + 1 + len(name)
    before = text[at - 1 : at] if at else ""
    if name in LETTERS:
        if text.startswith("{}", past):
            past += 2
        elif text[past : past + 1] == " " and text[past + 1 : past + 2].islower():
            # \O ystein and S\o ren, but 5 \AA resolution
            initial = name[0].isupper() and not text[max(0, at - 2) : at].rstrip()[-1:].isdigit()
            past += before.isalpha() or before == "{" or initial
        out.append(Part(LETTERS[name]))
        return past
    space = 0
    while text[past + space : past + space + 1] == " " and space < 2:
        space += 1
    base = _BASE.match(text, past + space, source.end)
    if not base:
        return 0
    letter = (base[1] or base[2] or base[3]).removeprefix("\\")
    letter = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    if not base[1]:
        if name.isalpha():
            # Mat\v e, \v Cech and \c Cetin, and not \c a or \t b
            if not base[2] and not (space and letter in _SPACED.get(name, "")):
                return 0
            starts = name == "v" or letter.isupper()
            if not base[2] and not (before.isalpha() or before == "{" or starts):
                return 0
        elif not base[2] and (space or letter not in _COMBINABLE[name] or _is_quotation(text, at, name)):
            return 0
    made = unicodedata.normalize("NFC", letter + MARKS[name])
    if name.isalpha() and not base[1] and len(made) > 1:
        return 0
    out.append(Part(made))
    return base.end()


def _is_quotation(text: str, at: int, sign: str) -> bool:
    """`\\"so\\"`: escaped quotation marks, and no accents."""
    if sign not in "\"'" or (text[at - 1 : at].isalpha() and at):
        return False
    close = text.find("\\" + sign, at + 2, at + 80)
    return close >= 0 and not (text[close + 2 : close + 3].isalpha() or text[close + 2 : close + 3] in ("{", "\\"))


def _eaten(text: str, at: int) -> int:
    """Past the empty group that ends a macro's name."""
    return at + 2 if text.startswith("{}", at) else at


def _shown(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    found = groups(source, past, _SHOWN[name] + 1)
    if len(found) <= _SHOWN[name]:
        out.append(Part(source.text[at:past]))
        return past
    opens, close = found[-1]
    if name in ("url", "nolinkurl", "path"):
        out.append(Part(ESCAPED.sub(r"\1", source.text[opens + 1 : close])))
        return close + 1
    quoted = name in _QUOTED
    out += [*[Part("“")] * quoted, *inside(source, opens + 1, close), *[Part("”")] * quoted]
    return close + 1


def _linked(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    """\\href{address}{words}: the words, and the address unless they are it."""
    found = groups(source, past, 2)
    if len(found) < 2:
        return _unknown(source, at, name, past, out)
    address = ESCAPED.sub(r"\1", source.text[found[0][0] + 1 : found[0][1]]).strip()
    words = told(source, found[1][0] + 1, found[1][1])
    out.append(Part(linked(address, words)))
    return found[1][1] + 1


def _noted(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    found = groups(source, past, 1)
    if found:
        words = told(source, found[0][0] + 1, found[0][1])
        out.append(Part(f" ({words})" if words else ""))
        return found[0][1] + 1
    out.append(Part(source.text[at:past]))
    return past


def _cited(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    """\\cite[see][p. 3]{a,b}: `[see a, b, p. 3]`."""
    text = source.text
    past += text[past : past + 1] == "*"
    given, past = options(source, past)
    found = groups(source, past, 1)
    if not found:
        out.append(Part(text[at:past]))
        return past
    keys = ", ".join(filter(None, (key.strip() for key in text[found[0][0] + 1 : found[0][1]].split(","))))
    given = [one.replace("~", " ") for one in given]
    before, after = ([*given, ""] if len(given) > 1 else ["", *given, ""])[:2]
    told = f"{before} {keys}".strip() + (f", {after}" if after else "")
    out.append(Part(f"({told})" if name == "eqref" else f"[{told}]" if told else ""))
    return found[0][1] + 1


def _hidden(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    if name in _HIDDEN_WITH_ARGUMENT:
        past += source.text[past : past + 1] == "*"
        found = groups(source, past, 2 if name in ("setlength", "fontsize") else 1)
        if not found:
            out.append(Part(source.text[at:past]))
            return past
        return found[-1][1] + 1
    past = _eaten(source.text, past)
    if name in _SPACES:
        out.append(Part(" "))
    elif name != "xspace" and source.text[past : past + 1] == " ":
        past += 1
    return past


def _environment(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    """Lists and abstracts are text; their items are told apart."""
    if name == "item":
        given, past = options(source, past)
        out.append(Part(f" {given[0]} " if given else " • "))
        return past
    found = groups(source, past, 1)
    if not found:
        out.append(Part(source.text[at:past]))
        return past
    out.append(Part(" "))
    return options(source, found[0][1] + 1)[1]


def _word(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    out.append(Part(WORDS[name]))
    past = _eaten(source.text, past)
    # \eg. and \etc. have their point already.
    return past + (WORDS[name].endswith(".") and source.text[past : past + 1] == ".")


def _symbol(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    """A symbol of formulas outside of one; in a path it is a folder's name."""
    text = source.text
    line = _PATH_BEFORE.search(text[max(0, at - 60) : at].rpartition(" ")[2])
    if (line and line[0].count("\\") and not known(text, at - len(line[0]) + line[0].index("\\"))) or (
        name in NAMES and text[at - 1 : at].isalnum() and at
    ):
        out.append(Part(text[at:past]))
        return past
    shown = _IN_TEXT.get(name) or MATH[name]
    out.append(Part(shown))
    past = _eaten(text, past)
    if name in INFIX and _FACTOR.match(text, past) and at and not text[at - 1].isspace():
        past += 1  # m\times p, and not 5\times faster
    # TeX eats the space behind a macro's name; people mostly mean it, but not here.
    return past + (
        text[past : past + 1] == " " and (shown in "“‘«" or (shown == "°" and text[past + 1 : past + 2] in "CF"))
    )


def _structured(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    """A fraction, a root or a letter of another alphabet without dollars."""
    _, begin = options(source, past) if name == "sqrt" else ([], past)
    found = groups(source, begin, ARGUMENTS[name])
    if len(found) < ARGUMENTS[name]:
        out.append(Part(source.text[at:past]))
        return past
    close = found[-1][1] + 1
    return shown_formula(source.text[at:close], close, out)


def _unknown(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
    """With groups it is TeX that we do not know: they are shown. Without, it is left as it is: it may be anything."""
    text = source.text
    before = text[at - 1 : at] if at else ""
    _, begin = options(source, past)
    found = groups(source, begin, 9) if len(name) > 1 else []
    if any(close > opens + 1 for opens, close in found):
        for number, (opens, close) in enumerate(found):
            out.append(Part(" " if number else ""))
            out += inside(source, opens + 1, close)
        return found[-1][1] + 1
    rare = len(name) > 2 and not known(text, at) and not before.isalnum() and before not in ("\\", "/", ":")
    shown = symbol(name) if rare else ""
    out.append(Part(shown or text[at:past]))
    return _eaten(text, past) if shown else past


def _written_by(what: Callable[[str, list[str]], str]) -> "_Handler":
    """A handler for a macro whose arguments are not read as text."""

    def handler(source: Source, at: int, name: str, past: int, out: list[Part]) -> int:
        _, begin = options(source, past)
        wanted = QUANTITIES.get(name, 1)
        found = groups(source, begin, wanted)
        if len(found) < wanted:
            return _unknown(source, at, name, past, out)
        out.append(Part(what(name, [source.text[opens + 1 : close].strip() for opens, close in found])))
        return found[-1][1] + 1

    return handler


_Handler = Callable[[Source, int, str, int, list[Part]], int]
_MACROS: tuple[tuple[Collection[str], _Handler], ...] = (
    (WORDS, _word),
    (_SHOWN, _shown),
    (["href"], _linked),
    (["footnote", "thanks", "footnotetext"], _noted),
    (_CITED, _cited),
    (_HIDDEN | _HIDDEN_WITH_ARGUMENT | _SPACES, _hidden),
    (["begin", "end", "item"], _environment),
    (QUANTITIES, _written_by(quantity)),
    (["ce"], _written_by(chemical)),
    (ARGUMENTS, _structured),
    (_IN_TEXT, _symbol),
    (MATH, _symbol),
)
