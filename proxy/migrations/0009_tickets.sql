-- One-time tickets from the admin console to the public address; kept by their SHA-256. Before, they
-- lay among the codes of employees. `mirrored` is 1 where a copy lies there still, for proxies of the
-- release before: then both are taken, and without the copy the ticket was taken by one of those.
CREATE TABLE console_ticket (
  ticket_hash  TEXT PRIMARY KEY,
  session_hash TEXT   NOT NULL,
  expires_at   BIGINT NOT NULL,
  mirrored     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX console_ticket_expires ON console_ticket (expires_at);
