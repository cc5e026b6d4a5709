-- +goose Up
-- What models cost, by UTC day, person and model. Sums only: no question, no answer. Money is in billionths of a US dollar.
CREATE TABLE spend_days (
    day       TEXT NOT NULL,   -- 2006-01-02, UTC
    owner     TEXT NOT NULL,
    model     TEXT NOT NULL,   -- its own name
    requests  BIGINT NOT NULL,
    failed    BIGINT NOT NULL, -- of the requests: paid for, and of no use
    unpriced  BIGINT NOT NULL, -- of the requests: counted with a cost of 0 because no price is known
    estimated BIGINT NOT NULL, -- of the requests: tokens were counted here, the server told none
    input     BIGINT NOT NULL, -- tokens, cached and stored ones included
    cached    BIGINT NOT NULL,
    stored    BIGINT NOT NULL,
    output    BIGINT NOT NULL,
    nanos     BIGINT NOT NULL,
    PRIMARY KEY (day, owner, model)
);

-- What answers that are being made may still cost. One that is never ended, because its process is gone, runs out.
CREATE TABLE spend_holds (
    id      TEXT PRIMARY KEY,
    owner   TEXT NOT NULL,
    nanos   BIGINT NOT NULL,
    tokens  BIGINT NOT NULL,
    until   BIGINT NOT NULL  -- Unix milliseconds
);

-- +goose Down
DROP TABLE spend_holds;
DROP TABLE spend_days;
