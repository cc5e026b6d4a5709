package session

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

//go:embed page.html
var files embed.FS

var pageTemplate = template.Must(template.ParseFS(files, "page.html"))

// words are the texts of the pages in one language.
type words struct {
	Lang, Title, Intro, Name, Password, Submit, OnceIntro, OnceSubmit, Wrong, Limited, Old string
}

var (
	english = words{
		Lang: "en", Title: "Log in to Resync", Intro: "Questions about the workload plan, answered with evidence.",
		Name: "User name", Password: "Password", Submit: "Log in",
		OnceIntro: "This link logs you in once.", OnceSubmit: "Log in now",
		Wrong:   "The user name or the password is not right.",
		Limited: "There were too many attempts. Please wait some minutes and try again.",
		Old:     "This login link has been used or is too old. Make a new one on the server with: resync user link",
	}
	portuguese = words{
		Lang: "pt-BR", Title: "Entrar no Resync", Intro: "Perguntas sobre o plano de produção, respondidas com evidências.",
		Name: "Usuário", Password: "Senha", Submit: "Entrar",
		OnceIntro: "Este link permite entrar uma única vez.", OnceSubmit: "Entrar agora",
		Wrong:   "O usuário ou a senha não está correto.",
		Limited: "Houve tentativas demais. Aguarde alguns minutos e tente de novo.",
		Old:     "Este link já foi usado ou expirou. Gere um novo no servidor com: resync user link",
	}
	languages = language.NewMatcher([]language.Tag{language.English, language.BrazilianPortuguese})
)

func wordsFor(r *http.Request) words {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return english
	}
	if _, i, confidence := languages.Match(tags...); i == 1 && confidence != language.No {
		return portuguese
	}
	return english
}

// view is what the template shows: the form, or the button of the one-time link when Code is set.
type view struct {
	words
	Once    bool
	Code    string
	Next    string
	User    string
	Problem string
}

// Login answers GET /login: the form, or the way in for whoever is logged in.
func (a *API) Login(w http.ResponseWriter, r *http.Request) error {
	next := a.page(r.URL.Query().Get("next"))
	if c, ok := auth.CallerFrom(r.Context()); ok && c.Via == "session" {
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // page gives paths of our own pages only
		return nil
	}
	return show(w, http.StatusOK, view{words: wordsFor(r), Next: next})
}

// LoginForm answers POST /login/form and leads to the page that was asked for.
func (a *API) LoginForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	v := view{words: wordsFor(r), Next: a.page(form.Get("next")), User: form.Get("username")}
	_, s, err := a.login(r, form.Get("username"), form.Get("password"))
	switch {
	case fault.Is(err, fault.Unauthorized):
		v.Problem = v.Wrong
	case fault.Is(err, fault.Limited):
		v.Problem = v.words.Limited
	case err != nil:
		return err
	default:
		a.setCookie(w, s)
		http.Redirect(w, r, v.Next, http.StatusSeeOther)
		return nil
	}
	return show(w, httpd.Status(err), v)
}

// Once answers GET /login/once: a button. Looking at the link does not use it.
func (a *API) Once(w http.ResponseWriter, r *http.Request) error {
	return show(w, http.StatusOK, view{words: wordsFor(r), Once: true, Code: r.URL.Query().Get("code")})
}

// UseOnce answers POST /login/once: it takes the link's code in.
func (a *API) UseOnce(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	s, err := a.o.Auth.UseLoginLink(r.Context(), form.Get("code"))
	if fault.Is(err, fault.Unauthorized) {
		v := view{words: wordsFor(r), Next: a.o.Pages[0]}
		v.Problem = v.Old
		return show(w, http.StatusUnauthorized, v)
	}
	if err != nil {
		return err
	}
	if err := a.endOld(r); err != nil {
		return err
	}
	a.setCookie(w, s)
	http.Redirect(w, r, a.o.Pages[0], http.StatusSeeOther)
	return nil
}

func show(w http.ResponseWriter, status int, v view) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		return fmt.Errorf("write login page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Language")
	// Under no-referrer browsers send "Origin: null" with a form, which the guard against foreign pages refuses.
	w.Header().Set("Referrer-Policy", "strict-origin")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return nil
}
