-- A change of a meeting that somebody ordered: 'cancel'. It lies here from the press on, and at most
-- one request is ever sent for it, not before `due_at`. `subject`, `start_at` and `end_at` are what the
-- person saw, the ones with `found_` what GoTo said instead. `turn` numbers the orders of a meeting.
CREATE TABLE change_intent (
  id             TEXT PRIMARY KEY,
  kind           TEXT   NOT NULL,
  organizer_key  TEXT   NOT NULL,
  meeting_id     TEXT   NOT NULL,
  turn           BIGINT NOT NULL,
  state          TEXT   NOT NULL,
  subject        TEXT   NOT NULL,
  start_at       BIGINT,
  end_at         BIGINT,
  due_at         BIGINT NOT NULL,
  stopped        TEXT,
  found_subject  TEXT,
  found_start_at BIGINT,
  found_end_at   BIGINT,
  checks         BIGINT NOT NULL DEFAULT 0,
  check_at       BIGINT,
  sent_at        BIGINT,
  ordered_at     BIGINT NOT NULL
);
-- One at a time for a meeting, whoever presses how often.
CREATE UNIQUE INDEX change_intent_open ON change_intent (meeting_id)
  WHERE state IN ('ordered', 'sent', 'unknown');
CREATE INDEX change_intent_state ON change_intent (state, due_at);
CREATE INDEX change_intent_organizer ON change_intent (organizer_key, meeting_id, turn);

-- When it was cancelled here, and how often what is handed on of it has changed.
ALTER TABLE meeting ADD COLUMN cancelled_at BIGINT;
ALTER TABLE meeting ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
