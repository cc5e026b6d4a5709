-- +goose Up
-- What people took for normal here, by the id of the radar's finding. It is our own record: nothing in the plan goes by it.
CREATE TABLE history_acks (
    engine  TEXT   NOT NULL,
    id      TEXT   NOT NULL, -- of the finding
    rule    TEXT   NOT NULL,
    entity  TEXT   NOT NULL, -- as it was named when it was acknowledged
    note    TEXT   NOT NULL,
    by_id   TEXT   NOT NULL, -- who, as the caller is known
    by_name TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (engine, id)
);

-- Who acknowledged and withdrew what. Rows are added and grow old, nothing changes them.
CREATE TABLE history_ack_trail (
    seq     BIGINT PRIMARY KEY,
    engine  TEXT   NOT NULL,
    action  TEXT   NOT NULL, -- acknowledged, withdrawn
    id      TEXT   NOT NULL,
    rule    TEXT   NOT NULL,
    entity  TEXT   NOT NULL,
    note    TEXT   NOT NULL,
    by_id   TEXT   NOT NULL,
    by_name TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL
);
CREATE INDEX history_ack_trail_at ON history_ack_trail (engine, at);

-- +goose Down
DROP TABLE history_ack_trail;
DROP TABLE history_acks;
