-- +goose Up
-- One row at most: how much vectors count among the documents, as it was last measured.
CREATE TABLE knowledge_weight (
    id     INTEGER PRIMARY KEY,
    packed BYTEA   NOT NULL
);

-- +goose Down
DROP TABLE knowledge_weight;
