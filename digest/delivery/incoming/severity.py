"""How much a failed delivery tells of the address: *hard*, it takes no mail and will not tomorrow; or *soft*, it may
be another time, or with another mail.

A full mailbox, a refused content, a sender who is not trusted and whatever is temporary (4.x.x) say nothing of the
address. Where the status is of a kind that servers use for all of these (RFC 3463 gives x.y.0 to what has no better
one, and Exim says 5.0.0 of everything), the words that come with it decide.
"""

from digest.delivery.smtp.dialogue import ADDRESS_IS_BAD
from digest.patterns import pattern

HARD = frozenset((*ADDRESS_IS_BAD, "5.2.1", "5.4.4", "5.4.310"))
"""Beside the addresses that are bad: a mailbox that is switched off, a domain that nobody can route to, and what
Microsoft 365 says of one that does not exist.
"""

STATUS = pattern(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
"""An enhanced status (RFC 3463), which is no part of an address of the Internet."""

_CODE = pattern(r"(?<![\d.])[45]\d\d(?![\d.]*\d)")
_REJECTS_ANYBODY = ("5.7.0",)
_TELLS_NOTHING = ("5.4.1",)  # by RFC 3463 no answer; Microsoft 365 says it where it knows no such recipient

_OF_THE_MOMENT = pattern(
    r"""(?ix) quota | \b(mailbox|inbox|account)\b .{0,20} \bfull\b | \b(storage|disk|space)\b | too\ (big|large)
    | \bsize\b | spam | virus | black\W?list | block\W?list | \bblocked\b | \bpolicy\b | dmarc | dkim | \bspf\b
    | reputation | content | \brate\b | grey\W?list | try\ again | temporar | timed?\W?out | \brelay"""
)
_OF_THE_ADDRESS = pattern(
    r"""(?ix) \b(user|recipient|mailbox|address|account|local\ part)\b .{0,40}
        \b(unknown | not\ (found|known|exist) | n[o']t\ exist | unavailable | disabled | invalid | inactive | expired
        | no\ longer | rejected:\ access\ denied)\b
    | \b(unknown|invalid|no\ such|bad)\ (\w+\ )?(user|recipient|mailbox|address|account|local\ part|domain|person)
    | \bno\ mailbox\ here\b | unrouteable | \bhost\ (\w+\ )?not\ found | \bdomain\ (\w+\ )?not\ (found|exist)
    | n[o']t\ have\ an?\ \S+\ account | not\ our\ customer | not\ listed\ in"""
)


def is_hard(status: str, said: str, *, permanent: bool = False) -> bool:
    """`status` is of RFC 3463, or empty; `said` what the server said, on one line. `permanent` is what to think where
    neither tells anything.
    """
    if status.startswith("4"):
        return False
    precise = next((one for one in (status, *STATUS.findall(said)) if one and not one.endswith(".0.0")), "")
    if precise in HARD:
        return True
    vague = not precise or precise in _TELLS_NOTHING or (precise.endswith(".0") and precise not in _REJECTS_ANYBODY)
    if not vague or precise.startswith("4") or _OF_THE_MOMENT.search(said):
        return False
    if _OF_THE_ADDRESS.search(said):
        return True
    code = _CODE.search(said)
    return code[0] in ("550", "551", "553") if code else permanent and not precise
