-- GoTo limits each of its APIs by itself: a 429 of one holds up that one only.
CREATE TABLE upstream_pause (
  api   TEXT PRIMARY KEY,
  until BIGINT NOT NULL
);

-- What a sign-in got from GoTo before it was told to wait; sealed.
ALTER TABLE sign_in_transaction ADD COLUMN tokens TEXT;
-- Whom single sign-on names, where it does: who has the address may change.
ALTER TABLE sign_in_transaction ADD COLUMN expected_issuer TEXT;
ALTER TABLE sign_in_transaction ADD COLUMN expected_subject TEXT;

-- The person of single sign-on to whom a consent belongs, since its first use.
ALTER TABLE oauth_grant ADD COLUMN sso_issuer TEXT;
ALTER TABLE oauth_grant ADD COLUMN sso_subject TEXT;

-- Absence from a complete reading means something only to whoever was in an earlier one with the
-- same filter.
ALTER TABLE sync_run ADD COLUMN filter TEXT;
