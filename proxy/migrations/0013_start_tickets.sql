-- Leave to be sent once to the page that hosts a meeting; kept by its SHA-256. `session_hash` is NULL
-- where single sign-on names the person, `meeting_id` is NULL on a page that lists several.
CREATE TABLE start_ticket (
  ticket_hash   TEXT PRIMARY KEY,
  session_hash  TEXT,
  organizer_key TEXT   NOT NULL,
  meeting_id    TEXT,
  origin        TEXT   NOT NULL,
  expires_at    BIGINT NOT NULL
);
CREATE INDEX start_ticket_expires ON start_ticket (expires_at);
