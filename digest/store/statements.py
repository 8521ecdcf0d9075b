"""What the store asks of SQLite, by name. A list of values is one JSON array: the number of `?` is limited."""

# Which of some listings are known, and of which paper.
KNOWN_LISTINGS = """
    SELECT listing.mark, coalesce(paper.same_as, paper.seq)
    FROM listing JOIN paper ON paper.seq = listing.paper
    WHERE listing.mark IN (SELECT value FROM json_each(?))
"""

# The papers that have one of some keys.
PAPERS_BY_KEY = """
    SELECT DISTINCT coalesce(paper.same_as, paper.seq)
    FROM paper_key JOIN paper ON paper.seq = paper_key.paper
    WHERE paper_key.key IN (SELECT value FROM json_each(?))
"""

# All keys of some papers, also those that came with papers found to be the same.
KEYS_OF_PAPERS = """
    SELECT DISTINCT paper_key.key
    FROM paper JOIN paper_key ON paper_key.paper = paper.seq
    WHERE paper.seq IN (SELECT value FROM json_each(?1)) OR paper.same_as IN (SELECT value FROM json_each(?1))
"""

# All listings of some papers, the papers in the order in which they became known.
LISTINGS_OF_PAPERS = """
    SELECT coalesce(paper.same_as, paper.seq) AS main, current.id, listing.content
    FROM paper
    JOIN paper AS current ON current.seq = coalesce(paper.same_as, paper.seq)
    JOIN listing ON listing.paper = paper.seq
    WHERE paper.seq IN (SELECT value FROM json_each(?1)) OR paper.same_as IN (SELECT value FROM json_each(?1))
    ORDER BY main, listing.content
"""

# All listings of all papers, the papers by id.
EVERY_LISTING = """
    SELECT current.seq, current.id, listing.content
    FROM paper
    JOIN paper AS current ON current.seq = coalesce(paper.same_as, paper.seq)
    JOIN listing ON listing.paper = paper.seq
    ORDER BY current.id, listing.content
"""

# Which of some ids are taken, also by papers found to be others.
TAKEN_IDS = "SELECT id FROM paper WHERE id IN (SELECT value FROM json_each(?))"

# The papers that have one of some ids, or had it before they were found to be others.
PAPERS_BY_ID = """
    SELECT DISTINCT coalesce(same_as, seq) FROM paper WHERE id IN (SELECT value FROM json_each(?))
"""

# The highest number that a paper has; 0 before the first.
LAST_PAPER = "SELECT coalesce(max(seq), 0) FROM paper"

COUNT_PAPERS = "SELECT count(*) FROM paper WHERE same_as IS NULL"

ADD_PAPER = "INSERT INTO paper (seq, id) VALUES (?, ?)"

ADD_LISTING = "INSERT INTO listing (mark, paper, content) VALUES (?, ?, ?)"

ADD_KEY = "INSERT OR IGNORE INTO paper_key (key, paper) VALUES (?, ?)"

# A paper, and what was found to be the same as it before, is found to be an older one.
JOIN_PAPERS = "UPDATE paper SET same_as = ?1 WHERE seq = ?2 OR same_as = ?2"

# The last paper that a profile's editions have considered, or, where there is none, that came before those that its
# turns have read; `?2` is a day to leave out, or NULL.
CONSIDERED = """
    SELECT coalesce(
        (SELECT max(considered) FROM edition WHERE profile = ?1 AND day IS NOT ?2),
        (SELECT min(considered) FROM turn WHERE profile = ?1),
        (SELECT max(seq) FROM paper),
        0
    )
"""

PAPERS_SINCE = "SELECT seq FROM paper WHERE same_as IS NULL AND seq > ? ORDER BY seq"

EDITION_OF_DAY = "SELECT digest, number, issued FROM edition WHERE profile = ? AND day = ?"

NEWEST_EDITIONS = "SELECT digest, number, issued FROM edition WHERE profile = ? ORDER BY day DESC LIMIT ?"

ARCHIVE_DAYS = "SELECT day, number, shown, headline FROM edition WHERE profile = ? ORDER BY day DESC"

SHOWN_PAPER = "SELECT content FROM shown_paper WHERE seq = ?"

SHOWN_PAPER_BY_MARK = "SELECT seq FROM shown_paper WHERE mark = ?"

ADD_SHOWN_PAPER = "INSERT INTO shown_paper (mark, content) VALUES (?, ?)"

# The papers that a profile's editions since a day showed, newest day first, each as its edition has it: an array of
# its id, its headline and its authors. An edition has the numbers of papers, or, an old one, the papers themselves.
SHOWN_PAPERS = """
    SELECT edition.day, json_extract(
        CASE json_type(ranked.value, '$.paper') WHEN 'object' THEN json_extract(ranked.value, '$.paper')
        ELSE (SELECT content FROM shown_paper WHERE seq = json_extract(ranked.value, '$.paper')) END,
        '$.id', '$.headline', '$.authors'
    )
    FROM edition
    JOIN json_each(edition.digest, '$.sections') AS section
    JOIN json_each(section.value, '$.ranked') AS ranked
    WHERE edition.profile = ? AND edition.day >= ?
    ORDER BY edition.day DESC, section.id, ranked.id
"""

# The day of the first edition of a profile that had seen every paper known now; NULL where one has come since. `?2` is
# a day to leave out, or NULL.
LAST_NEWS = """
    SELECT min(day) FROM edition
    WHERE profile = ?1 AND day IS NOT ?2 AND considered = (SELECT max(seq) FROM paper)
"""

LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM edition WHERE profile = ?"

# An edition that showed nothing gives its place to one of the same day that knows more, and keeps its deliveries.
ADD_EDITION = """
    INSERT INTO edition (profile, day, number, issued, considered, shown, headline, digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (profile, day) DO UPDATE SET issued = excluded.issued, considered = excluded.considered,
        shown = excluded.shown, headline = excluded.headline, digest = excluded.digest
    RETURNING seq
"""

# An edition of a day that somebody may have been sent already, for the sake of what it carried, stays as it is.
IS_ON_ITS_WAY = """
    SELECT 1 FROM delivery JOIN edition ON edition.seq = delivery.edition
    WHERE edition.profile = ? AND edition.day = ? AND delivery.state <> 'planned' LIMIT 1
"""

ADD_EDITION_PAPER = "INSERT OR IGNORE INTO edition_paper (edition, id) VALUES (?, ?)"

# What a profile was shown, under the ids that the papers have now; `?2` is a day to leave out, or NULL.
SHOWN = """
    SELECT coalesce(current.id, edition_paper.id), min(edition.day)
    FROM edition
    JOIN edition_paper ON edition_paper.edition = edition.seq
    LEFT JOIN paper ON paper.id = edition_paper.id
    LEFT JOIN paper AS current ON current.seq = coalesce(paper.same_as, paper.seq)
    WHERE edition.profile = ?1 AND edition.day IS NOT ?2
    GROUP BY 1 ORDER BY 1
"""

# For some ids, the papers that have or had them and how many listings each has by now.
LISTED_BY_NOW = """
    SELECT named.id, current.seq, (
        SELECT count(*)
        FROM paper AS part JOIN listing ON listing.paper = part.seq
        WHERE part.seq = current.seq OR part.same_as = current.seq
    )
    FROM paper AS named JOIN paper AS current ON current.seq = coalesce(named.same_as, named.seq)
    WHERE named.id IN (SELECT value FROM json_each(?))
"""

# What was read has the ids that papers have now.
TAKE_TURN = """
    INSERT INTO turn (profile, day, waiting, considered)
    VALUES (?1, ?2, ?3, coalesce(
        (SELECT min(seq) - 1 FROM paper WHERE id IN (SELECT value FROM json_each(?4))),
        (SELECT max(seq) FROM paper),
        0
    ))
    ON CONFLICT (profile, day) DO UPDATE SET waiting = excluded.waiting
"""

TURNS = "SELECT day, waiting FROM turn WHERE profile = ? ORDER BY day DESC"

EDITION_DAYS = "SELECT day FROM edition WHERE profile = ? ORDER BY day DESC"

SECRET = "SELECT value FROM secret WHERE name = ?"

KEEP_SECRET = "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

# ---------------------------------------------------------------------------------------------------- runs

BEGIN_RUN = "INSERT INTO run (command, process, began) VALUES (?, ?, ?)"

# The runs of a command that are old, or beyond so many; never the one that has just begun.
FORGET_RUNS = """
    DELETE FROM run
    WHERE command = ?1 AND seq <> ?4
        AND (began < ?2 OR seq <= (SELECT seq FROM run WHERE command = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?3))
"""

END_RUN = """
    UPDATE run SET ended = ?, exit_code = ?, verdict = ?, summary = ?, days = ?, problems = ? WHERE seq = ?
"""

NEWEST_RUNS = """
    SELECT seq, command, process, began, ended, exit_code, verdict, summary, days, problems
    FROM run WHERE ?1 IS NULL OR command = ?1 ORDER BY seq DESC LIMIT ?2
"""

# ------------------------------------------------------------------------------------------------- answers

ANSWER = "SELECT house, at, body, final, etag, modified, media_type FROM answer WHERE url = ?"

# What nobody has read stays, beside what takes its place.
PUT_ASIDE = "UPDATE answer SET url = url || char(10) || at WHERE url = ? AND unread = 1 AND body <> ?"

KEEP_ANSWER = """
    INSERT INTO answer (url, house, at, body, final, etag, modified, media_type, unread)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (url) DO UPDATE SET house = excluded.house, at = excluded.at, body = excluded.body,
        final = excluded.final, etag = excluded.etag, modified = excluded.modified, media_type = excluded.media_type,
        unread = 1
"""

# An address has no line break in it.
ASIDE = """
    SELECT house, at, body, final, etag, modified, media_type FROM answer
    WHERE url > ?1 || char(10) AND url < ?1 || char(11) ORDER BY at
"""

FORGET_ASIDE = "DELETE FROM answer WHERE instr(url, char(10))"

ALL_ARE_READ = "UPDATE answer SET unread = 0 WHERE unread = 1"

ANSWERS_OF_HOUSE = """
    SELECT url, at, body, final, etag, modified, media_type FROM answer
    WHERE house = ? AND NOT instr(url, char(10)) ORDER BY at, url
"""

LAST_ANSWER = "SELECT max(at) FROM answer WHERE house = ?"

REST = "SELECT until, tries, why FROM rest WHERE place = ?"

LET_REST = """
    INSERT INTO rest (place, until, tries, why) VALUES (?, ?, ?, ?)
    ON CONFLICT (place) DO UPDATE SET until = excluded.until, tries = excluded.tries, why = excluded.why
"""

WAKE = "DELETE FROM rest WHERE place = ? OR place = ?"

FORGET_ANSWERS = "DELETE FROM answer WHERE at < ?"

FORGET_RESTS = "DELETE FROM rest WHERE until < ?"

FORGET_COVERAGE = "DELETE FROM coverage WHERE day < ?"

# A day that is settled is not unsettled, but for one that turns out to list something.
COVER = """
    INSERT INTO coverage (source, day, state, at, listings, detail) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (source, day) DO UPDATE SET state = excluded.state, at = excluded.at, listings = excluded.listings,
        detail = excluded.detail
    WHERE excluded.state = 'complete' OR coverage.state NOT IN ('complete', 'empty')
"""

COVERED = """
    SELECT source, day, state, at, listings, detail FROM coverage
    WHERE (?1 IS NULL OR source = ?1) AND day >= ?2
    ORDER BY source, day
"""
