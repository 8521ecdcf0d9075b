"""What a person writes to say what they want to read, turned into terms.

quantization            weight 1
quantization:3          weight 3
speech recognition      several words are a phrase: they stand side by side, in this order
"speech recognition":2  the same with quotes, which a shell or a colon may make necessary
survey:-1               lowers the score of a paper that has it
"""

from math import isfinite

from digest.errors import UsageError
from digest.model import Term
from digest.text import fold

_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»"}


def parse_term(text: str, default: float = 1.0) -> Term:
    """The term that `text` asks for, of weight `default` where it names none. Raises UsageError."""
    wanted = text.strip()
    close = _QUOTES.get(wanted[:1])
    if close:
        end = wanted.find(close, 1)
        if end < 0:
            raise UsageError(f"keyword {text}: the quote is not closed")
        phrase, rest = wanted[1:end], wanted[end + 1 :].strip()
        if rest and not rest.startswith(":"):
            raise UsageError(f"keyword {text}: after the quotes only a weight may follow, as in {wanted[: end + 1]}:2")
        weight = _weight(text, rest[1:]) if rest else default
    else:
        phrase, colon, after = wanted.rpartition(":")
        if colon and not after[:1].isspace():
            weight = _weight(text, after)
        else:
            phrase, weight = wanted, default
    phrase = " ".join(phrase.split())
    if not fold(phrase).strip():
        raise UsageError(f"keyword {text!r} has no letter or digit to look for")
    return Term(text=phrase, weight=weight)


def _weight(text: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        raise UsageError(
            f"keyword {text}: the weight '{number.strip()}' is not a number; write it as in 'quantization:3', "
            "and put a text with a colon in double quotes"
        ) from None
    if not isfinite(weight) or weight == 0 or abs(weight) > 1000:
        raise UsageError(f"keyword {text}: a weight is a number from -1000 to 1000 and not 0")
    return weight
