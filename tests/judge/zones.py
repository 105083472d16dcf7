"""Another reading of the time zones: Python's zoneinfo over PyPI's tzdata.

usage: zones.py VERSION COUNT

Prints COUNT wall-clock times of 2024 to 2037 in 41 zones with the instants they mean, and after
them the times that clocks skip, as JSON lines: zone, wall, fold where the time occurs twice, and
instant (null where there is none). Ends with an error when the tzdata found is not VERSION.
"""

import json
import random
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

import tzdata

ZONES = """
Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Johannesburg Africa/Lagos America/Anchorage
America/Asuncion America/Caracas America/Chicago America/Denver America/Edmonton America/Havana
America/Inuvik America/Los_Angeles America/Mexico_City America/New_York America/Nuuk
America/Sao_Paulo America/St_Johns America/Vancouver America/Winnipeg Antarctica/Troll Asia/Almaty
Asia/Beirut Asia/Dubai Asia/Gaza Asia/Jerusalem Asia/Kathmandu Asia/Kolkata Asia/Manila Asia/Tokyo
Atlantic/Azores Australia/Lord_Howe Australia/Sydney Europe/Chisinau Europe/Dublin Europe/London
Europe/Paris Pacific/Apia Pacific/Chatham UTC
""".split()
START = datetime(2024, 1, 1, tzinfo=timezone.utc)
END = datetime(2038, 1, 1, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def changes(zone):
    """The minutes at which the offset of a zone changes."""
    at, found = START, []
    while at < END:
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            low, high = at, at + DAY
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                same = middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        at += DAY
    return found


def row(name, zone, instant):
    wall = instant.astimezone(zone)
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    fold = ("earlier", "later")[wall.fold] if twice else None
    return {
        "zone": name,
        "wall": wall.strftime("%Y-%m-%dT%H:%M"),
        "fold": fold,
        "instant": instant.strftime("%Y-%m-%dT%H:%M:00Z"),
    }


def main(version, count):
    if tzdata.IANA_VERSION != version:
        sys.exit(f"tzdata is {tzdata.IANA_VERSION}, not {version}")
    if zoneinfo.TZPATH:
        sys.exit("PYTHONTZPATH must be empty: the system's zoneinfo would answer")
    dice = random.Random(2026)
    length = (END - START) // MINUTE
    rows, skipped = [], []
    for place, name in enumerate(ZONES):
        zone = zoneinfo.ZoneInfo(name)
        moves = changes(zone)
        share = count // len(ZONES) + (place < count % len(ZONES))
        for number in range(share):
            if moves and number % 2:
                # Up to two hours around a change of clocks, its minutes included.
                instant = dice.choice(moves) + dice.choice([-1, 0, 1, dice.randint(-120, 120)]) * MINUTE
            else:
                instant = START + dice.randrange(length) * MINUTE
            rows.append(row(name, zone, instant))
        for move in moves:
            before, after = (move - MINUTE).astimezone(zone), move.astimezone(zone)
            gap = after.utcoffset() - before.utcoffset()
            if gap > timedelta(0):
                wall = after.replace(tzinfo=None) - gap + dice.randrange(gap // MINUTE) * MINUTE
                wall = wall.strftime("%Y-%m-%dT%H:%M")
                skipped.append({"zone": name, "wall": wall, "fold": None, "instant": None})
    for found in rows + skipped:
        print(json.dumps(found))


main(sys.argv[1], int(sys.argv[2]))
