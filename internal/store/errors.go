package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/resync-hwa/resync/internal/fault"
)

// The SQLSTATE codes that we tell apart ("PostgreSQL Error Codes" in its manual).
const (
	uniqueViolation  = "23505"
	lockNotAvailable = "55P03"
	noPrivilege      = "42501"
	noSuchDatabase   = "3D000"
	refusedUser      = "28"   // the class: 28000, 28P01
	connectionGone   = "08"   // the class
	serverStops      = "57P0" // 57P01 to 57P03: ended by an administrator, by a crash, not ready yet
)

// IsConflict reports whether err says that a row with the same unique value is there already.
func IsConflict(err error) bool {
	if state(err) == uniqueViolation {
		return true
	}
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// busy gives an error of waiting for other writers its code.
func busy(err error) error {
	var e *sqlite.Error
	if state(err) == lockNotAvailable || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY {
		return fault.Wrap(fault.Limited, err, "The database is busy.").WithHint("Try again in a moment.")
	}
	return err
}

// cut reports whether err is that of a connection which has gone, as distinct from what a database says, or why none can be made.
func cut(err error) bool {
	var coded *fault.Error
	var embedded *sqlite.Error
	code := state(err)
	ended := strings.HasPrefix(code, connectionGone) || strings.HasPrefix(code, serverStops)
	return ended || code == "" && !errors.As(err, &coded) && !errors.As(err, &embedded)
}

// state gives PostgreSQL's code of an error, "" when it is none of PostgreSQL's.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// unconnected tells why there is no connection without the address, the user or the password, which the driver's text has.
func unconnected(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("connect to the database: %w", context.Cause(ctx))
	}
	switch code := state(err); {
	case strings.HasPrefix(code, refusedUser):
		return fault.New(fault.Invalid, "The database refuses the user or the password (SQLSTATE %s).", code).WithHint("Check user and password in DATABASE_URL.")
	case code == noSuchDatabase:
		return fault.New(fault.Invalid, "The server has no database of that name (SQLSTATE %s).", code).WithHint("Check the name in DATABASE_URL, or have the database made.")
	case code != "":
		return fault.New(fault.Internal, "The database does not take connections (SQLSTATE %s).", code)
	}
	why := "no connection"
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		why = "its name is not known"
	case errors.Is(err, context.DeadlineExceeded):
		why = "it took too long"
	case errors.As(err, &op) && op.Err != nil:
		why = op.Err.Error()
	case strings.Contains(err.Error(), "tls"):
		why = "no agreement about TLS; see sslmode and sslrootcert"
	}
	return fault.New(fault.Internal, "The database does not answer: %s.", why).WithHint("Check host and port in DATABASE_URL, and whether the server runs.")
}

// mayNotMake adds what to do when the user of the URL may not make tables, which since PostgreSQL 15 is the rule.
func mayNotMake(err error) error {
	if state(err) == noPrivilege {
		return fault.Wrap(fault.Invalid, err, "The user of DATABASE_URL may not make tables.").
			WithHint("Let the user own the database, or run: GRANT CREATE ON SCHEMA public TO the user.")
	}
	return err
}
