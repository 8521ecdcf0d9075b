"""The tables, as numbered migrations: a file's `user_version` says how many of them it has seen.

A migration that has been released is never edited; a change is a new one at the end.

    paper  1 -- n  listing         a paper that was found to be another one points to it with `same_as`:
      |                            its listings and keys stay where they are, and look-ups follow
      1 -- n  paper_key
    edition  1 -- n  edition_paper
"""

APPLICATION_ID = 0x64677374
"""`dgst`, in the header of the file: tells a store from any other SQLite database."""

PAPERS_AND_EDITIONS = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    # `seq` counts papers in the order in which they became known; rows are never deleted, so none is used twice.
    # `same_as` is the older paper that this one was found to be, never one that itself points further.
    """
    CREATE TABLE paper (
        seq     INTEGER PRIMARY KEY,
        id      TEXT NOT NULL UNIQUE CHECK (id <> ''),
        same_as INTEGER REFERENCES paper CHECK (same_as < seq)
    ) STRICT
    """,
    "CREATE INDEX paper_same_as ON paper (same_as) WHERE same_as IS NOT NULL",
    # `mark` is a hash of `content`, so that a listing that is met again is the same row.
    """
    CREATE TABLE listing (
        mark    TEXT NOT NULL UNIQUE,
        paper   INTEGER NOT NULL REFERENCES paper,
        content TEXT NOT NULL CHECK (json_valid(content))
    ) STRICT
    """,
    "CREATE INDEX listing_paper ON listing (paper)",
    # The keys of every listing (digest.merging.keys). Papers that are kept apart may share one.
    """
    CREATE TABLE paper_key (
        key   TEXT NOT NULL,
        paper INTEGER NOT NULL REFERENCES paper,
        PRIMARY KEY (key, paper)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX paper_key_paper ON paper_key (paper)",
    # `digest` is the whole content, frozen. `considered` is the highest `paper.seq` when the edition was kept.
    # `shown` and `headline` are the edition's line in the archive.
    """
    CREATE TABLE edition (
        seq        INTEGER PRIMARY KEY,
        profile    TEXT NOT NULL CHECK (profile <> ''),
        day        TEXT NOT NULL CHECK (day IS date(day)),
        number     INTEGER NOT NULL CHECK (number >= 1),
        issued     TEXT NOT NULL,
        considered INTEGER NOT NULL CHECK (considered >= 0),
        shown      INTEGER NOT NULL CHECK (shown >= 0),
        headline   TEXT,
        digest     TEXT NOT NULL CHECK (json_valid(digest)),
        UNIQUE (profile, day),
        UNIQUE (profile, number)
    ) STRICT
    """,
    # By id and not by `seq`: an edition is history, whatever its papers turn out to be.
    """
    CREATE TABLE edition_paper (
        edition INTEGER NOT NULL REFERENCES edition,
        id      TEXT NOT NULL,
        PRIMARY KEY (edition, id)
    ) STRICT, WITHOUT ROWID
    """,
)

# What nobody can guess and must stay: the private address of a profile, the key of what is signed.
SECRETS = (
    """
    CREATE TABLE secret (
        name  TEXT PRIMARY KEY CHECK (name <> ''),
        value TEXT NOT NULL CHECK (value <> '')
    ) STRICT, WITHOUT ROWID
    """,
)

MIGRATIONS = (PAPERS_AND_EDITIONS, SECRETS)
