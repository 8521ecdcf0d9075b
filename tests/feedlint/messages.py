"""What the lint says: codes with the names that feed validators have used since 2002, so that they can be looked up."""

from typing import Literal, NamedTuple

Level = Literal["error", "warning", "info"]


class Message(NamedTuple):
    """A rule that a document breaks, and where."""

    level: Level
    code: str
    detail: str
    element: str = ""
    parent: str = ""
    attr: str = ""

    def __str__(self) -> str:
        where = "/".join(filter(None, [self.parent, self.element])) + (f"@{self.attr}" if self.attr else "")
        return f"{self.level} {self.code} {where}: {self.detail}"


# A code's kind, where it is a kind of another.
KIND = {
    special: general
    for general, specials in {
        "SAXError": "MissingNamespace UndefinedNamedEntity",
        "MissingNamespace": "NotInANamespace",
        "UndefinedElement": "NoBlink NoThrWhen",
        "InvalidValue": """InvalidContact InvalidLink InvalidISO8601Date InvalidISO8601DateTime InvalidRFC2822Date
            InvalidRFC3339Date InvalidIntegerAttribute InvalidBooleanAttribute InvalidMIMEAttribute InvalidInteger
            InvalidWidth InvalidHeight InvalidHour InvalidDay InvalidHttpGUID InvalidLanguage InvalidUpdatePeriod
            InvalidTextType InvalidFormComponentName DuplicateValue InvalidURN InvalidUUID InvalidTAG NotEscaped
            NotBase64 InvalidYesNo InvalidYesNoClean InvalidDuration TooLong InvalidCommaSeparatedIntegers InvalidFloat
            InvalidTrueFalse""",
        "InvalidContact": "InvalidAddrSpec",
        "InvalidLink": "UriNotIri InvalidIRI InvalidFullLink InvalidUriChar InvalidURIAttribute",
        "InvalidURIAttribute": "InvalidURLAttribute",
        "InvalidISO8601Date": "InvalidW3CDTFDate",
        "InvalidRFC2822Date": "IncorrectDOW",
        "InvalidInteger": "InvalidNonNegativeInteger InvalidPositiveInteger",
        "MissingElement": """MissingDescription MissingLink MissingTitle ItemMustContainTitleOrDescription
            MissingXhtmlDiv MissingContentOrAlternate""",
        "MissingAttribute": "MissingHref",
        "InvalidMediaRange": "InvalidMIMEType",
        "DuplicateSemantics": "DuplicateItemSemantics DuplicateDescriptionSemantics",
        "SecurityRisk": "SecurityRiskAttr",
        "SecurityRiskAttr": "DangerousStyleAttr",
        "ContainsHTML": "ContainsUndeclaredHTML CharacterData",
        "MissingSelf": "MissingAtomSelfLink",
        "EmailFormat": "MissingRealName",
    }.items()
    for special in specials.split()
}

WARNINGS = frozenset(
    """
    UseOfExtensionAttr UnknownHost UndeterminableVocabulary AtomLinkNotEmpty UnregisteredAtomLinkRel
    DuplicateSemantics DuplicateItemSemantics DuplicateDescriptionSemantics ImageLinkDoesntMatch ImageUrlFormat
    ContainsRelRef ReservedPrefix NotSufficientlyUnique ImplausibleDate ProblematicalRFC822Date SecurityRisk
    SecurityRiskAttr DangerousStyleAttr BadCharacters ObscureEncoding NonCanonicalURI SameDocumentReference
    ContainsEmail ContainsHTML ContainsUndeclaredHTML CharacterData MissingSelf MissingAtomSelfLink
    SelfDoesntMatchLocation RelativeSelf MissingSourceElement MissingTypeAttr DuplicateEntries DuplicateUpdated
    NotBlank AttrNotBlank MissingTextualContent DuplicateEnclosure MissingGuid ObsoleteWikiNamespace
    MisplacedXHTMLContent SchemeNotIANARegistered AvoidNamespacePrefix UnknownNamespace UnsupportedNamespace
    MissingRecommendedAttribute QuestionableUsage UndefinedParam NotInline NotHtml HtmlFragment
    FeedHistoryRelInEntry MissingCurrentInArchive ArchiveIncomplete EmailFormat MissingRealName MisplacedItem
    ImageTitleDoesntMatch AvoidTextInput NeedDescriptionBeforeContent SlashDate UseZeroForMidnight CommentRSS
    MissingItunesElement MissingItunesEmail NotUTF8 SelfNotAtom InvalidKeywords
    """.split()
)
INFO = frozenset("ContainsSystemEntity NonstdPrefix NonstdEncoding MissingDCLanguage".split())


def is_a(code: str, wanted: str) -> bool:
    """`code` is `wanted` or a kind of it."""
    while code != wanted:
        if code not in KIND:
            return False
        code = KIND[code]
    return True


def level(code: str) -> Level:
    return "warning" if code in WARNINGS else "info" if code in INFO else "error"
