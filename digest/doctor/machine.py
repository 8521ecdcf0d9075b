"""What the machine has: its clock, zones, room, store, and the folder that is published."""

import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from digest.config import Config
from digest.delivery.folder import can_be_written
from digest.doctor.finding import CONFIG, MACHINE, Finding
from digest.errors import DigestError, StorageError, TryAgain
from digest.model import Profile, Site
from digest.store import open_store, safety, witness

BUILT: Final = 2026
"""The year of this program: no clock is right that says an earlier one."""


def look(config: Config, now: datetime) -> list[Finding]:
    """All of it."""
    stored, newest = store(config)
    return [clock(now, newest), zones(config.profiles), *rooms(config), *stored, folder(config.out), site(config.site)]


def clock(now: datetime, newest: date | datetime | None) -> Finding:
    """`newest` is the day of the newest edition, or the instant of the last run, whichever is later."""
    told = f"{now:%Y-%m-%d %H:%M} UTC"
    if now.year < BUILT:
        return Finding("clock", "wrong", f"it is {told} by this machine", "set its clock, and let NTP keep it", MACHINE)
    ahead = newest > now if isinstance(newest, datetime) else newest and newest > (now + timedelta(days=1)).date()
    if ahead:
        return Finding(
            "clock",
            "look",
            f"it is {told} by this machine, and the store has something of {newest}",
            "see that the clock is right: editions of days to come hold back those of today",
        )
    return Finding("clock", "ok", told)


def zones(profiles: Iterable[Profile]) -> Finding:
    wanted = sorted({profile.zone for profile in profiles})
    missing = []
    for zone in wanted:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, OSError, ValueError):
            missing.append(zone)
    if missing:
        what = f"nothing is known of {', '.join(missing)}"
        return Finding("zone data", "wrong", what, "pip install --upgrade tzdata", CONFIG)
    where = next((place for place in TZPATH if Path(place, wanted[0]).is_file()), "the package tzdata")
    return Finding("zone data", "ok", f"{', '.join(wanted)}, from {where}")


def rooms(config: Config) -> list[Finding]:
    """Where the store is, and where editions are published, if that is another disk."""
    found: list[Finding] = []
    devices: set[int] = set()
    for path in (config.store, config.out):
        place = next(parent for parent in path.absolute().parents if parent.exists())
        if (device := place.stat().st_dev) in devices:
            continue
        devices.add(device)
        try:
            safety.room(path)
            free = os.statvfs(place)
            found.append(Finding("disk", "ok", f"{free.f_bavail * free.f_frsize / 1e6:,.0f} MB free at {place}"))
        except StorageError as error:
            found.append(Finding("disk", "wrong", str(error), "make room", MACHINE))
    return found


def store(config: Config) -> tuple[list[Finding], date | datetime | None]:
    """The store, and the newest day or instant that it knows of. One that is sound is opened as a run would."""
    path = config.store
    try:
        safety.refuse_remote(path)
        if not safety.is_there(path):
            return [Finding("store", "ok", f"{path} is made by the first `digest run`")], None
        with open_store(path) as opened:
            archives = [opened.archive(one.name, one.title, 0) for one in config.profiles]
            days = [archive.days[0].day for archive in archives if archive.days]
            last = next(iter(opened.runs.newest(1)), None)
            sound = Finding("store", "ok", f"{path}: sound, in WAL mode, {opened.papers():,} papers")
            why = witness.standing(opened, path)
    except TryAgain as error:
        return [Finding("store", "look", f"could not be looked at: {error}", "ask again later")], None
    except DigestError as error:
        return [Finding("store", "wrong", str(error), code=MACHINE)], None
    found = [sound]
    if process := safety.at_work(path):
        found.append(Finding("store", "ok", f"a run is at work with it, process {process}"))
    if why:
        todo = f"adopt it, {witness.ONLY_IF}"
        found.append(Finding("sending", "look", f"nothing is sent from here: {why.partition(';')[0]}", todo))
    newest = max(days, default=None)
    if last and (not newest or last.began.date() >= newest):
        return found, last.began
    return found, newest


def folder(out: Path) -> Finding:
    if why := can_be_written(out):
        return Finding("published", "wrong", f"{out}: {why}", "let who runs `digest` write there", MACHINE)
    return Finding("published", "ok", f"{out} can be written" if out.exists() else f"{out} is made by the first run")


def site(site: Site) -> Finding:
    if not site.base_url:
        what, todo = "nobody has said where it is", "set `site: base_url`: feeds and mails link to pages by it"
        return Finding("site", "look", what, todo)
    if not site.base_url.startswith("https://"):
        what, todo = f"{site.base_url} is not https", "serve it by https: readers' programs warn of anything else"
        return Finding("site", "look", what, todo)
    return Finding("site", "ok", site.base_url)
