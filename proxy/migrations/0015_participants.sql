-- Addresses of the participants, one on each line, sealed. GoTo is never told of them.
ALTER TABLE create_intent ADD COLUMN participants TEXT;
ALTER TABLE meeting ADD COLUMN participants TEXT;
