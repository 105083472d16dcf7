-- Portable between SQLite and PostgreSQL: BIGINT (epoch milliseconds, flags as 0/1) and TEXT only,
-- because sqlx's Any driver decodes little else.

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- One sign-in between the redirect to GoTo and its callback.
CREATE TABLE sign_in_transaction (
  state_hash   TEXT PRIMARY KEY,
  client       TEXT   NOT NULL,
  issuer       TEXT   NOT NULL,
  browser_hash TEXT   NOT NULL,
  verifier     TEXT,
  origin       TEXT,
  challenge    TEXT,
  language     TEXT   NOT NULL,
  admin_hash   TEXT,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX sign_in_transaction_browser ON sign_in_transaction (browser_hash, created_at);

-- One-time code that carries a finished sign-in from its window to the widget.
CREATE TABLE handoff (
  code_hash     TEXT PRIMARY KEY,
  origin        TEXT   NOT NULL,
  challenge     TEXT   NOT NULL,
  organizer_key TEXT   NOT NULL,
  session_hash  TEXT,
  expires_at    BIGINT NOT NULL
);

-- What GoTo granted, to the service account or to one employee. Tokens are sealed.
CREATE TABLE oauth_grant (
  owner             TEXT PRIMARY KEY,
  organizer_key     TEXT   NOT NULL,
  account_key       TEXT,
  email             TEXT   NOT NULL,
  name              TEXT   NOT NULL,
  access_token      TEXT   NOT NULL,
  refresh_token     TEXT   NOT NULL,
  access_expires_at BIGINT NOT NULL,
  refreshed_at      BIGINT NOT NULL,
  lost              BIGINT NOT NULL,
  version           BIGINT NOT NULL
);

CREATE TABLE session (
  id_hash       TEXT PRIMARY KEY,
  organizer_key TEXT   NOT NULL,
  seen          BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  last_seen_at  BIGINT NOT NULL
);
CREATE INDEX session_organizer ON session (organizer_key);

CREATE TABLE admin_session (
  id_hash      TEXT PRIMARY KEY,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL
);

-- The upstream limit: a slot may be used again one window after the answer to its previous
-- request was seen.
CREATE TABLE upstream_slot (
  bucket  TEXT   NOT NULL,
  slot    BIGINT NOT NULL,
  free_at BIGINT NOT NULL,
  lease   TEXT,
  PRIMARY KEY (bucket, slot)
);

-- One holder at a time, over all replicas: a refresh, a sync.
CREATE TABLE lease (
  name   TEXT PRIMARY KEY,
  holder TEXT   NOT NULL,
  until  BIGINT NOT NULL
);

CREATE TABLE organizer (
  generation BIGINT NOT NULL,
  key        TEXT   NOT NULL,
  name       TEXT   NOT NULL,
  email      TEXT   NOT NULL,
  PRIMARY KEY (generation, key)
);

CREATE TABLE sync_run (
  generation  BIGINT PRIMARY KEY,
  trigger_by  TEXT   NOT NULL,
  state       TEXT   NOT NULL,
  fetched     BIGINT NOT NULL,
  total       BIGINT,
  problem     TEXT,
  started_at  BIGINT NOT NULL,
  finished_at BIGINT
);

-- A meeting somebody asked for; at most one POST is ever sent for it.
CREATE TABLE create_intent (
  id            TEXT PRIMARY KEY,
  organizer_key TEXT   NOT NULL,
  idem_key      TEXT   NOT NULL,
  fingerprint   TEXT   NOT NULL,
  subject       TEXT   NOT NULL,
  start_at      BIGINT NOT NULL,
  end_at        BIGINT NOT NULL,
  password      BIGINT NOT NULL,
  co_organizers TEXT   NOT NULL,
  state         TEXT   NOT NULL,
  cause         TEXT,
  problem       TEXT,
  meeting_id    TEXT,
  checks        BIGINT NOT NULL,
  check_at      BIGINT,
  created_at    BIGINT NOT NULL,
  sent_at       BIGINT,
  UNIQUE (organizer_key, idem_key)
);
CREATE INDEX create_intent_state ON create_intent (state, check_at);

-- Meetings created here. The join URL comes back from GoTo only once.
CREATE TABLE meeting (
  id            TEXT PRIMARY KEY,
  intent_id     TEXT   NOT NULL,
  organizer_key TEXT   NOT NULL,
  subject       TEXT   NOT NULL,
  start_at      BIGINT NOT NULL,
  end_at        BIGINT NOT NULL,
  password      BIGINT NOT NULL,
  co_organizers TEXT   NOT NULL,
  join_url      TEXT,
  phone         TEXT,
  created_at    BIGINT NOT NULL
);

-- The support log, redacted before it gets here.
CREATE TABLE activity (
  id      TEXT PRIMARY KEY,
  at      BIGINT NOT NULL,
  kind    TEXT   NOT NULL,
  actor   TEXT,
  outcome TEXT   NOT NULL,
  detail  TEXT   NOT NULL
);
CREATE INDEX activity_at ON activity (at);
