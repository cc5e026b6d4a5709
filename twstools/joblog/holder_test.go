package joblog_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools/joblog"
)

func TestHolderIn(t *testing.T) {
	for line, want := range map[string]string{
		"DAY_LINES rows held in mode X by session of IMBAL.VOLUME":                          "job IMBAL.VOLUME",
		"waiting for rows of APP.ORDERS held by session 714 of REPORTS":                     "session 714, user REPORTS",
		"table APP.ORDERS is locked by LXPAY01#PAYEXT.PAY_LOAD":                             "job LXPAY01#PAYEXT.PAY_LOAD",
		"lock file /v/r.lck held by pid 4711":                                               "pid 4711",
		"Process 60004 waits for ShareLock on transaction 771; blocked by process 61210.":   "pid 61210",
		"bloqueado pela sessão 88 do usuário RELAT":                                         "session 88, user RELAT",
		"processo encerrado pelo operador fsilva via console":                               "user fsilva",
		"Lock holder: application handle 7714, auth id BATCH9, on host dbx01":               "session 7714, user BATCH9, host dbx01",
		"Transaction (Process ID 61) was deadlocked on lock resources with another process": "",
		"rows of APP.ORDERS updated by this step":                                           "",
		"session 714 opened": "",
		"both sessions are its own: writer 2 and writer 5": "",
	} {
		if got := joblog.HolderIn(line).String(); got != want {
			t.Errorf("HolderIn(%q) = %q, want %q", line, got, want)
		}
	}
}
