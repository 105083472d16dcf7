-- One-time tickets from the admin console to the public address; kept by their SHA-256. Before, they
-- lay among the codes of employees.
CREATE TABLE console_ticket (
  ticket_hash  TEXT PRIMARY KEY,
  session_hash TEXT   NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX console_ticket_expires ON console_ticket (expires_at);
