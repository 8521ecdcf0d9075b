"""The tables, as numbered migrations: a file's `user_version` says how many of them it has seen.

A migration that has been released is never edited; a change is a new one at the end.

    paper  1 -- n  listing         a paper that was found to be another one points to it with `same_as`:
      |                            its listings and keys stay where they are, and look-ups follow
      1 -- n  paper_key
    edition  1 -- n  edition_paper    by the ids of papers
      |  n -- n  shown_paper          as it shows them: by numbers in its text
      |
      1 -- n  delivery  n -- 1  subscriber  1 -- n  subscriber_mark
                 |
                 1 -- 1  message       what is sent, frozen; apart, so that a change of state does not write it anew

`suppression` and `bounce` are of addresses, whoever subscribed by them; `trouble` is what is wrong; `run` is the diary
of the commands that work; `turn` is what a schedule has done beside making editions. `answer`, `rest` and `coverage`
are of sources on the network.
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

# The ledger: what became of each edition for each subscriber. Instants are seconds since 1970 in UTC.
LEDGER = (
    # `folded` is the address by which two are the same; `address` is as it was written, and mail is sent to that.
    """
    CREATE TABLE subscriber (
        seq     INTEGER PRIMARY KEY,
        profile TEXT NOT NULL CHECK (profile <> ''),
        channel TEXT NOT NULL CHECK (channel <> ''),
        folded  TEXT NOT NULL CHECK (folded <> ''),
        address TEXT NOT NULL,
        name    TEXT NOT NULL,
        UNIQUE (profile, channel, folded)
    ) STRICT
    """,
    "CREATE INDEX subscriber_address ON subscriber (channel, folded)",
    # The hash of the token in a link that unsubscribes. Links in old mails stay good.
    """
    CREATE TABLE subscriber_mark (
        mark       TEXT PRIMARY KEY CHECK (mark <> ''),
        subscriber INTEGER NOT NULL REFERENCES subscriber
    ) STRICT, WITHOUT ROWID
    """,
    # `run` is who claimed it. `carry` is the operator's word where nobody knows: 1 its papers go with the next edition,
    # -1 they do not, 0 nothing was said. `channel` is the subscriber's, for the indexes.
    """
    CREATE TABLE delivery (
        seq          INTEGER PRIMARY KEY,
        edition      INTEGER NOT NULL REFERENCES edition,
        subscriber   INTEGER NOT NULL REFERENCES subscriber,
        channel      TEXT NOT NULL,
        state        TEXT NOT NULL CHECK (
            state = 'planned' OR state = 'rendered' OR state = 'claimed' OR state = 'dot sent' OR state = 'accepted'
            OR state = 'deferred' OR state = 'refused' OR state = 'suppressed' OR state = 'expired'
            OR state = 'in doubt'
        ),
        attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        run          TEXT,
        message_id   TEXT NOT NULL DEFAULT '',
        detail       TEXT NOT NULL DEFAULT '',
        changed      REAL NOT NULL,
        due          REAL,
        expires      REAL NOT NULL,
        carry        INTEGER NOT NULL DEFAULT 0 CHECK (carry IN (-1, 0, 1)),
        carried_into INTEGER REFERENCES delivery CHECK (carried_into > seq),
        UNIQUE (edition, subscriber),
        CHECK ((state = 'deferred') = (due IS NOT NULL)),
        CHECK ((state IN ('claimed', 'dot sent')) = (run IS NOT NULL))
    ) STRICT
    """,
    # While a message is sent only one of these changes, in one page: a commit writes every page that it changes. And
    # conditions are chains of OR: for a list of three SQLite makes a table, each time that a row is written.
    "CREATE INDEX delivery_planned ON delivery (seq) WHERE state = 'planned'",
    """
    CREATE INDEX delivery_moving ON delivery (state, channel, seq)
    WHERE state = 'rendered' OR state = 'claimed' OR state = 'dot sent'
    """,
    "CREATE INDEX delivery_deferred ON delivery (channel, due) WHERE state = 'deferred'",
    """
    CREATE INDEX delivery_troubled ON delivery (state)
    WHERE state = 'refused' OR state = 'expired' OR state = 'in doubt'
    """,
    """
    CREATE INDEX delivery_missed ON delivery (subscriber)
    WHERE state = 'expired' OR state = 'refused' OR state = 'in doubt' OR state = 'suppressed'
    """,
    "CREATE INDEX delivery_subscriber ON delivery (subscriber)",
    "CREATE INDEX delivery_carried ON delivery (carried_into) WHERE carried_into IS NOT NULL",
    "CREATE INDEX delivery_message_id ON delivery (message_id) WHERE message_id <> ''",
    """
    CREATE TABLE message (
        delivery INTEGER PRIMARY KEY REFERENCES delivery,
        envelope TEXT NOT NULL,
        content  BLOB NOT NULL
    ) STRICT
    """,
    # `profile` is empty where nothing at all is sent to the address.
    """
    CREATE TABLE suppression (
        profile TEXT NOT NULL,
        channel TEXT NOT NULL,
        folded  TEXT NOT NULL,
        address TEXT NOT NULL,
        reason  TEXT NOT NULL CHECK (reason IN ('unsubscribed', 'bounced', 'operator')),
        since   REAL NOT NULL,
        detail  TEXT NOT NULL,
        PRIMARY KEY (channel, folded, profile)
    ) STRICT, WITHOUT ROWID
    """,
    # `mark` tells one report of a bounce from another, so that it counts once.
    """
    CREATE TABLE bounce (
        mark    TEXT PRIMARY KEY,
        channel TEXT NOT NULL,
        folded  TEXT NOT NULL,
        hard    INTEGER NOT NULL CHECK (hard IN (0, 1)),
        at      REAL NOT NULL,
        detail  TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX bounce_address ON bounce (channel, folded, at)",
    """
    CREATE TABLE trouble (
        name  TEXT PRIMARY KEY CHECK (name <> ''),
        what  TEXT NOT NULL,
        since REAL NOT NULL,
        told  REAL
    ) STRICT, WITHOUT ROWID
    """,
)

# When each run began and how it ended; one that died has no end. `over` is when a trouble was that nobody was told of
# yet, or whose end nobody was told of.
RUNS = (
    """
    CREATE TABLE run (
        seq       INTEGER PRIMARY KEY AUTOINCREMENT,
        command   TEXT NOT NULL CHECK (command <> ''),
        process   INTEGER NOT NULL,
        began     REAL NOT NULL,
        ended     REAL,
        exit_code INTEGER,
        verdict   TEXT,
        summary   TEXT NOT NULL DEFAULT '',
        days      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(days)),
        problems  TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(problems)),
        CHECK ((ended IS NULL) = (exit_code IS NULL))
    ) STRICT
    """,
    "CREATE INDEX run_command ON run (command, seq)",
    "ALTER TABLE trouble ADD COLUMN over REAL",
)

# `letterhead` tells what of the config a frozen message was written with. `sealed` says that somebody may have its
# bytes: from then on it is these or none. Of what was frozen before nobody knows, so it counts as sealed.
LETTERHEADS = (
    "ALTER TABLE delivery ADD COLUMN letterhead TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE delivery ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1))",
    "UPDATE delivery SET sealed = 1 WHERE state <> 'planned' AND state <> 'accepted' AND state <> 'suppressed'",
)

# What was fetched, whom to leave alone, and which days of which source are here.
ANSWERS = (
    """
    CREATE TABLE answer (
        url        TEXT NOT NULL UNIQUE CHECK (url <> ''),
        house      TEXT NOT NULL,
        at         REAL NOT NULL,
        body       BLOB NOT NULL,
        final      TEXT NOT NULL,
        etag       TEXT NOT NULL,
        modified   TEXT NOT NULL,
        media_type TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX answer_house ON answer (house, at)",
    """
    CREATE TABLE rest (
        place TEXT PRIMARY KEY CHECK (place <> ''),
        until REAL NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 1),
        why   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE coverage (
        source   TEXT NOT NULL CHECK (source <> ''),
        day      TEXT NOT NULL CHECK (day IS date(day)),
        state    TEXT NOT NULL CHECK (state IN ('pending', 'complete', 'empty', 'stale', 'failed')),
        at       REAL NOT NULL,
        listings INTEGER NOT NULL CHECK (listings >= 0),
        detail   TEXT NOT NULL,
        PRIMARY KEY (source, day)
    ) STRICT, WITHOUT ROWID
    """,
)

# The days on which a profile's turn was taken and no edition of the day was made: `waiting` papers were too few.
# `considered` is the highest `paper.seq` below all papers that were read then: those above it wait for a profile that
# has no edition yet.
TURNS = (
    """
    CREATE TABLE turn (
        profile    TEXT NOT NULL CHECK (profile <> ''),
        day        TEXT NOT NULL CHECK (day IS date(day)),
        waiting    INTEGER NOT NULL CHECK (waiting >= 0),
        considered INTEGER NOT NULL CHECK (considered >= 0),
        PRIMARY KEY (profile, day)
    ) STRICT, WITHOUT ROWID
    """,
)

# What was fetched and nobody has read. One that takes the place of such an answer leaves that beside it, under its
# address, a line break and its instant.
UNREAD = ("ALTER TABLE answer ADD COLUMN unread INTEGER NOT NULL DEFAULT 0 CHECK (unread IN (0, 1))",)

# The papers of editions, each as some edition shows it, with a hash of that as its mark. From here on an edition has a
# paper's number in its place; those that were there before keep the papers that they have in them.
SHOWN = (
    """
    CREATE TABLE shown_paper (
        seq     INTEGER PRIMARY KEY,
        mark    TEXT NOT NULL UNIQUE CHECK (mark <> ''),
        content TEXT NOT NULL CHECK (json_valid(content))
    ) STRICT
    """,
)

MIGRATIONS = (PAPERS_AND_EDITIONS, SECRETS, LEDGER, RUNS, LETTERHEADS, ANSWERS, TURNS, UNREAD, SHOWN)
