-- +goose Up
-- What is wrong, by the id of the finding, and what was said of it to which webhook. Times are Unix milliseconds of our clock.
CREATE TABLE alert_findings (
    engine  TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    finding TEXT   NOT NULL, -- JSON, as it was last seen
    told    TEXT   NOT NULL, -- JSON: webhook to severity and time
    first   BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    absent  BIGINT NOT NULL, -- since when it was not seen any more; 0 while it is there
    PRIMARY KEY (engine, id)
);

-- What is still to be sent. A webhook gets its messages one after the other, by seq.
CREATE TABLE alert_queue (
    id       TEXT   PRIMARY KEY, -- of the delivery; seq comes again when the queue was empty
    seq      BIGINT NOT NULL,
    webhook  TEXT   NOT NULL,
    message  TEXT   NOT NULL, -- JSON
    at       BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE INDEX alert_queue_webhook ON alert_queue (webhook, seq);

-- Which process sends to a webhook, and until when nobody else does.
CREATE TABLE alert_senders (
    webhook TEXT   PRIMARY KEY,
    owner   TEXT   NOT NULL,
    until   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE alert_senders;
DROP TABLE alert_queue;
DROP TABLE alert_findings;
