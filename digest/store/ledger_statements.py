"""What the ledger asks of SQLite, by name. A list of values is one JSON array: the number of `?` is limited."""

from collections.abc import Collection

# A row as `digest.model.Delivery` has it; `FILTERED` and others go on from here.
DELIVERY = """
    SELECT delivery.seq, edition.profile, edition.day, delivery.channel, subscriber.address, subscriber.name,
        delivery.state, delivery.attempts, delivery.message_id, delivery.detail, delivery.changed, delivery.due,
        delivery.expires, delivery.carried_into, delivery.carry
    FROM delivery
    JOIN edition ON edition.seq = delivery.edition
    JOIN subscriber ON subscriber.seq = delivery.subscriber
"""

# SQLite takes a partial index only where its condition stands in the statement as it stands in the index.
_MOVING = "(delivery.state = 'rendered' OR delivery.state = 'claimed' OR delivery.state = 'dot sent')"
_TROUBLED = "(delivery.state = 'refused' OR delivery.state = 'expired' OR delivery.state = 'in doubt')"

# The rows in a state, for those states that have an index: few rows are in them, however long the ledger is. SQLite has
# to be told to use it: it takes any index for as good as another.
IN_STATE = {
    **{
        state: f"SELECT seq FROM delivery INDEXED BY delivery_{state} WHERE state = '{state}'"
        for state in ("planned", "deferred")
    },
    **{
        state: f"SELECT seq FROM delivery INDEXED BY delivery_moving WHERE {_MOVING} AND state = '{state}'"
        for state in ("rendered", "claimed", "dot sent")
    },
    **{
        state: f"SELECT seq FROM delivery INDEXED BY delivery_troubled WHERE {_TROUBLED} AND state = '{state}'"
        for state in ("refused", "expired", "in doubt")
    },
}

# Every row that waits.
_WAITING = " UNION ALL ".join(IN_STATE[state] for state in ("planned", "rendered", "deferred"))

# -------------------------------------------------------------------------------------------- subscribers

# Whoever subscribed before keeps their number, and is called as they are called now.
ENROL = """
    INSERT INTO subscriber (profile, channel, folded, address, name) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (profile, channel, folded) DO UPDATE SET address = excluded.address, name = excluded.name
"""

SUBSCRIBER = "SELECT seq FROM subscriber WHERE profile = ? AND channel = ? AND folded = ?"

ADD_MARK = """
    INSERT OR IGNORE INTO subscriber_mark (mark, subscriber)
    SELECT ?4, seq FROM subscriber WHERE profile = ?1 AND channel = ?2 AND folded = ?3
"""

SUBSCRIBER_BY_MARK = """
    SELECT subscriber.profile, subscriber.channel, subscriber.address, subscriber.name
    FROM subscriber_mark JOIN subscriber ON subscriber.seq = subscriber_mark.subscriber
    WHERE subscriber_mark.mark = ?
"""

# ------------------------------------------------------------------------------------------------ planning

EDITION = "SELECT seq, shown, issued FROM edition WHERE profile = ? AND day = ?"

NEWEST_EDITION = "SELECT coalesce(max(seq), 0) FROM edition"

IS_PLANNED = "SELECT 1 FROM delivery WHERE edition = ? AND subscriber = ?"

ADD_DELIVERY = """
    INSERT INTO delivery (edition, subscriber, channel, state, detail, changed, expires)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_GONE = "is no recipient any more"

# What of a subscriber's earlier editions goes with the next: what is in doubt only where `?2`, or where the operator
# said so; what waited when the config did not have them for a while; nothing of which the operator said that it does
# not. Earlier are those that were planned before: the days of editions may be those of a clock that was wrong.
TO_CARRY = f"""
    SELECT seq FROM delivery INDEXED BY delivery_missed
    WHERE subscriber = ?1 AND carried_into IS NULL AND carry >= 0
        AND (state = 'expired' OR state = 'refused' OR state = 'in doubt' OR state = 'suppressed')
        AND (state <> 'in doubt' OR ?2 OR carry = 1)
        AND (state <> 'suppressed' OR detail = '{_GONE}')
"""

CARRY = "UPDATE delivery SET carried_into = ?2 WHERE seq IN (SELECT value FROM json_each(?1))"

REFUSALS = 3
"""So many mails may be refused for what is in them, until papers that all of them had are left to their page."""

# Of what the rows `?1` take along, directly or through others, that which is left now: the row `?2` is the first to say
# so. A row that is left has `carry` -1 beside its `carried_into`, which no operator's word ever has.
LEAVE = f"""
    WITH RECURSIVE chain (seq, refusals) AS (
        SELECT seq, state = 'refused' AND sealed FROM delivery WHERE seq IN (SELECT value FROM json_each(?1))
        UNION
        SELECT delivery.seq, chain.refusals + (delivery.state = 'refused' AND delivery.sealed)
        FROM delivery JOIN chain ON delivery.carried_into = chain.seq
        WHERE delivery.carry >= 0
    )
    UPDATE delivery SET carry = -1, carried_into = ?2
    WHERE seq IN (SELECT seq FROM chain WHERE refusals >= {REFUSALS})
"""

IS_SUPPRESSED = """
    SELECT reason FROM suppression WHERE channel = ? AND folded = ? AND profile IN ('', ?) LIMIT 1
"""

# What waits for somebody who is no reader of the profile any more.
DISMISS = f"""
    UPDATE delivery SET state = 'suppressed', due = NULL, changed = ?3, detail = '{_GONE}'
    WHERE state IN ('planned', 'rendered', 'deferred') AND subscriber IN (
        SELECT seq FROM subscriber WHERE profile = ?1 AND seq NOT IN (SELECT value FROM json_each(?2))
    )
"""

# What waits for readers of a profile that the config has no more.
DISMISS_OTHERS = f"""
    UPDATE delivery SET state = 'suppressed', due = NULL, changed = ?2, detail = '{_GONE}'
    WHERE seq IN (
        {_WAITING}
    ) AND (SELECT profile FROM subscriber WHERE subscriber.seq = delivery.subscriber) NOT IN (
        SELECT value FROM json_each(?1)
    )
"""

# ------------------------------------------------------------------------------------------------ freezing

PLANNED = f"{DELIVERY} WHERE delivery.state = 'planned' ORDER BY delivery.seq LIMIT ?"

# A delivery, and all that it takes along, directly or through others; and what it, or one of them, leaves.
CONTENT = """
    WITH RECURSIVE chain (seq, stays) AS (
        SELECT ?1, 0
        UNION
        SELECT delivery.seq, delivery.carry < 0 FROM delivery JOIN chain ON delivery.carried_into = chain.seq
        WHERE NOT chain.stays
    )
    SELECT edition.seq, edition.shown, edition.day, min(chain.stays)
    FROM chain JOIN delivery ON delivery.seq = chain.seq JOIN edition ON edition.seq = delivery.edition
    GROUP BY edition.seq
    ORDER BY edition.seq = (SELECT edition FROM delivery WHERE seq = ?1) DESC, edition.day DESC
"""

# What the mails of an edition are the first to leave.
LEFT = f"""
    {DELIVERY}
    JOIN delivery AS later ON later.seq = delivery.carried_into
    JOIN edition AS newest ON newest.seq = later.edition
    WHERE newest.profile = ? AND newest.day = ? AND delivery.carry = -1
    ORDER BY edition.day DESC, delivery.seq DESC
"""

EDITION_BY_SEQ = "SELECT digest, number, issued FROM edition WHERE seq = ?"

FREEZE = "UPDATE delivery SET state = 'rendered', message_id = ?, letterhead = ? WHERE seq = ? AND state = 'planned'"

KEEP_MESSAGE = """
    INSERT INTO message (delivery, envelope, content)
    SELECT ?1, ?2, ?3 FROM delivery WHERE seq = ?1 AND state = 'rendered'
    ON CONFLICT (delivery) DO NOTHING
"""

# What was written for a config that says something else by now, and was given to nobody.
THAW = f"""
    UPDATE delivery
    SET state = 'planned', due = NULL, attempts = 0, message_id = '', letterhead = '', changed = ?4,
        detail = 'written anew: the config has changed since'
    WHERE seq IN ({IN_STATE["rendered"]} UNION ALL {IN_STATE["deferred"]})
        AND sealed = 0 AND channel = ?2 AND letterhead <> ?3
        AND (SELECT profile FROM subscriber WHERE subscriber.seq = delivery.subscriber) = ?1
    RETURNING seq
"""

DROP_MESSAGE = "DELETE FROM message WHERE delivery = ?"

# What nobody can want to see or send again.
DROP_MESSAGES = """
    DELETE FROM message WHERE delivery IN (
        SELECT delivery.seq FROM message CROSS JOIN delivery ON delivery.seq = message.delivery
        WHERE delivery.state IN ('accepted', 'suppressed')
    )
"""

DROP_OLD_MESSAGES = """
    DELETE FROM message WHERE delivery IN (
        SELECT delivery.seq FROM message CROSS JOIN delivery ON delivery.seq = message.delivery
        WHERE delivery.state IN ('accepted', 'suppressed', 'refused', 'expired', 'in doubt') AND delivery.changed < ?
    )
"""

MESSAGE = "SELECT content FROM message WHERE delivery = ?"

# ------------------------------------------------------------------------------------------------ sending

_FREE = """
        AND NOT EXISTS (
            SELECT 1 FROM subscriber JOIN suppression
                ON suppression.channel = subscriber.channel AND suppression.folded = subscriber.folded
                AND suppression.profile IN ('', subscriber.profile)
            WHERE subscriber.seq = delivery.subscriber
        )
"""

CLAIM_RENDERED = f"""
    UPDATE delivery SET state = 'claimed', run = ?1, changed = ?2
    WHERE seq IN (
        SELECT seq FROM delivery
        WHERE {_MOVING} AND state = 'rendered' AND channel = ?3 AND expires > ?2 {_FREE} ORDER BY seq LIMIT ?4
    )
    RETURNING seq
"""

CLAIM_DEFERRED = f"""
    UPDATE delivery SET state = 'claimed', run = ?1, changed = ?2, due = NULL
    WHERE seq IN (
        SELECT seq FROM delivery
        WHERE state = 'deferred' AND channel = ?3 AND due <= ?2 AND expires > ?2 {_FREE} ORDER BY due, seq LIMIT ?4
    )
    RETURNING seq
"""

PARCEL = """
    SELECT delivery.seq, message.envelope, subscriber.address, message.content
    FROM delivery
    JOIN subscriber ON subscriber.seq = delivery.subscriber
    JOIN message ON message.delivery = delivery.seq
    WHERE delivery.seq = ?
"""

MARK = """
    UPDATE delivery SET state = 'dot sent', sealed = 1, changed = ? WHERE seq = ? AND state = 'claimed' AND run = ?
"""

# `?` by `?`: state, detail, changed, seq, run. What may become of a row that was claimed, and of one that was marked.
SETTLE = {
    "accepted": "UPDATE delivery SET state = 'accepted', run = NULL, detail = ?, changed = ? "
    "WHERE seq = ? AND run = ? AND state IN ('claimed', 'dot sent')",
    "refused": "UPDATE delivery SET state = 'refused', run = NULL, detail = ?, changed = ? "
    "WHERE seq = ? AND run = ? AND state IN ('claimed', 'dot sent')",
    "in doubt": "UPDATE delivery SET state = 'in doubt', run = NULL, detail = ?, changed = ? "
    "WHERE seq = ? AND run = ? AND state = 'dot sent'",
    # Given back: what was marked may have arrived, and is not to be sent again as if nothing had been.
    "rendered": "UPDATE delivery SET state = 'rendered', run = NULL, detail = ?, changed = ? "
    "WHERE seq = ? AND run = ? AND state = 'claimed'",
}

ATTEMPTS = "SELECT attempts FROM delivery WHERE seq = ? AND run = ? AND state IN ('claimed', 'dot sent')"

DEFER = """
    UPDATE delivery SET state = 'deferred', run = NULL, detail = ?, changed = ?, attempts = attempts + 1, due = ?
    WHERE seq = ? AND run = ? AND state IN ('claimed', 'dot sent')
"""

# ----------------------------------------------------------------------------------------------- recovering

MIDWAY = f"{DELIVERY} WHERE {_MOVING} AND delivery.state IN ('claimed', 'dot sent') ORDER BY delivery.seq"

GIVE_BACK = f"UPDATE delivery SET state = 'rendered', run = NULL WHERE {_MOVING} AND state = 'claimed'"

DOUBT = f"""
    UPDATE delivery SET state = 'in doubt', run = NULL, changed = ?1, detail = ?2
    WHERE {_MOVING} AND state = 'dot sent'
"""

SEND_AGAIN = f"""
    UPDATE delivery
    SET state = 'deferred', run = NULL, changed = ?1, due = ?1, attempts = attempts + 1, detail = ?2
    WHERE {_MOVING} AND state = 'dot sent'
"""

# A try that lies further ahead than any backoff was set by a clock that was wrong.
BRING_NEAR = "UPDATE delivery SET due = ?1 WHERE state = 'deferred' AND due > ?1 + ?2"

# And so was an end that lies further ahead than any config may put it.
END_SOONER = f"UPDATE delivery SET expires = ?1 + ?3 WHERE seq IN ({_WAITING}) AND expires > ?1 + ?2"

EXPIRED = f"{DELIVERY} WHERE delivery.seq IN ({_WAITING}) AND delivery.expires <= ? ORDER BY delivery.seq"

_EXPIRE = """
    UPDATE delivery
    SET state = 'expired', due = NULL, changed = ?1,
        detail = 'its time was over' || CASE WHEN detail = '' THEN '' ELSE '; last: ' || detail END
"""

EXPIRE = f"{_EXPIRE} WHERE seq IN ({_WAITING}) AND expires <= ?1"

# What came back to wait while its reader left.
SUPPRESS_LATE = f"""
    UPDATE delivery
    SET state = 'suppressed', due = NULL, changed = ?1, detail = held.reason
    FROM subscriber JOIN suppression AS held
        ON held.channel = subscriber.channel AND held.folded = subscriber.folded
        AND held.profile IN ('', subscriber.profile)
    WHERE delivery.seq IN ({_WAITING}) AND subscriber.seq = delivery.subscriber
"""

# What waits for somebody who is sent nothing any more.
SUPPRESS_WAITING = """
    UPDATE delivery SET state = 'suppressed', due = NULL, changed = ?4, detail = ?5
    WHERE state IN ('planned', 'rendered', 'deferred') AND subscriber IN (
        SELECT seq FROM subscriber WHERE channel = ?1 AND folded = ?2 AND (?3 = '' OR profile = ?3)
    )
"""

# A copy of a store was adopted: what its original may have sent since is in doubt.
ADOPT = """
    UPDATE delivery SET state = 'in doubt', sealed = 1, run = NULL, due = NULL, changed = ?1, detail = ?2
    WHERE state IN ('planned', 'rendered', 'claimed', 'dot sent', 'deferred')
"""

# ------------------------------------------------------------------------------------------------- looking


def filtered(profile: bool, day: bool, until: bool, states: Collection[str]) -> str:
    """Rows of the profile `?1`, of the day `?2` and of none after `?3`, where these are asked for, in one of `states`,
    which is the array `?4` as well; at most `?5`. Each question begins with the index that leaves the fewest rows.
    """
    asked = ["edition.profile = ?1"] * profile + ["edition.day = ?2"] * day + ["edition.day <= ?3"] * until
    if states and not profile and set(states) <= IN_STATE.keys():
        asked.append(f"delivery.seq IN ({' UNION ALL '.join(IN_STATE[state] for state in sorted(states))})")
    elif states:
        asked.append("delivery.state IN (SELECT value FROM json_each(?4))")
    where = f"WHERE {' AND '.join(asked)}" if asked else ""
    return f"{DELIVERY} {where} ORDER BY edition.day DESC, delivery.seq DESC LIMIT ?5"


# What nobody can tell of, that went with no later edition, and on which the operator has not said anything.
DOUBTS = f"""
    {DELIVERY}
    WHERE {_TROUBLED} AND delivery.state = 'in doubt'
        AND delivery.carried_into IS NULL AND delivery.carry = 0
    ORDER BY edition.day DESC, delivery.seq DESC
"""

TALLY = """
    SELECT delivery.state, count(*) FROM delivery JOIN edition ON edition.seq = delivery.edition
    WHERE edition.profile = ? AND edition.day = ? GROUP BY 1
"""

BY_SEQ = f"{DELIVERY} WHERE delivery.seq = ?"

BY_MESSAGE_ID = (
    f"{DELIVERY} WHERE delivery.message_id = ? AND delivery.message_id <> '' ORDER BY delivery.seq DESC LIMIT 1"
)

DECIDE_RESEND = """
    UPDATE delivery
    SET state = 'rendered', carry = 0, changed = ?2, expires = ?3, detail = 'sent again, as the operator said'
    WHERE seq = ?1
"""

DECIDE_CARRY = "UPDATE delivery SET carry = ?2, changed = ?3 WHERE seq = ?1"

# -------------------------------------------------------------------------------------- suppression, bounces

SUPPRESS = """
    INSERT OR IGNORE INTO suppression (profile, channel, folded, address, reason, since, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""

RELEASE = """
    DELETE FROM suppression WHERE profile = ?1 AND channel = ?2 AND folded = ?3 AND reason = coalesce(?4, reason)
"""

HELD = """
    SELECT profile, channel, address, reason, since, detail FROM suppression
    WHERE channel = ? AND folded = ? AND profile IN ('', ?) ORDER BY profile
"""

SUPPRESSIONS = """
    SELECT profile, channel, address, reason, since, detail FROM suppression ORDER BY since, folded, profile
"""

BOUNCE = "INSERT OR IGNORE INTO bounce (mark, channel, folded, hard, at, detail) VALUES (?, ?, ?, ?, ?, ?)"

# The days on which an address bounced, the newest first; what a wrong clock put into the future is none.
HARD_BOUNCES = """
    SELECT DISTINCT date(at, 'unixepoch') FROM bounce
    WHERE channel = ? AND folded = ? AND hard = 1 AND at <= ?
    ORDER BY 1 DESC LIMIT ?
"""

FORGET_BOUNCES = "DELETE FROM bounce WHERE channel = ? AND folded = ?"

# ------------------------------------------------------------------------------------------------- troubles

TROUBLES = "SELECT name, what, since, told, over FROM trouble ORDER BY since, name"

DROP_TROUBLES = "DELETE FROM trouble"

ADD_TROUBLE = "INSERT INTO trouble (name, what, since, told, over) VALUES (?, ?, ?, ?, ?)"
