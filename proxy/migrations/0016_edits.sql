-- A meeting that somebody wants to be another: an order as in `change_intent`, in a table of its own,
-- because a proxy of the release before would cancel the meeting. `subject`, `start_at` and `end_at` are
-- what the person saw, the ones with `new_` what it is to become; participants are sealed.
CREATE TABLE edit_intent (
  id                TEXT PRIMARY KEY,
  organizer_key     TEXT   NOT NULL,
  meeting_id        TEXT   NOT NULL,
  turn              BIGINT NOT NULL,
  state             TEXT   NOT NULL,
  subject           TEXT   NOT NULL,
  start_at          BIGINT,
  end_at            BIGINT,
  due_at            BIGINT NOT NULL,
  stopped           TEXT,
  found_subject     TEXT,
  found_start_at    BIGINT,
  found_end_at      BIGINT,
  checks            BIGINT NOT NULL DEFAULT 0,
  check_at          BIGINT,
  sent_at           BIGINT,
  ordered_at        BIGINT NOT NULL,
  fingerprint       TEXT   NOT NULL,
  new_subject       TEXT   NOT NULL,
  new_start_at      BIGINT NOT NULL,
  new_end_at        BIGINT NOT NULL,
  new_password      BIGINT NOT NULL,
  new_co_organizers TEXT   NOT NULL,
  new_participants  TEXT
);
-- One at a time for a meeting, whoever presses how often.
CREATE UNIQUE INDEX edit_intent_open ON edit_intent (meeting_id)
  WHERE state IN ('ordered', 'sent', 'unknown');
CREATE INDEX edit_intent_state ON edit_intent (state, due_at);
CREATE INDEX edit_intent_organizer ON edit_intent (organizer_key, meeting_id, turn);
