-- How GoTo refused a create, column by column. `problem` says the same in one text, for the release
-- before.
ALTER TABLE create_intent ADD COLUMN refused_status BIGINT;
ALTER TABLE create_intent ADD COLUMN refused_code TEXT;
