package pdf

import (
	"bytes"
	"errors"
)

// painter runs the content of a page and notes the letters that it draws.
type painter struct {
	f          *File
	page       Page
	turn       uint8
	box        [4]float64
	state      state
	forms      int
	decoration int // depth of what is marked so
}

// state is what q saves.
type state struct {
	ctm                           matrix
	font                          *font
	size, char, word, scale, lead float64
	rise                          float64
	text, line                    matrix
	scaled                        bool
}

func (p *painter) run(content []byte, resources dict, start state, depth int) error {
	p.state = start
	if !p.state.scaled {
		p.state.scale, p.state.scaled, p.state.text, p.state.line = 1, true, identity, identity
	}
	l := &lexer{data: content, spend: p.f.opt.Spend}
	var args array
	var saved []state
	var marked []bool
	defer func() {
		for _, m := range marked {
			if m {
				p.decoration--
			}
		}
	}()
	for {
		o, err := l.object(0)
		if errors.Is(err, errEnd) {
			return nil
		}
		if errors.Is(err, errSyntax) {
			l.at++
			continue
		}
		if err != nil {
			return err
		}
		w, ok := o.(op)
		if !ok {
			if len(args) < 64 {
				args = append(args, o)
			}
			continue
		}
		switch w {
		case "q":
			if len(saved) < maxSaved {
				saved = append(saved, p.state)
			}
		case "Q":
			if n := len(saved); n > 0 {
				text, line := p.state.text, p.state.line
				p.state = saved[n-1]
				p.state.text, p.state.line = text, line
				saved = saved[:n-1]
			}
		case "BMC", "BDC":
			deco := len(args) > 0 && args[0] == name("Artifact")
			if len(marked) < 4096 {
				marked = append(marked, deco)
				if deco {
					p.decoration++
				}
			}
		case "EMC":
			if n := len(marked); n > 0 {
				if marked[n-1] {
					p.decoration--
				}
				marked = marked[:n-1]
			}
		case "BI":
			p.page.Pictures = true
			p.skipPicture(l)
		case "Do":
			if err := p.draw(args, resources, depth); err != nil {
				return err
			}
		default:
			p.operate(w, args, resources)
		}
		args = args[:0]
	}
}

// skipPicture goes behind a picture inside the content.
func (p *painter) skipPicture(l *lexer) {
	for l.at < len(l.data) {
		i := bytes.Index(l.data[l.at:], []byte("EI"))
		if i < 0 {
			l.at = len(l.data)
			return
		}
		at := l.at + i
		l.at = at + 2
		if at > 0 && space(l.data[at-1]) && (l.at == len(l.data) || space(l.data[l.at])) {
			return
		}
	}
}

// draw runs a form, which is content that can be drawn many times.
func (p *painter) draw(args array, resources dict, depth int) error {
	if len(args) == 0 {
		return nil
	}
	n, _ := args[0].(name)
	s, ok := p.f.resolve(p.f.dict(resources["XObject"])[n]).(*stream)
	if !ok {
		return nil
	}
	if kind := p.f.resolve(s.dict["Subtype"]); kind != name("Form") {
		p.page.Pictures = p.page.Pictures || kind == name("Image")
		return nil
	}
	if p.forms++; depth > 12 || p.forms > maxForms {
		return nil
	}
	content, err := p.f.decode(s)
	if err != nil {
		return p.f.failed
	}
	before := p.state
	start := before
	if m := p.f.list(s.dict["Matrix"]); len(m) == 6 {
		start.ctm = p.matrix(m).mul(before.ctm)
	}
	own := p.f.dict(s.dict["Resources"])
	if own == nil {
		own = resources
	}
	err = p.run(content, own, start, depth+1)
	p.state = before
	return err
}

func (p *painter) matrix(args array) matrix {
	var m matrix
	for i := range m {
		if i < len(args) {
			m[i] = p.f.number(args[i], 0)
		}
	}
	return m
}

// operate runs an operator of text or of the state.
func (p *painter) operate(w op, args array, resources dict) {
	s := &p.state
	n := func(i int) float64 {
		if i < len(args) {
			v, _ := args[i].(float64)
			return v
		}
		return 0
	}
	switch w {
	case "cm":
		s.ctm = p.matrix(args).mul(s.ctm)
	case "BT":
		s.text, s.line = identity, identity
	case "Tf":
		if len(args) == 2 {
			k, _ := args[0].(name)
			s.font, s.size = p.f.font(p.f.dict(resources["Font"])[k]), n(1)
		}
	case "Tc":
		s.char = n(0)
	case "Tw":
		s.word = n(0)
	case "Tz":
		s.scale = n(0) / 100
	case "TL":
		s.lead = n(0)
	case "Ts":
		s.rise = n(0)
	case "Td":
		p.move(n(0), n(1))
	case "TD":
		s.lead = -n(1)
		p.move(n(0), n(1))
	case "Tm":
		if len(args) == 6 {
			s.line = p.matrix(args)
			s.text = s.line
		}
	case "T*":
		p.move(0, -s.lead)
	case "Tj":
		p.show(args)
	case "'":
		p.move(0, -s.lead)
		p.show(args)
	case "\"":
		s.word, s.char = n(0), n(1)
		p.move(0, -s.lead)
		p.show(args[min(len(args), 2):])
	case "TJ":
		if len(args) > 0 {
			a, _ := args[0].(array)
			p.show(a)
		}
	}
}

func (p *painter) move(x, y float64) {
	p.state.line = matrix{1, 0, 0, 1, x, y}.mul(p.state.line)
	p.state.text = p.state.line
}

// show draws strings; numbers between them move on.
func (p *painter) show(parts array) {
	s := &p.state
	if s.font == nil {
		s.font = &font{usual: .5}
	}
	for _, part := range parts {
		switch v := part.(type) {
		case float64:
			s.text = matrix{1, 0, 0, 1, -v / 1000 * s.size * s.scale, 0}.mul(s.text)
		case str:
			for b := []byte(v); len(b) > 0; {
				c, n := s.font.next(b)
				w := s.font.width(c) * s.size
				step := w + s.char
				if n == 1 && c == 32 {
					step += s.word
				}
				b = b[n:]
				if t, ok := s.font.text(c); !ok {
					if w > 0 && c != 32 {
						p.page.Lost++
					}
				} else {
					p.put(t, matrix{1, 0, 0, 1, 0, s.rise}.mul(s.text).mul(s.ctm), s.size, w*s.scale)
				}
				s.text = matrix{1, 0, 0, 1, step * s.scale, 0}.mul(s.text)
				if p.f.opt.Spend(1) != nil {
					return
				}
			}
		}
	}
}
