-- +goose Up
-- What people said of answers, and what became of it.
CREATE TABLE review_cases (
    id       BIGINT PRIMARY KEY,
    state    TEXT   NOT NULL, -- new, drafted, accepted, rejected
    feedback BYTEA  NOT NULL, -- as JSON
    draft    BYTEA  NOT NULL, -- the runbook as Markdown; empty until it is drafted
    shelved  BIGINT NOT NULL  -- 1 once the runbook stands on the shelf
);
CREATE INDEX review_cases_state ON review_cases (state, id);

-- Every step of a case: who did what, and when. Rows are only ever added.
CREATE TABLE review_steps (
    case_id BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    state   TEXT   NOT NULL,
    who     TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    note    TEXT   NOT NULL,
    PRIMARY KEY (case_id, n)
);

-- +goose Down
DROP TABLE review_steps;
DROP TABLE review_cases;
