// The fields of Create meeting as a React developer would build them today: nothing that the widget
// does besides (words in several languages, checks, the network), and no style.
import { createRoot } from 'react-dom/client';
import { useState } from 'react';
import {
  Button, Calendar, CalendarCell, CalendarGrid, ComboBox, DateInput, DatePicker, DateSegment, Dialog,
  FieldError, Form, Group, Heading, Input, Label, ListBox, ListBoxItem, Popover, Switch, Text,
  TextField, TimeField,
} from 'react-aria-components';
import { Time, getLocalTimeZone, today } from '@internationalized/date';

const Clock = ({ label, value, onChange }) => (
  <TimeField value={value} onChange={onChange} isRequired>
    <Label>{label}</Label>
    <DateInput>{(segment) => <DateSegment segment={segment} />}</DateInput>
    <FieldError />
  </TimeField>
);

function CreateMeeting() {
  const [start, setStart] = useState(new Time(14));
  const [end, setEnd] = useState(new Time(14, 30));
  const [query, setQuery] = useState('');
  return (
    <Form>
      <TextField name="subject" isRequired maxLength={100}>
        <Label>Subject</Label>
        <Input />
        <FieldError />
      </TextField>
      <DatePicker defaultValue={today(getLocalTimeZone())} isRequired>
        <Label>Date</Label>
        <Group>
          <DateInput>{(segment) => <DateSegment segment={segment} />}</DateInput>
          <Button>▾</Button>
        </Group>
        <Popover>
          <Dialog>
            <Calendar>
              <header>
                <Button slot="previous">‹</Button>
                <Heading />
                <Button slot="next">›</Button>
              </header>
              <CalendarGrid>{(date) => <CalendarCell date={date} />}</CalendarGrid>
            </Calendar>
          </Dialog>
        </Popover>
      </DatePicker>
      <Clock label="Start time" value={start} onChange={setStart} />
      <Clock label="End time" value={end} onChange={setEnd} />
      <ComboBox inputValue={query} onInputChange={setQuery} items={[]} allowsEmptyCollection>
        <Label>Co-organizers</Label>
        <Input />
        <Text slot="description">They can start the meeting without you.</Text>
        <Popover>
          <ListBox renderEmptyState={() => 'Nobody found'}>
            {(person) => <ListBoxItem>{person.name}</ListBoxItem>}
          </ListBox>
        </Popover>
      </ComboBox>
      <Switch>Password</Switch>
      <Button type="submit">Create meeting</Button>
    </Form>
  );
}

createRoot(document.getElementById('form')).render(<CreateMeeting />);
