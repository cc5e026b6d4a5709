-- +goose Up
-- Rows are added and, when they are old, removed from the front; none is ever changed. Times are Unix milliseconds.
CREATE TABLE audit_calls (
    seq            BIGINT PRIMARY KEY,
    at             BIGINT NOT NULL, -- when it began
    kind           TEXT NOT NULL,   -- call, lost, broken, rekeyed
    tool           TEXT NOT NULL,
    caller         TEXT NOT NULL,
    name           TEXT NOT NULL,
    spoken_by      TEXT NOT NULL,
    via            TEXT NOT NULL,
    engine         TEXT NOT NULL,
    args           TEXT NOT NULL,   -- keyed hash
    bytes          BIGINT NOT NULL,
    upstream_calls BIGINT NOT NULL,
    took           BIGINT NOT NULL, -- microseconds
    code           TEXT NOT NULL,
    correlation    TEXT NOT NULL,
    lost           BIGINT NOT NULL, -- of the kind lost: how many
    process        TEXT NOT NULL,   -- one start of the program
    n              BIGINT NOT NULL, -- counted within the process
    key_id         TEXT NOT NULL,
    mac            BYTEA NOT NULL
);

-- One row: where the chain begins and ends.
CREATE TABLE audit_head (
    id       INTEGER PRIMARY KEY,
    seq      BIGINT NOT NULL,
    mac      BYTEA NOT NULL,
    base_seq BIGINT NOT NULL, -- of the last row that was removed for its age
    base_mac BYTEA NOT NULL,
    key_id   TEXT NOT NULL,
    seal     BYTEA NOT NULL
);

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit_calls;
