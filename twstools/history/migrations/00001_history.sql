-- +goose Up
-- Times are Unix milliseconds in UTC, 0 where unknown. The ids are the first 64 bits of a SHA-256 over what they identify, so that the
-- same thing told twice is the same row.
CREATE TABLE history_jobs (
    id          BIGINT PRIMARY KEY, -- of engine, folder, workstation, stream and job
    engine      TEXT   NOT NULL,
    folder      TEXT   NOT NULL,
    workstation TEXT   NOT NULL,    -- the job stream's
    stream      TEXT   NOT NULL,
    job         TEXT   NOT NULL,    -- empty: the row is the job stream's
    last_at     BIGINT NOT NULL,    -- when something last happened to it
    instance    TEXT   NOT NULL,    -- of the last sighting, with sched, status, since, exact and seen_at
    sched       BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    exact       BIGINT NOT NULL,    -- 1: the engine dated since, 0: it is the moment of a sighting
    seen_at     BIGINT NOT NULL,
    estimated   BIGINT NOT NULL,    -- the engine's estimate in milliseconds, 0 where it gave none
    confidence  TEXT   NOT NULL,    -- the engine's words about it
    runs        BYTEA  NOT NULL     -- the last runs and a digest of the older ones, packed
);
CREATE INDEX history_jobs_last ON history_jobs (engine, last_at);

-- Every run: on PostgreSQL alone, which has the space.
CREATE TABLE history_runs (
    job     BIGINT NOT NULL,
    mark    TEXT   NOT NULL, -- tells the runs of one job apart
    engine  TEXT   NOT NULL,
    started BIGINT NOT NULL,
    ended   BIGINT NOT NULL,
    good    BIGINT NOT NULL, -- 1: ended SUCC, 0: ended otherwise or runs
    run     BYTEA  NOT NULL, -- packed
    PRIMARY KEY (job, mark)
);
CREATE INDEX history_runs_started ON history_runs (engine, started);
CREATE INDEX history_runs_ended ON history_runs (engine, ended);

-- Transitions into and out of a bad status, and changes of what is no job.
CREATE TABLE history_events (
    id       BIGINT PRIMARY KEY,
    engine   TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    seen_at  BIGINT NOT NULL,
    exact    BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    job      BIGINT NOT NULL, -- of history_jobs, 0 where the event is about something else
    instance TEXT   NOT NULL,
    sched    BIGINT NOT NULL,
    run      TEXT   NOT NULL, -- run id
    name     TEXT   NOT NULL, -- of a workstation, resource or prompt
    field    TEXT   NOT NULL,
    was      TEXT   NOT NULL,
    became   TEXT   NOT NULL
);
CREATE INDEX history_events_at ON history_events (engine, at);
CREATE INDEX history_events_job ON history_events (job, at);

CREATE TABLE history_counts (
    engine TEXT   NOT NULL,
    minute BIGINT NOT NULL, -- when the minute began
    total  BIGINT NOT NULL,
    counts TEXT   NOT NULL, -- STATUS=n, separated by spaces
    PRIMARY KEY (engine, minute)
);

-- Archived plans that have been asked about a job, with or without success: they do not change, so none is asked twice.
CREATE TABLE history_plans (
    job     BIGINT NOT NULL,
    plan    TEXT   NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (job, plan)
);

-- +goose Down
DROP TABLE history_plans;
DROP TABLE history_counts;
DROP TABLE history_events;
DROP TABLE history_runs;
DROP TABLE history_jobs;
