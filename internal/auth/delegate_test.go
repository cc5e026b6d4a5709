package auth_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

const edgeToken = "rsk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

var (
	speakingAt = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	edge       = auth.Caller{ID: "key:EDGE", Name: "edge", Role: auth.Operator, Via: "api_key", Scopes: []string{"mcp", "delegate"}}
)

func TestWhatADelegatedPersonMay(t *testing.T) {
	with := func(role auth.Role, scopes ...string) auth.Caller {
		return auth.Caller{ID: "key:EDGE", Role: role, Via: "api_key", Scopes: append(scopes, "delegate")}
	}
	person := func(role auth.Role, scopes ...string) auth.Caller {
		return auth.Caller{ID: "u7", Name: "Ana", Role: role, Via: "session", Scopes: scopes}
	}
	nobody := auth.Caller{ID: "oidc:1", Name: "Eve", Role: auth.Viewer, Via: "oidc", Foreign: true}
	for _, tc := range []struct {
		name            string
		program, person auth.Caller
		role            auth.Role
		scopes          string
	}{
		{"all of a person's rights", with(auth.Admin, "mcp"), person(auth.Operator), auth.Operator, "mcp"},
		{"the program's lesser role", with(auth.Viewer, "mcp"), person(auth.Admin), auth.Viewer, "mcp"},
		{"the program's toolset", with(auth.Operator, "mcp:plan"), person(auth.Operator), auth.Operator, "mcp:plan"},
		{"the person's toolset", with(auth.Operator, "mcp"), person(auth.Operator, "mcp:plan"), auth.Operator, "mcp:plan"},
		{"the toolset of both", with(auth.Operator, "mcp:plan", "mcp:history"), person(auth.Operator, "mcp:plan", "mcp:knowledge"), auth.Operator, "mcp:plan"},
		{"no toolset of both", with(auth.Operator, "mcp:plan"), person(auth.Operator, "mcp:history"), auth.Operator, ""},
		{"who asks uses all tools through the agent", with(auth.Operator, "mcp"), person(auth.Operator, "ask"), auth.Operator, "mcp"},
		{"who only reads uses none", with(auth.Operator, "mcp"), person(auth.Operator, "read"), auth.Operator, ""},
		{"a foreign token for nothing", with(auth.Operator, "mcp"), nobody, auth.Viewer, ""},
		{"the program's engine", with(auth.Operator, "mcp", "engine:a"), person(auth.Operator), auth.Operator, "mcp engine:a"},
		{"the person's engine", with(auth.Operator, "mcp"), person(auth.Operator, "engine:b"), auth.Operator, "mcp engine:b"},
		{"the engine of both", with(auth.Operator, "mcp", "engine:a", "engine:b"), person(auth.Operator, "engine:b", "engine:c"), auth.Operator, "mcp engine:b"},
		{"nobody delegates further", with(auth.Operator, "mcp", "trace"), person(auth.Operator, "mcp", "delegate", "trace"), auth.Operator, "mcp"},
	} {
		text, err := auth.SignCaller(edgeToken, tc.person, speakingAt)
		if err != nil {
			t.Fatal(err)
		}
		got, err := auth.Delegated(tc.program, edgeToken, text, speakingAt.Add(59*time.Second))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got.Role != tc.role || strings.Join(got.Scopes, " ") != tc.scopes {
			t.Errorf("%s: %s %v", tc.name, got.Role, got.Scopes)
		}
		if got.ID != "key:EDGE/"+tc.person.ID || got.Name != tc.person.Name || got.By != "key:EDGE" || got.Via != "delegated" || got.MayDelegate() {
			t.Errorf("%s: %+v", tc.name, got)
		}
		if tc.scopes == "" && (got.HasScope(auth.ScopeMCP) || got.MayToolset("plan") || got.MayToolset("")) {
			t.Errorf("%s: nothing in common, and yet something is open", tc.name)
		}
		if got.HasScope("ask") || got.HasScope("trace") {
			t.Errorf("%s: more than MCP is open", tc.name)
		}
	}
	text, err := auth.SignCaller(edgeToken, person(auth.Operator, "engine:c"), speakingAt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Delegated(with(auth.Operator, "mcp", "engine:a"), edgeToken, text, speakingAt); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("no engine in common: %v", err)
	}
}

func TestWhoMaySpeakForOthers(t *testing.T) {
	text, err := auth.SignCaller(edgeToken, auth.Caller{ID: "u", Role: auth.Viewer}, speakingAt)
	if err != nil {
		t.Fatal(err)
	}
	for name, program := range map[string]auth.Caller{
		"an admin's key without scopes": {ID: "k", Role: auth.Admin, Via: "api_key"},
		"an admin in the browser":       {ID: "u", Role: auth.Admin, Via: "session"},
		"a key for MCP":                 {ID: "k", Role: auth.Admin, Via: "api_key", Scopes: []string{"mcp"}},
		"nobody":                        {},
		"the person at the terminal":    auth.Local(),
		"one who is spoken for":         {ID: "k/u", Role: auth.Viewer, Via: "delegated", Scopes: []string{"mcp", "delegate"}},
	} {
		if _, err := auth.Delegated(program, edgeToken, text, speakingAt); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSpeechThatDoesNotCount(t *testing.T) {
	sign := func(token string, c auth.Caller, at time.Time) string {
		t.Helper()
		text, err := auth.SignCaller(token, c, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	ana := auth.Caller{ID: "u7", Name: "Ana", Role: auth.Operator}
	good := sign(edgeToken, ana, speakingAt)
	raw := func(key string, claims jwt.MapClaims, method jwt.SigningMethod) string {
		t.Helper()
		var k any = []byte(key)
		if method == jwt.SigningMethodNone {
			k = jwt.UnsafeAllowNoneSignatureType
		}
		text, err := jwt.NewWithClaims(method, claims).SignedString(k)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	claims := jwt.MapClaims{"sub": "u7", "name": "Ana", "role": "operator", "typ": "caller", "aud": "resync-tools", "jti": "x", "scopes": []string{"mcp"}, "iat": speakingAt.Unix(), "exp": speakingAt.Add(time.Minute).Unix()}
	// but signs the claims as a program with the token would, with one of them changed; nil takes it away.
	but := func(claim string, value any) string {
		t.Helper()
		key, err := hkdf.Key(sha256.New, []byte(edgeToken), nil, "resync/caller/v1", sha256.Size)
		if err != nil {
			t.Fatal(err)
		}
		changed := maps.Clone(claims)
		changed[claim] = value
		if value == nil {
			delete(changed, claim)
		}
		return raw(string(key), changed, jwt.SigningMethodHS256)
	}
	// As they are they count, so each row below fails for the one thing that it changes.
	if c, err := auth.Delegated(edge, edgeToken, but("name", "Eva"), speakingAt); err != nil || c.Name != "Eva" {
		t.Fatalf("well signed: %+v %v", c, err)
	}
	for name, tc := range map[string]struct {
		text string
		at   time.Time
	}{
		"good for longer than a minute": {but("exp", speakingAt.Add(61*time.Second).Unix()), speakingAt},
		"good for ever":                 {but("exp", nil), speakingAt},
		"of no known time":              {but("iat", nil), speakingAt},
		"of another type":               {but("typ", "session"), speakingAt},
		"of no type":                    {but("typ", nil), speakingAt},
		"for another reader":            {but("aud", "resync"), speakingAt},
		"for no reader":                 {but("aud", nil), speakingAt},
		"of nobody":                     {but("sub", nil), speakingAt},
		"without an id of its own":      {but("jti", nil), speakingAt},
		"of no role":                    {but("role", nil), speakingAt},
		"of an unknown role":            {but("role", "root"), speakingAt},
		"too old":                       {good, speakingAt.Add(2 * time.Minute)},
		"from the future":               {good, speakingAt.Add(-2 * time.Minute)},
		"of another token":              {sign("rsk_another", ana, speakingAt), speakingAt},
		"with the token as the key":     {raw(edgeToken, claims, jwt.SigningMethodHS256), speakingAt},
		"without a signature":           {raw("", claims, jwt.SigningMethodNone), speakingAt},
		"changed":                       {good[:len(good)-4] + "AAAA", speakingAt},
		"too long":                      {sign(edgeToken, auth.Caller{ID: "u", Role: auth.Viewer, Name: strings.Repeat("x", 9000)}, speakingAt), speakingAt},
		"empty":                         {"", speakingAt},
		"a person by their bare name":   {"u7", speakingAt},
		"for a long id":                 {sign(edgeToken, auth.Caller{ID: strings.Repeat("u", 129), Role: auth.Viewer}, speakingAt), speakingAt},
		"for an id of two lines":        {sign(edgeToken, auth.Caller{ID: "u7\nu8", Role: auth.Viewer}, speakingAt), speakingAt},
		"for an id that hides some":     {sign(edgeToken, auth.Caller{ID: "u7\u202e8", Role: auth.Viewer}, speakingAt), speakingAt},
	} {
		if c, err := auth.Delegated(edge, edgeToken, tc.text, tc.at); fault.CodeOf(err) != fault.Unauthorized {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
	for name, c := range map[string]auth.Caller{"no id": {Role: auth.Viewer}, "no role": {ID: "u"}} {
		if _, err := auth.SignCaller(edgeToken, c, speakingAt); err == nil {
			t.Errorf("a caller with %s is signed", name)
		}
	}
	if _, err := auth.SignCaller("", ana, speakingAt); err == nil {
		t.Error("a caller is signed without a token")
	}
	if strings.Contains(good, edgeToken) {
		t.Error("the token stands in the text")
	}
}
