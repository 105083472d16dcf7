-- Sign-ins that end on a page of the proxy's own, and who single sign-on says it must be.
ALTER TABLE sign_in_transaction ADD COLUMN return_to TEXT;
ALTER TABLE sign_in_transaction ADD COLUMN expected_email TEXT;

-- Single sign-on finds a consent by e-mail, whatever its case.
ALTER TABLE oauth_grant ADD COLUMN email_folded TEXT NOT NULL DEFAULT '';
UPDATE oauth_grant SET email_folded = LOWER(email);
CREATE INDEX oauth_grant_email_folded ON oauth_grant (email_folded);
