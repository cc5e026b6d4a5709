package session

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/secret"
)

// Tokens is the answer of POST /token, as RFC 6749 names its fields.
type Tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type" enum:"Bearer"`
	ExpiresIn    int    `json:"expires_in" doc:"Seconds."`
	RefreshToken string `json:"refresh_token"`
}

// Form is the body of POST /token.
type Form struct {
	GrantType    string `json:"grant_type,omitempty" enum:"password,refresh_token" doc:"password when absent."`
	Username     string `json:"username,omitempty"`
	Password     string `json:"password,omitempty" format:"password"`
	RefreshToken string `json:"refresh_token,omitempty" doc:"With grant_type=refresh_token, instead of name and password. It works once."`
}

// Token answers POST /token: a name and a password, or a refresh token, for an access token and a refresh token. Without a
// grant_type the password form is meant, as in the first Resync.
func (a *API) Token(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	var t auth.Tokens
	switch grant := form.Get("grant_type"); grant {
	case "password", "":
		u, err := a.o.Auth.Login(r.Context(), form.Get("username"), secret.New(form.Get("password")), httpd.RemoteIP(r))
		if err != nil {
			return err
		}
		if t, err = a.o.Auth.IssueTokens(r.Context(), u); err != nil {
			return err
		}
	case "refresh_token":
		if t, err = a.o.Auth.Refresh(r.Context(), form.Get("refresh_token")); err != nil {
			return err
		}
	default:
		return fault.New(fault.Invalid, "The grant_type must be password or refresh_token.")
	}
	return wire.Write(w, http.StatusOK, Tokens{
		AccessToken: t.Access.Reveal(), TokenType: "Bearer", ExpiresIn: int(t.ExpiresIn.Seconds()), RefreshToken: t.Refresh.Reveal(),
	})
}

// readForm reads a form from the body alone: what stands in the address ends up in logs.
func readForm(r *http.Request) (url.Values, error) {
	if !wire.IsType(r, "application/x-www-form-urlencoded") {
		return nil, fault.New(fault.Invalid, "The body must be a form.").WithHint("Send the header Content-Type: application/x-www-form-urlencoded.")
	}
	err := r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fmt.Errorf("read form: %w", err)
	case err != nil:
		return nil, fault.New(fault.Invalid, "The form could not be read.")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, fault.New(fault.Invalid, "The form has the field %q more than once.", name)
		}
	}
	return r.PostForm, nil
}
