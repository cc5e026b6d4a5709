package main

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// renamer gives every identifier of a world another name, the same wherever it stands: in objects, commands, texts and logs. Words of names are
// exchanged one by one, so that a script stays as like its job as it was; separators, digits, file extensions and the case of lettersForm stay.
type renamer struct {
	luck  *rand.Rand
	whole map[string]bool   // identifiers of the world as they are written
	low   map[string]bool   // the same in small lettersForm, where they cannot be mistaken for a word
	fresh map[string]string // word in small lettersForm to its new word
	used  map[string]bool
	said  map[string]string // texts renamed before
}

// shipped are names that the product brings along; they mean the same at every plant.
const shipped = " FINAL FINALPOSTREPORTS STARTAPPSERVER MAKEPLAN SWITCHPLAN CHECKSYNC CREATEPOSTREPORTS UPDATESTATS MASTERDM root SYSTEM Administrator "

// ours are the fields that hold identifiers. Whatever else is text is looked through for them.
const ours = " Name OriginalName Alias Workstation StreamWorkstation ActualWorkstation Stream StreamFolder Folder Job JobStream Resource ResourceFolder Prompt Domain Host Node " +
	"UserLogins Submitter User RecoveryJob JobStreamName JoinName NetworkAgent Jobs "

// opaque are the fields that no plant chooses, and descriptions, which tell what a thing is for.
const opaque = " ID Engine Dialect InternalID JobStreamID PlanID Description Status Common Internal Substatus Type OS TimeZone Locale License Version ActiveStates ActiveFlags State " +
	"ServiceContact FileQualifier Qualifier RerunType RecoveryOption LatestStartAction DeadlineAction MaxDurationAction Severity Action ObjectType Batchman Mode "

func newRenamer(seed uint64, w *world.World) *renamer {
	n := &renamer{luck: rand.New(rand.NewPCG(seed, 7)), whole: map[string]bool{}, low: map[string]bool{}, fresh: map[string]string{}, used: map[string]bool{}, said: map[string]string{}}
	n.learn(reflect.ValueOf(w).Elem(), "")
	return n
}

// learn gathers the identifiers.
func (n *renamer) learn(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n.learn(v.Elem(), field)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Type() != reflect.TypeFor[time.Time]() && !among(opaque, name) {
				n.learn(v.Field(i), name)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n.learn(v.Index(i), field)
		}
	case reflect.String:
		if among(ours, field) {
			n.know(v.String())
		}
	}
}

var inName = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_$@-]*`)

// know takes the identifiers of WS#STREAM.JOB, /FOLDER/WS, RIBALTA\user and lists of such.
func (n *renamer) know(text string) {
	for _, id := range inName.FindAllString(text, -1) {
		if !among(shipped, id) && len(id) > 1 {
			n.whole[id] = true
			if strings.ContainsAny(id, "_0123456789") {
				n.low[strings.ToLower(id)] = true
			}
		}
	}
}

func among(list, word string) bool { return strings.Contains(list, " "+word+" ") }

// world is the same plant with other names.
func (n *renamer) world(w *world.World) *world.World {
	return n.copy(reflect.ValueOf(w), "").Interface().(*world.World)
}

func (n *renamer) copy(v reflect.Value, field string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(n.copy(v.Elem(), field))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return v
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; among(opaque, name) && v.Field(i).Kind() != reflect.Struct {
				out.Field(i).Set(v.Field(i))
			} else {
				out.Field(i).Set(n.copy(v.Field(i), name))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(n.copy(v.Index(i), field))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			keys := slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
			for _, k := range keys {
				out.SetMapIndex(k, n.copy(v.MapIndex(k), field))
			}
		}
	case reflect.String:
		out.SetString(n.text(v.String()))
	default:
		return v
	}
	return out
}

// named is a path, a host, or a word that may be an identifier.
var named = regexp.MustCompile(`[A-Za-z]:\\[\w.\\-]+|(?:/[\w.+@~*-]+){2,}/?|\b[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:example|local|test)\b|[A-Za-z][A-Za-z0-9_$@-]*`)

// common are parts of paths and of hosts that are found everywhere.
const common = " example local test opt var tmp usr bin sbin etc lib dev null home data log logs mnt srv run proc sys api in out stage work batch temp spool https http www "

var extension = regexp.MustCompile(`\.[A-Za-z]{1,7}[0-9]?$`)

// text renames what is an identifier in a text.
func (n *renamer) text(s string) string {
	as, ok := n.said[s]
	if !ok {
		as = n.anew(s)
		n.said[s] = as
	}
	return as
}

func (n *renamer) anew(s string) string {
	return named.ReplaceAllStringFunc(s, func(t string) string {
		switch {
		case strings.ContainsAny(t, `/\`) || !strings.ContainsAny(t, "@") && strings.Contains(t, "."):
			ext := extension.FindString(t)
			return n.words(strings.TrimSuffix(t, ext)) + ext
		case n.whole[t] || n.low[strings.ToLower(t)]:
			return n.words(t)
		}
		if a, b, ok := strings.Cut(t, "@"); ok { // USER@DATABASE
			return n.text(a) + "@" + n.text(b)
		}
		return t
	})
}

var lettersForm = regexp.MustCompile(`[A-Za-z]{2,}`)

// words exchanges each word of an identifier.
func (n *renamer) words(id string) string {
	return lettersForm.ReplaceAllStringFunc(id, func(w string) string {
		low := strings.ToLower(w)
		if among(common, low) || among(shipped, w) {
			return w
		}
		x, ok := n.fresh[low]
		for !ok {
			x = n.speakable(len(w))
			ok = !n.used[x] && !n.whole[strings.ToUpper(x)]
		}
		n.used[x], n.fresh[low] = true, x
		switch w {
		case strings.ToUpper(w):
			return strings.ToUpper(x)
		case low:
			return x
		}
		return strings.ToUpper(x[:1]) + x[1:]
	})
}

// speakable makes a word of at least so many lettersForm, in syllables that no word of ours has.
func (n *renamer) speakable(length int) string {
	var b strings.Builder
	for b.Len() < max(length, 3) {
		b.WriteByte("bdfghjklmnpqrtvwxz"[n.luck.IntN(18)])
		b.WriteByte("aeiouy"[n.luck.IntN(6)])
	}
	return b.String()[:max(length, 3)]
}

// names are the identifiers of the world that stand in a text and that may be asked about, each once, in its order.
func (n *renamer) names(text string) []string {
	var out []string
	for _, t := range inName.FindAllString(text, -1) {
		if n.whole[t] && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// known counts the identifiers, and those that got another name.
func (n *renamer) known() (all, other int) {
	for id := range n.whole {
		if n.words(id) != id {
			other++
		}
	}
	return len(n.whole), other
}
