-- +goose Up
-- One row: the last numbers that were given, and whose turn it is to ingest.
CREATE TABLE knowledge_shelf (
    id        INTEGER PRIMARY KEY,
    change_no BIGINT NOT NULL,
    document  BIGINT NOT NULL,
    passage   BIGINT NOT NULL,
    turn      BIGINT NOT NULL,
    beat      BIGINT NOT NULL, -- moves while the one whose turn it is lives
    taken     BIGINT NOT NULL  -- 1 while somebody ingests
);
INSERT INTO knowledge_shelf (id, change_no, document, passage, turn, beat, taken) VALUES (1, 0, 0, 0, 0, 0, 0);

CREATE TABLE knowledge_documents (
    id        BIGINT PRIMARY KEY,
    path      BYTEA  NOT NULL UNIQUE, -- bytes, so that both databases put names in the same order
    change_no BIGINT NOT NULL UNIQUE,
    first     BIGINT NOT NULL,        -- its passages have the numbers from first on
    passages  BIGINT NOT NULL,
    sections  BIGINT NOT NULL,
    lines     BIGINT NOT NULL,
    bytes     BIGINT NOT NULL,        -- of its lines as they are kept
    about     BYTEA  NOT NULL         -- everything else that is known of it, as JSON
);

-- Documents that are gone, for whoever has not heard of it.
CREATE TABLE knowledge_gone (
    document  BIGINT PRIMARY KEY,
    change_no BIGINT NOT NULL UNIQUE
);

-- The lines of a document, packed by the page.
CREATE TABLE knowledge_pages (
    document BIGINT NOT NULL,
    first    BIGINT NOT NULL, -- number of the page's first line, from 1
    packed   BYTEA  NOT NULL,
    PRIMARY KEY (document, first)
);

CREATE TABLE knowledge_contents (
    document BIGINT PRIMARY KEY,
    packed   BYTEA  NOT NULL -- its sections
);

CREATE TABLE knowledge_passages (
    id       BIGINT PRIMARY KEY,
    document BIGINT NOT NULL,
    passage  BYTEA  NOT NULL -- JSON
);

CREATE TABLE knowledge_frequencies (
    document  BIGINT PRIMARY KEY,
    change_no BIGINT NOT NULL, -- of the document when they were counted
    packed    BYTEA  NOT NULL
);
CREATE INDEX knowledge_frequencies_change ON knowledge_frequencies (change_no);

-- What was seen of each file when it was last read, so that it is not read again while it stays the same.
CREATE TABLE knowledge_files (
    source    BYTEA  NOT NULL,
    path      BYTEA  NOT NULL, -- below the source
    size      BIGINT NOT NULL,
    modified  BIGINT NOT NULL, -- Unix nanoseconds; 0: look into it again
    hash      TEXT   NOT NULL, -- SHA-256 of its bytes; empty where it could not be read
    manner    TEXT   NOT NULL, -- how it was read: with other settings it is read again
    documents BIGINT NOT NULL, -- how many came out of it
    problems  BYTEA  NOT NULL, -- JSON; empty where there are none
    PRIMARY KEY (source, path)
);

-- +goose Down
DROP TABLE knowledge_files;
DROP TABLE knowledge_frequencies;
DROP TABLE knowledge_passages;
DROP TABLE knowledge_contents;
DROP TABLE knowledge_pages;
DROP TABLE knowledge_gone;
DROP TABLE knowledge_documents;
DROP TABLE knowledge_shelf;
