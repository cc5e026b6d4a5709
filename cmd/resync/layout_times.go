package main

import (
	"fmt"
	"time"
)

// clock writes times as conman does, seen from the plan's now. Times come in the plan's zone already.
type clock struct{ now time.Time }

func clockOf(planNow string) clock {
	now, _ := time.Parse(time.RFC3339, planNow)
	return clock{now}
}

// at is hhmm's form of an instant: 22:11 today, else 11/26.
func (c clock) at(instant string) string {
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return instant
	}
	if t.Format(time.DateOnly) == c.now.In(t.Location()).Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("01/02")
}

// full is an instant of any day: 22:11 today, else 11/26 22:11.
func (c clock) full(instant string) string {
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return instant
	}
	if t.Format(time.DateOnly) == c.now.In(t.Location()).Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("01/02 15:04")
}

// sched is a schedule time: 0600 11/26.
func sched(instant string) string {
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return instant
	}
	return t.Format("1504 01/02")
}

func hours(seconds int64) string {
	if seconds < 0 {
		seconds = 0
	}
	minutes := (seconds + 30) / 60
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

func estimate(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

// start is when it started, or in parentheses when it is due by its own times.
func (c clock) start(started, due string) string {
	if started != "" {
		return c.at(started)
	}
	return estimate(c.at(due))
}

// took is how long it took or has taken, or in parentheses how long it usually takes.
func took(started string, elapsed, usual int64) string {
	switch {
	case started != "":
		return hours(elapsed)
	case usual > 0:
		return estimate(hours(usual))
	}
	return ""
}
