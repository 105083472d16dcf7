-- The running proxies on this database and the keys each of them knows, so that no value is sealed
-- with a key that one of them cannot open. Keys are named by id and fingerprint.
CREATE TABLE replica (
  id         TEXT PRIMARY KEY,
  ring       TEXT   NOT NULL,
  seals_with TEXT   NOT NULL,
  seen_at    BIGINT NOT NULL
);
