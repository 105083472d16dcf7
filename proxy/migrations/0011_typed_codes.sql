-- A window that was cut off from its page shows a code to type, but only once the widget has said that
-- it was. `severed` is that word, of a sign-in at GoTo and of a finished one whose window waits for it.
ALTER TABLE sign_in_transaction ADD COLUMN severed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE handoff ADD COLUMN severed BIGINT NOT NULL DEFAULT 0;
-- Anybody may say it: what is looked up is found without a look at all.
CREATE INDEX sign_in_transaction_challenge ON sign_in_transaction (challenge, expires_at);
CREATE INDEX handoff_challenge ON handoff (challenge);

-- The code shown last in the window. It is no row of its own: a proxy of the release before, which
-- would make a session without the two bounds below, does not find it.
ALTER TABLE handoff ADD COLUMN typed_hash TEXT;
CREATE INDEX handoff_typed ON handoff (typed_hash);

-- A session that came from a typed code serves one page and ends early.
ALTER TABLE session ADD COLUMN origin TEXT;
ALTER TABLE session ADD COLUMN ends_at BIGINT;
