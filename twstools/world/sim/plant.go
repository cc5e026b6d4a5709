package sim

import (
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

var zero time.Time

func promptRef(p *prompt) string {
	return world.NameID("prompt", displayName(p.folder, p.name), strconv.Itoa(p.number))
}

func (s *Sim) lastEnd(st *stream) time.Time {
	var end time.Time
	for _, j := range st.jobs {
		if r := j.last(); r != nil && r.end.After(end) {
			end = r.end
		}
	}
	return end
}

// file gives the file of that path on a workstation, known from then on.
func (s *Sim) file(on, path string) *file {
	key := on + "#" + path
	f := s.files[key]
	if f == nil {
		f = &file{path: path, on: s.stations[on]}
		s.files[key] = f
	}
	return f
}

// arrivals plans the files that come between two instants.
func (s *Sim) arrivals(from, to time.Time) {
	for i := range s.defs.Arrivals {
		a := &s.defs.Arrivals[i]
		zone := s.stations[a.On].zone
		first := from.In(zone)
		for day := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, zone).AddDate(0, 0, -1); day.Before(to); day = day.AddDate(0, 0, 1) {
			at := a.At.on(day)
			if at.Before(from) || !at.Before(to) {
				continue
			}
			at = at.Add(time.Duration(s.part("arrival", a.On, a.File, day.Format(time.DateOnly)) * float64(a.Later))).Truncate(time.Second)
			stays := a.Stays
			if stays <= 0 {
				stays = 18 * time.Hour
			}
			f := s.file(a.On, a.File)
			s.when(at, func() { s.appears(f) })
			s.when(at.Add(stays), func() { f.exists = false })
		}
	}
}

// tell writes a line of the event log, of which the newest 5,000 are kept.
func (s *Sim) tell(kind, message, severity string) {
	s.newsNo++
	s.news = append(s.news, twstools.EventRecord{ID: strconv.Itoa(s.newsNo), Type: kind, Message: message, Severity: severity, At: s.now})
	if len(s.news) > 6000 {
		s.news = append([]twstools.EventRecord(nil), s.news[1000:]...)
	}
}

// title is the operator's name of a stream.
func (st *stream) title() string {
	return twstools.Entity{Type: twstools.EntityJobStream, Folder: st.def.Folder, Workstation: st.ws.name, Stream: st.name, Sched: st.sched}.String(st.zone)
}

// title is the operator's name of a job.
func (j *job) title() string { return j.s.title() + "." + j.def.Name }

// submit adds an instance of a stream to the plan as of now (UG "submit sched").
func (s *Sim) submit(d *Stream) *stream {
	here := s.now.In(s.zoneOf(d))
	day := time.Date(here.Year(), here.Month(), here.Day(), 0, 0, 0, 0, here.Location())
	st := s.addStream(occurrence{def: d, sched: s.now, day: day})
	s.tie(st)
	s.begin(st)
	return st
}
