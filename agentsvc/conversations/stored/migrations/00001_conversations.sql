-- +goose Up
-- What was asked and answered. Times are Unix milliseconds. Texts that people or models wrote stand in bytes, or with NUL taken out.
CREATE TABLE conversations (
    id           TEXT   PRIMARY KEY,
    owner        TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    title_folded TEXT   NOT NULL, -- as a search compares it
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    turns        BIGINT NOT NULL, -- how many are there
    last_n       BIGINT NOT NULL, -- number of the last turn; numbers are never given twice
    holder       TEXT   NOT NULL, -- who may write; '' nobody
    held_until   BIGINT NOT NULL,
    stop         BIGINT NOT NULL, -- 1: somebody wants the holder's turn stopped
    share_hash   TEXT   UNIQUE,   -- of the link's token; NULL without a link
    share_made   BIGINT NOT NULL,
    share_until  BIGINT NOT NULL,
    share_n      BIGINT NOT NULL  -- the link shows the turns up to this number
);
CREATE INDEX conversations_owner ON conversations (owner, updated, id);
CREATE INDEX conversations_updated ON conversations (updated);

-- The big columns stand last, so that a search need not read them.
CREATE TABLE conversation_turns (
    conversation TEXT   NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    id           TEXT   NOT NULL, -- the answer's message id
    n            BIGINT NOT NULL,
    version      BIGINT NOT NULL, -- 1 is the first answer; a later one was made in its place
    present      BIGINT NOT NULL, -- 1: the version that counts
    at           BIGINT NOT NULL,
    form         BIGINT NOT NULL, -- of body and ledger
    folded       TEXT   NOT NULL, -- as a search compares it
    body         BYTEA  NOT NULL, -- question and answer: JSON, gzip
    ledger       BYTEA  NOT NULL, -- what the tools said: JSON, gzip
    PRIMARY KEY (conversation, id)
);
CREATE UNIQUE INDEX conversation_turns_n ON conversation_turns (conversation, n, version);

CREATE TABLE conversation_feedback (
    conversation TEXT   NOT NULL,
    turn         TEXT   NOT NULL,
    who          TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    opinion      TEXT   NOT NULL, -- up, down
    words        TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    reported     BIGINT NOT NULL, -- 1: those who review feedback have it
    PRIMARY KEY (conversation, turn, who),
    FOREIGN KEY (conversation, turn) REFERENCES conversation_turns (conversation, id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE conversation_feedback;
DROP TABLE conversation_turns;
DROP TABLE conversations;
