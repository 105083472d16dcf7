-- Who of the account can be a co-organizer; until the next sync everybody counts.
ALTER TABLE organizer ADD COLUMN can_host BIGINT NOT NULL DEFAULT 1;

-- What proves that a run lost nobody while people came and went.
ALTER TABLE sync_run ADD COLUMN unreadable BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_run ADD COLUMN added BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_run ADD COLUMN restarts BIGINT NOT NULL DEFAULT 0;
