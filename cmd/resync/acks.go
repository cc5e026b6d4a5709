package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/tools"
)

// historyFile is the database that history has for itself in the data folder.
const historyFile = "history"

// desk is where acknowledgements are kept: beside the history of the plan, opened when somebody needs them. Who only looks makes no file.
type desk struct {
	cfg   *config.Config
	clock func() time.Time

	mu   sync.Mutex
	db   *store.DB
	acks *history.Acks
}

// keeper gives the acknowledgements; nil without an error when nobody has ever written one here and make is false.
func (d *desk) keeper(ctx context.Context, make bool) (*history.Acks, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.acks != nil {
		return d.acks, nil
	}
	if !make && d.cfg.Database.IsZero() {
		if _, err := os.Stat(filepath.Join(d.cfg.DataDir, historyFile+".db")); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	db, err := store.Open(ctx, store.Options{Dir: d.cfg.DataDir, File: historyFile, URL: d.cfg.Database, Rooms: []store.Room{history.Room()}})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "What is acknowledged cannot be kept in %s.", d.cfg.DataDir)
	}
	acks, err := history.NewAcks(db, d.clock)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.db, d.acks = db, acks
	return acks, nil
}

// Close closes the database if it was opened.
func (d *desk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return nil
	}
	db := d.db
	d.db, d.acks = nil, nil
	return db.Close()
}

// ackKey names an engine in the records. Plans that are invented or recorded often bear the name of the real engine: what is normal there says
// nothing about it.
func (e engine) ackKey() string {
	if e.mode == "live" {
		return e.name
	}
	return e.name + "@" + e.mode
}

// engineAcks are the acknowledgements of one engine, for its tools.
type engineAcks struct {
	desk *desk
	key  string
}

func (a engineAcks) InForce(ctx context.Context, _ string) ([]tools.Acknowledgement, error) {
	keeper, err := a.desk.keeper(ctx, false)
	if err != nil || keeper == nil {
		return nil, err
	}
	all, err := keeper.InForce(ctx, a.key)
	var out []tools.Acknowledgement
	for _, x := range all {
		out = append(out, tools.Acknowledgement{ID: x.ID, By: x.ByName, Note: x.Note, At: x.At, Until: x.Until})
	}
	return out, err
}

// everything asks for all findings at once, on one page.
var everything = tools.RadarIn{PageSize: 100_000}

// acknowledge records that a finding of the radar is normal here. It must be one that the radar shows now: nobody can know what another one is.
func (s *site) acknowledge(ctx context.Context, e engine, id string, until time.Time, note string) (history.Ack, error) {
	who, ok := auth.CallerFrom(ctx)
	if !ok {
		return history.Ack{}, fault.New(fault.Unauthorized, "An acknowledgement needs somebody who gives it.")
	}
	row, err := findingOf(ctx, e, id)
	if err != nil {
		return history.Ack{}, err
	}
	keeper, err := s.desk.keeper(ctx, true)
	if err != nil {
		return history.Ack{}, err
	}
	a, err := keeper.Put(ctx, history.Ack{Engine: e.ackKey(), ID: id, Rule: row.Rule, Entity: row.Entity, Note: note, ByID: who.ID, ByName: who.Name, Until: until})
	if err == nil {
		s.logger.InfoContext(ctx, "finding acknowledged", "engine", e.name, "id", id, "rule", row.Rule, "caller", who.ID, "until", a.Until)
	}
	return a, err
}

// findingOf looks for a finding by its id.
func findingOf(ctx context.Context, e engine, id string) (tools.RadarRow, error) {
	seen, err := e.tools.Radar(ctx, everything)
	if err != nil {
		return tools.RadarRow{}, err
	}
	var near []string
	for _, rows := range [][]tools.RadarRow{seen.Data.Findings, seen.Data.Acknowledged} {
		for _, r := range rows {
			if r.ID == id {
				return r, nil
			}
			if len(near) < 12 {
				near = append(near, r.ID+" "+r.Rule+" "+r.Entity)
			}
		}
	}
	return tools.RadarRow{}, fault.New(fault.NotFound, "The radar shows nothing with the id %q.", id).WithHint("These are its findings; one that has gone needs no acknowledgement.").WithCandidates(near...)
}

func (s *site) withdraw(ctx context.Context, e engine, id string) error {
	who, ok := auth.CallerFrom(ctx)
	if !ok {
		return fault.New(fault.Unauthorized, "Withdrawing an acknowledgement needs somebody who does it.")
	}
	keeper, err := s.desk.keeper(ctx, true)
	if err != nil {
		return err
	}
	if err := keeper.Withdraw(ctx, e.ackKey(), id, who.ID, who.Name); err != nil {
		return err
	}
	s.logger.InfoContext(ctx, "acknowledgement withdrawn", "engine", e.name, "id", id, "caller", who.ID)
	return nil
}

// restAcks serves acknowledgements to the REST API.
type restAcks struct{ *site }

func (r restAcks) List(ctx context.Context, name string) ([]data.Ack, error) {
	e, err := r.pick(ctx, name)
	if err != nil {
		return nil, err
	}
	keeper, err := r.desk.keeper(ctx, false)
	if err != nil || keeper == nil {
		return nil, err
	}
	all, err := keeper.InForce(ctx, e.ackKey())
	var out []data.Ack
	for _, a := range all {
		out = append(out, wireAck(e, a))
	}
	return out, err
}

func (r restAcks) Acknowledge(ctx context.Context, name, id string, until time.Time, note string) (data.Ack, error) {
	e, err := r.pick(ctx, name)
	if err != nil {
		return data.Ack{}, err
	}
	a, err := r.acknowledge(ctx, e, id, until, note)
	return wireAck(e, a), err
}

func (r restAcks) Withdraw(ctx context.Context, name, id string) error {
	e, err := r.pick(ctx, name)
	if err != nil {
		return err
	}
	return r.withdraw(ctx, e, id)
}

func wireAck(e engine, a history.Ack) data.Ack {
	return data.Ack{Engine: e.name, ID: a.ID, Rule: a.Rule, Entity: a.Entity, Note: a.Note, By: a.ByName, At: a.At, Until: a.Until}
}
