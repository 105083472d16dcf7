-- Whom an employee has chosen as a co-organizer lately.
CREATE TABLE recent_colleague (
  owner_key     TEXT   NOT NULL,
  organizer_key TEXT   NOT NULL,
  chosen_at     BIGINT NOT NULL,
  PRIMARY KEY (owner_key, organizer_key)
);
CREATE INDEX recent_colleague_age ON recent_colleague (chosen_at);
