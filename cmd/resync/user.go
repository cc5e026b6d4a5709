package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
)

func (p *program) userCommand() *cli.Command {
	name := []cli.Argument{&cli.StringArg{Name: "name", UsageText: "NAME"}}
	role := &cli.StringFlag{Name: "role", Value: string(auth.Operator), Usage: "viewer, operator or admin"}
	keyRole := &cli.StringFlag{Name: "role", DefaultText: "that of the user", Usage: "viewer, operator or admin; no higher than the user's"}
	return &cli.Command{
		Name: "user", Usage: "manage users and API keys of this data folder",
		Commands: []*cli.Command{
			{Name: "list", Usage: "list users", Action: p.withAuth(p.userList)},
			{Name: "add", Usage: "add a user; the password is read from standard input", Arguments: name, Flags: []cli.Flag{role}, Action: p.withAuth(p.userAdd)},
			{Name: "password", Usage: "set a password, read from standard input", Arguments: name, Action: p.withAuth(p.userPassword)},
			{Name: "link", Usage: "print a one-time login link's code for a user", Arguments: name, Action: p.withAuth(p.userLink)},
			{Name: "key", Usage: "make an API key for a user and print it once", Arguments: name,
				Flags: []cli.Flag{keyRole, &cli.StringSliceFlag{Name: "scope", Usage: "ask, read, mcp, mcp:TOOLSET, engine:NAME, metrics, trace or delegate, more than once if need be; all but trace and delegate when absent"}, &cli.DurationFlag{Name: "expires", Value: 90 * 24 * time.Hour, Usage: "how long it works"}}, Action: p.withAuth(p.userKey)},
			{Name: "keys", Usage: "list the API keys of a user", Arguments: name, Action: p.withAuth(p.userKeys)},
			{Name: "revoke", Usage: "end an API key at once, by its ID of resync user keys", Arguments: []cli.Argument{&cli.StringArg{Name: "id", UsageText: "ID"}}, Action: p.withAuth(p.userRevoke)},
			{Name: "role", Usage: "change a role; sessions and tokens of the user end", Arguments: append(name, &cli.StringArg{Name: "role", UsageText: "ROLE"}), Action: p.withAuth(p.userRole)},
			{Name: "disable", Usage: "shut a user out at once, with all sessions, tokens and API keys", Arguments: name, Action: p.withAuth(p.userDisable)},
		},
	}
}

// withAuth opens the store for a command and closes it after.
func (p *program) withAuth(do func(context.Context, *cli.Command, *auth.Service) error) cli.ActionFunc {
	return func(ctx context.Context, c *cli.Command) error {
		cfg, err := p.config(nil)
		if err != nil {
			return err
		}
		db, service, err := p.authority(ctx, cfg)
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // every write was committed by its own transaction
		return do(ctx, c, service)
	}
}

func userName(c *cli.Command) (string, error) {
	if n := strings.TrimSpace(c.StringArg("name")); n != "" {
		return n, nil
	}
	return "", fault.New(fault.Invalid, "A user's name is needed.")
}

// password reads one line, so that it stands in no history and no process list.
func (p *program) password() (secret.String, error) {
	fmt.Fprint(p.err, "Password: ")
	line, err := bufio.NewReader(p.in).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return secret.String{}, fault.Wrap(fault.Invalid, err, "No password was given.")
	}
	return secret.New(line), nil
}
