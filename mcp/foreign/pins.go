package foreign

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// maxPinned bounds what is kept of one tool, in bytes.
const maxPinned = 64 << 10

// Definition is what a server says a tool is. Hash is SHA-256, hex, over name, description and input schema; the order of a schema's
// members does not matter.
type Definition struct {
	Hash        string          `json:"hash"`
	Description string          `json:"description"`
	InputSchema json.RawMessage `json:"input_schema"`
}

// define makes the definition of a tool as it was listed.
func define(t mcpclient.Offered) (Definition, error) {
	if len(t.Description)+len(t.InputSchema) > maxPinned {
		return Definition{}, fmt.Errorf("it has more than %d KB", maxPinned>>10)
	}
	dec := json.NewDecoder(bytes.NewReader(t.InputSchema))
	dec.UseNumber()
	var schema any
	if err := dec.Decode(&schema); err != nil {
		return Definition{}, errors.New("its schema is not JSON")
	}
	canonical, err := json.Marshal(schema)
	if err != nil {
		return Definition{}, err
	}
	whole, err := json.Marshal([]any{t.Name, t.Description, schema})
	if err != nil {
		return Definition{}, err
	}
	sum := sha256.Sum256(whole)
	return Definition{Hash: hex.EncodeToString(sum[:]), Description: t.Description, InputSchema: canonical}, nil
}

// pinFile is the form on disk.
type pinFile struct {
	Server string                `json:"server"`
	Tools  map[string]Definition `json:"tools"`
}

func pinPath(dir, server string) string { return filepath.Join(dir, server+".json") }

// readPins reads what was accepted of a server. A file that cannot be read is an error, never an empty one: that would accept anything.
func readPins(dir, server string) (map[string]Definition, error) {
	path := pinPath(dir, server)
	b, err := os.ReadFile(path) //nolint:gosec // in our own data folder; the name has been checked
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]Definition{}, nil
	}
	unusable := func(err error) error {
		return fault.Wrap(fault.Invalid, err, "What was accepted of the MCP server %s cannot be read from %s.", server, path).
			WithHint("Remove the file if it is damaged: what the server says then is taken as new.")
	}
	if err != nil {
		return nil, unusable(err)
	}
	var f pinFile
	if err := json.Unmarshal(b, &f); err != nil || f.Server != server {
		return nil, unusable(err)
	}
	if f.Tools == nil {
		f.Tools = map[string]Definition{}
	}
	return f.Tools, nil
}

// writePins replaces the file as a whole, readable for its owner alone.
func writePins(dir, server string, pinned map[string]Definition) error {
	failed := func(err error) error {
		return fault.Wrap(fault.Internal, err, "What is accepted of the MCP server %s cannot be kept in %s.", server, dir)
	}
	b, err := json.MarshalIndent(pinFile{Server: server, Tools: pinned}, "", "  ")
	if err != nil {
		return failed(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return failed(err)
	}
	tmp, err := os.CreateTemp(dir, "."+server+"-*") // made with mode 0600
	if err != nil {
		return failed(err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone already when all went well
	_, err = tmp.Write(append(b, '\n'))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return failed(err)
	}
	if err := os.Rename(tmp.Name(), pinPath(dir, server)); err != nil {
		return failed(err)
	}
	return nil
}
