package message

import "fmt"

// Meaning explains a return code.
type Meaning struct {
	Code   int
	Signal string // "SIGKILL" where the code says that a signal ended the process
	Kind   string // the cause kind it suggests; a hint, never proof
	Bilingual
}

type signal struct {
	Signal int    `yaml:"signal"`
	Name   string `yaml:"name"`
	Kind   string `yaml:"kind"`
	En     string `yaml:"en"`
	Pt     string `yaml:"pt"`
}

func (c *catalogue) loadCodes() error {
	var file struct {
		Codes []struct {
			Code      int    `yaml:"code"`
			Kind      string `yaml:"kind"`
			Bilingual `yaml:",inline"`
		} `yaml:"codes"`
		Signals []signal `yaml:"signals"`
	}
	if err := read("returncodes.yaml", &file); err != nil {
		return err
	}
	for _, e := range file.Codes {
		c.codes[e.Code] = Meaning{Code: e.Code, Kind: e.Kind, Bilingual: e.Bilingual}
	}
	for _, s := range file.Signals {
		c.signals[s.Signal] = s
	}
	return nil
}

// ReturnCode explains a return code by the conventions of shells: 126, 127, and 128+n for signal n. Codes that a program
// defines for itself are not found. A negative -n, as some launchers report it, is signal n too.
func ReturnCode(rc int) (Meaning, bool) { return loaded().returnCode(rc) }

func (c *catalogue) returnCode(rc int) (Meaning, bool) {
	if m, ok := c.codes[rc]; ok {
		return m, true
	}
	n := rc - 128
	if rc < 0 {
		n = -rc
	}
	s, ok := c.signals[n]
	if !ok {
		return Meaning{}, false
	}
	return Meaning{Code: rc, Signal: s.Name, Kind: s.Kind, Bilingual: Bilingual{
		En: Text{
			Says: fmt.Sprintf("By convention signal %d (%s) ended the process: %s.", n, s.Name, s.En),
			Do:   "Find out who or what sent the signal: job log, host records, limits of the job.",
		},
		Pt: Text{
			Says: fmt.Sprintf("Por convenção, o sinal %d (%s) encerrou o processo: %s.", n, s.Name, s.Pt),
			Do:   "Descubra quem ou o que enviou o sinal: log do job, registros do servidor, limites do job.",
		},
	}}, true
}
