package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"
)

func (p *program) configCommand() *cli.Command {
	return &cli.Command{
		Name: "config", Usage: "check or print the configuration",
		Commands: []*cli.Command{
			{Name: "check", Usage: "say what is wrong with the configuration", Action: func(context.Context, *cli.Command) error {
				cfg, err := p.config(nil)
				if err != nil {
					return err
				}
				if _, err := agents(cfg); err != nil {
					return err
				}
				if _, err := prices(cfg.LLM.Spend.Prices); err != nil {
					return err
				}
				_, err = fmt.Fprintln(p.out, "The configuration is sound.")
				return err
			}},
			{Name: "print", Usage: "print every value and where it comes from, secrets hidden", Action: func(context.Context, *cli.Command) error {
				cfg, err := p.config(nil)
				if cfg != nil {
					if perr := cfg.Print(p.out); perr != nil {
						return perr
					}
				}
				return err
			}},
		},
	}
}
