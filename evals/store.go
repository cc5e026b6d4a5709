package evals

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
)

// Stale lists the files of made scenarios in a folder that are not what the recipes make: changed, missing, or made by nothing any more.
func Stale(files fs.FS, made []suite.Scenario) ([]string, error) {
	want, err := filesOf(made)
	if err != nil {
		return nil, err
	}
	have, err := madeFiles(files)
	if err != nil {
		return nil, err
	}
	var out []string
	for name, text := range want {
		raw, err := fs.ReadFile(files, name)
		if err != nil || !bytes.Equal(raw, text) {
			out = append(out, name)
		}
	}
	for _, name := range have {
		if _, ok := want[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Store writes all made scenarios into a folder and removes those that nothing makes any more. What was written by hand is left alone.
func Store(dir string, made []suite.Scenario) error {
	want, err := filesOf(made)
	if err != nil {
		return err
	}
	have, err := madeFiles(os.DirFS(dir))
	if err != nil {
		return err
	}
	for _, name := range have {
		if _, ok := want[name]; !ok {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return fault.Wrap(fault.Internal, err, "The file %s cannot be removed.", name)
			}
		}
	}
	return Add(dir, made)
}

// Add writes some made scenarios into a folder beside what is there.
func Add(dir string, made []suite.Scenario) error {
	want, err := filesOf(made)
	if err != nil {
		return err
	}
	for _, folder := range []string{"scenarios", "gold"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o750); err != nil {
			return fault.Wrap(fault.Internal, err, "The folder %s cannot be made.", folder)
		}
	}
	for name, text := range want {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil { //nolint:gosec // scenarios are read by everybody
			return fault.Wrap(fault.Internal, err, "The file %s cannot be written.", name)
		}
	}
	return nil
}

func filesOf(made []suite.Scenario) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, sc := range made {
		files, err := sc.Files()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			out[f.Name] = f.Text
		}
	}
	return out, nil
}

// madeFiles are the files of scenarios that have a recipe.
func madeFiles(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "scenarios/*.yaml")
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The scenarios cannot be listed.")
	}
	var out []string
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file %s cannot be read.", name)
		}
		if strings.Contains(string(raw), "base: "+suite.Made) {
			out = append(out, name, "gold"+strings.TrimPrefix(name, "scenarios"))
		}
	}
	return out, nil
}
