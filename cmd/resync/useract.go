package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

func (p *program) userList(ctx context.Context, _ *cli.Command, service *auth.Service) error {
	users, err := service.Users(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tSTATE\tLAST LOGIN")
	for _, u := range users {
		state, last := "active", "never"
		if u.Disabled {
			state = "disabled"
		}
		if !u.LastLoginAt.IsZero() {
			last = u.LastLoginAt.UTC().Format("2006-01-02 15:04Z")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Name, u.Role, state, last)
	}
	return w.Flush()
}

func (p *program) userAdd(ctx context.Context, c *cli.Command, service *auth.Service) error {
	name, err := userName(c)
	if err != nil {
		return err
	}
	password, err := p.password()
	if err != nil {
		return err
	}
	u, err := service.CreateUser(ctx, name, password, auth.Role(c.String("role")))
	if err != nil {
		return err
	}
	fmt.Fprintf(p.err, "\nUser %s was added as %s.\n", u.Name, u.Role)
	return nil
}

func (p *program) userPassword(ctx context.Context, c *cli.Command, service *auth.Service) error {
	u, err := namedUser(ctx, c, service)
	if err != nil {
		return err
	}
	password, err := p.password()
	if err != nil {
		return err
	}
	if err := service.SetPassword(ctx, u.ID, password); err != nil {
		return err
	}
	fmt.Fprintf(p.err, "\nThe password of %s was set.\n", u.Name)
	return nil
}

func (p *program) userLink(ctx context.Context, c *cli.Command, service *auth.Service) error {
	u, err := namedUser(ctx, c, service)
	if err != nil {
		return err
	}
	code, err := service.NewLoginLink(ctx, u.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "/login/once?code=%s\n", code.Reveal())
	return err
}

func (p *program) userKey(ctx context.Context, c *cli.Command, service *auth.Service) error {
	u, err := namedUser(ctx, c, service)
	if err != nil {
		return err
	}
	warnings, err := p.keyScopes(c.StringSlice("scope"))
	if err != nil {
		return err
	}
	role := auth.Role(c.String("role"))
	if !c.IsSet("role") {
		role = u.Role
	}
	key, info, err := service.CreateAPIKey(ctx, auth.NewAPIKey{UserID: u.ID, Name: "resync user key", Role: role, Scopes: c.StringSlice("scope"), TTL: c.Duration("expires")})
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintln(p.err, w)
	}
	fmt.Fprintf(p.err, "This key works as %s until %s; it is shown this once.\n", info.Role, info.ExpiresAt.UTC().Format("2006-01-02 15:04Z"))
	_, err = fmt.Fprintln(p.out, key.Reveal())
	return err
}

// toolsets are those that a key can be made for; a server may offer fewer.
func toolsets() []string {
	return []string{tools.SetPlan, tools.SetDiagnose, tools.SetHistory, "knowledge"}
}

// keyScopes refuses toolsets that no server has, and warns of engines that this configuration does not have: the key may be for another server
// with the same store.
func (p *program) keyScopes(scopes []string) (warnings []string, err error) {
	cfg, err := p.config(nil)
	if err != nil {
		return nil, err
	}
	engines := []string{"default"} // the demo's
	if len(cfg.Engines) > 0 {
		engines = nil
		for _, e := range inOrder(cfg.Engines) {
			engines = append(engines, e.Name)
		}
	}
	for _, scope := range scopes {
		if set, ok := strings.CutPrefix(scope, auth.ToolsetScope("")); ok && set != "" && !slices.Contains(toolsets(), set) {
			return nil, fault.New(fault.Invalid, "There is no toolset %q.", set).WithHint("The toolsets are %s.", strings.Join(toolsets(), ", "))
		}
		if name, ok := strings.CutPrefix(scope, auth.EngineScope("")); ok && name != "" && !slices.Contains(engines, name) {
			warnings = append(warnings, fmt.Sprintf("Warning: there is no engine %q in this configuration, so the key reads nothing by it here. Engines: %s; their names are lower case.",
				name, strings.Join(engines, ", ")))
		}
	}
	return warnings, nil
}

func (p *program) userKeys(ctx context.Context, c *cli.Command, service *auth.Service) error {
	u, err := namedUser(ctx, c, service)
	if err != nil {
		return err
	}
	keys, err := service.APIKeys(ctx, u.ID)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tBEGINS\tROLE\tSCOPES\tSTATE")
	for _, k := range keys {
		state := "works"
		switch {
		case k.Revoked:
			state = "revoked"
		case !k.ExpiresAt.IsZero() && !p.clock().Before(k.ExpiresAt):
			state = "expired"
		case !k.ExpiresAt.IsZero():
			state = "until " + k.ExpiresAt.UTC().Format("2006-01-02 15:04Z")
		}
		scopes := strings.Join(k.Scopes, ",")
		if scopes == "" {
			scopes = "all"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Prefix, k.Role, scopes, state)
	}
	return w.Flush()
}

func (p *program) userRevoke(ctx context.Context, c *cli.Command, service *auth.Service) error {
	id := strings.TrimSpace(c.StringArg("id"))
	if id == "" {
		return fault.New(fault.Invalid, "A key's ID is needed.").WithHint("resync user keys NAME lists them.")
	}
	if err := service.RevokeAPIKey(ctx, id); err != nil {
		return err
	}
	fmt.Fprintln(p.err, "The key works no more.")
	return nil
}

func (p *program) userRole(ctx context.Context, c *cli.Command, service *auth.Service) error {
	u, err := namedUser(ctx, c, service)
	if err != nil {
		return err
	}
	if err := service.SetRole(ctx, u.ID, auth.Role(c.StringArg("role"))); err != nil {
		return err
	}
	fmt.Fprintf(p.err, "User %s is %s now.\n", u.Name, c.StringArg("role"))
	return nil
}

func (p *program) userDisable(ctx context.Context, c *cli.Command, service *auth.Service) error {
	u, err := namedUser(ctx, c, service)
	if err != nil {
		return err
	}
	if err := service.Disable(ctx, u.ID); err != nil {
		return err
	}
	fmt.Fprintf(p.err, "User %s is shut out.\n", u.Name)
	return nil
}

// namedUser gives the user whom the command line names.
func namedUser(ctx context.Context, c *cli.Command, service *auth.Service) (auth.User, error) {
	name, err := userName(c)
	if err != nil {
		return auth.User{}, err
	}
	return service.UserByName(ctx, name)
}
