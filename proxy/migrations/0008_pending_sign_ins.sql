-- Sign-ins that nobody finishes are swept, and the oldest of too many found, without a look at all.
CREATE INDEX sign_in_transaction_expires ON sign_in_transaction (expires_at);
