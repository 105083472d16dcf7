-- The group of the account somebody is in, so that colleagues can be told apart; until the next sync none.
ALTER TABLE organizer ADD COLUMN group_name TEXT NOT NULL DEFAULT '';
