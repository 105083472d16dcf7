// Another reading of calendar files: npm's ical.js.
//
// usage: node calendars.mjs < FILES
//
// FILES is a JSON list of calendar files. Prints what each says as JSON lines.

import { text } from 'node:stream/consumers';
import ICAL from 'ical.js';

ICAL.design.strict = true;
const utc = (event, name) => {
  const time = event.getFirstPropertyValue(name);
  if (time.zone !== ICAL.Timezone.utcTimezone) throw new Error(`${time} is not UTC`);
  return time.toICALString();
};

for (const file of JSON.parse(await text(process.stdin))) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  const event = calendar.getFirstSubcomponent('vevent');
  const organizer = event.getFirstProperty('organizer');
  const value = (name) => event.getFirstPropertyValue(name);
  const said = {
    method: calendar.getFirstPropertyValue('method'),
    uid: value('uid'),
    sequence: value('sequence'),
    stamp: utc(event, 'dtstamp'),
    start: utc(event, 'dtstart'),
    end: utc(event, 'dtend'),
    summary: value('summary'),
    description: value('description'),
    url: value('url'),
    organizer: organizer.getFirstValue(),
    name: organizer.getParameter('cn'),
    attendees: event.hasProperty('attendee'),
    parts: event.getAllSubcomponents().length + calendar.getAllSubcomponents().length,
  };
  console.log(JSON.stringify(said));
}
