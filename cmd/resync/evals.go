package main

import "github.com/urfave/cli/v3"

func (p *program) evalsCommand() *cli.Command {
	return &cli.Command{Name: "evals", Usage: "measure how often the answers are right"}
}
