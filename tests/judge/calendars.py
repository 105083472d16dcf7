"""Another reading of calendar files: PyPI's icalendar.

usage: calendars.py < FILES

FILES is a JSON list of calendar files. Prints what each says as JSON lines.
"""

import json
import sys

from icalendar import Calendar


def utc(value):
    if value.dt.utcoffset().total_seconds():
        sys.exit(f"{value.dt} is not UTC")
    return value.dt.strftime("%Y%m%dT%H%M%SZ")


for text in json.load(sys.stdin):
    calendar = Calendar.from_ical(text.encode())
    (event,) = calendar.walk("VEVENT")
    faults = calendar.errors + event.errors
    if faults:
        sys.exit(f"{faults}: {text}")
    organizer = event["ORGANIZER"]
    said = {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "stamp": utc(event["DTSTAMP"]),
        "start": utc(event["DTSTART"]),
        "end": utc(event["DTEND"]),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "url": str(event["URL"]),
        "organizer": str(organizer),
        "name": str(organizer.params["CN"]),
        "attendees": "ATTENDEE" in event,
        "parts": len(event.subcomponents) + len(calendar.subcomponents),
    }
    print(json.dumps(said))
