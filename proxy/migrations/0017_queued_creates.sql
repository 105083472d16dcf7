-- Creates that the proxy sends when their turn has come, whether or not anybody still waits: those
-- 'new' with a `queued_at`. To a proxy of the release before they are new ones, which it sends as such.
-- `dropped` says why one that failed was never sent.
ALTER TABLE create_intent ADD COLUMN queued_at BIGINT;
ALTER TABLE create_intent ADD COLUMN dropped TEXT;
CREATE INDEX create_intent_queued ON create_intent (organizer_key)
  WHERE state = 'new' AND queued_at IS NOT NULL;
