package mcpserver

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// object is the members of a JSON object in their order.
type object []member

// get gives the value of a name, written in capitals or not, as encoding/json looks it up too; nil when there is none.
func (o object) get(name string) json.RawMessage {
	for _, m := range o {
		if strings.EqualFold(m.name, name) {
			return m.value
		}
	}
	return nil
}

// mostMembers is more than any object has that members is asked to read; looking for a name takes time with each.
const mostMembers = 100

// members reads an object one level deep; read is false for anything else. It is an error when two names are the same but for capitals.
func members(raw []byte) (o object, read bool, err error) {
	if len(raw) == 0 {
		return nil, false, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false, nil //nolint:nilerr // the library says what is wrong with it
	}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, false, nil //nolint:nilerr // as above
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, false, nil //nolint:nilerr // as above
		}
		if o.get(name) != nil {
			return nil, false, fault.New(fault.Invalid, "The message says %.40q twice.", name)
		}
		if len(o) == mostMembers {
			return nil, false, fault.New(fault.Invalid, "The message has an object with more than %d members.", mostMembers)
		}
		o = append(o, member{name, value})
	}
	if t, err := dec.Token(); err != nil || t != json.Delim('}') {
		return nil, false, nil //nolint:nilerr // as above
	}
	return o, true, nil
}

// saidOnce refuses arguments of which one is said twice, also where they are wrapped once more, as the tools accept them.
func saidOnce(arguments []byte) error {
	o, read, err := members(arguments)
	if err != nil || !read {
		return err
	}
	_, _, err = members(o.get("arguments"))
	return err
}
