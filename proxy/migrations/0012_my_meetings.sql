-- What GoTo listed last of somebody's next meetings, sealed, for a minute. `stamp` is of the look that
-- began last: a look that ends after the list was dropped, by a sign-out or by a change of a meeting,
-- finds its stamp gone and keeps nothing.
CREATE TABLE my_meetings (
  organizer_key TEXT PRIMARY KEY,
  stamp         TEXT   NOT NULL,
  listed        TEXT,
  read_at       BIGINT NOT NULL
);
CREATE INDEX my_meetings_read ON my_meetings (read_at);
