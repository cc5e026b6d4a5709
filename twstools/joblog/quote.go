package joblog

import (
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// Text that a log quotes: a command that is echoed, a comment, a mail, what a table or a customer says, a list of codes that somebody takes for
// harmless. It tells of an error that did not happen here, or not now.
var (
	echoed   = regexp.MustCompile(`^\+{1,4} \S|^(SQL|MySQL|mysql|MariaDB \[\w*\]|db2( =)?|\w+[=-][#>]|psql|sqlcmd|l?ftp|sftp|\d{1,3})> |^[$%] \S|^PS [A-Z]:[^>]*>|^[A-Z]:\\[^>]*>|^\w+@[\w.-]+:[^ ]*[$#] `)
	banner   = regexp.MustCompile(`^[#*=-]{2,}\s*\W?(ERROR|FATAL|ERRO|FALHA|FAIL\w*|ABEND|ABORT\w*)\b`)
	comment  = regexp.MustCompile(`^(#+|//|--|;+|REM\b|rem\b|/\*|<!--|::)\s*[A-Za-zÀ-ÿ"'(]`)
	tooling  = regexp.MustCompile(`(?i)(^|[\s;|&(])(e?grep|fgrep|zgrep|findstr|Select-String|awk|sed|rg|echo|printf|logger|mailx?|sendmail|wall|Write-Host|trap|alias|export|sleep)\s+['"$-]|\b(if|elif|while|case|when|unless|se) .{0,80}(\b(then|ent[aã]o)\b|; ?do\b|\?$)|\bcase \S{1,40} in\b|^\W*(if|while|until|for) .{0,80} do\W*$|\bwhenever (sqlerror|oserror)\b|\bon (error|exception) (do|run|call|send)\b`)
	mailed   = regexp.MustCompile(`(?i)\b(mail|e-?mail|ticket|incident|chamado|alerta?)\b.{0,20}\b(sent|subject|titled|about|enviad[oa]|aberto|sobre|opened|template|modelo)\b`)
	written  = regexp.MustCompile(`(?i)^(\W*)(body|corpo|to|from|cc|re|fw|fwd|enc)\s*:|\b(subject|assunto|betreff|asunto|objet)\s*:|\b(comment|coment[aá]rio|remark|observa[cç][aã]o|motto|hint|dica|tip|help|ajuda|usage|runbook|manual|documentation|documenta[cç][aã]o|faq|see also|veja)\b( (of|do|da|de|for|para) [^:]{1,40})?\s*:`)
	expected = regexp.MustCompile(`(?i)\b(known|expected|tolerated|allowed|ignorable|accepted|harmless|conhecid[oa]s|esperad[oa]s|tolerad[oa]s|aceit[oa]s|bekannte?)\b[^:=]{0,20}\b(errors?|codes?|messages?|erros?|c[oó]digos?|mensagens?|exceptions?|fehler)\b|\b(search(es|ing)?|scan(s|ning)?|look(s|ing)?|watch(es|ing)?|filter(s|ing)?|procura(ndo)?|varr(e|endo)|busca(ndo)?|filtra(ndo)?)\b (the |o |a |os |as )?([\w./]+ )?(for|if|whether|por|se|on)\b|\b(would|if it|in case|should|unless|caso|se (der|ocorrer|houver))\b`)
	orders   = regexp.MustCompile(`(?i)\b(assistant|assistente|the (ai|model|llm|bot|chatbot)|ao modelo|\ba ia\b|rob[oô])\b.{0,20}[:,]|\bto the (ai|model|assistant|reader|operator)\b|\bwho(ever)? reads this\b|\bquem l[eê] (isto|este)\b|\b(report|say|answer|reply|tell|pretend|diga|responda|informe|afirme)\b.{0,24}\b(that|only|the|que|apenas)\b.{0,80}\b(is|are|was|down|locked|full|good|fine|resolved|est[aá]|caiu|cheio|bloquead[oa]|resolvido)\b`)
)

// quoted reports whether a normalised line, without its own time, quotes what it says instead of stating it. span is where a signature matched.
func quoted(text string, span []int) bool {
	if untrusted.LooksLikeInstruction(text) || orders.MatchString(text) {
		return true
	}
	head := text
	if span != nil {
		head = text[:span[0]]
		if inLink(text, span) {
			return true
		}
	}
	if echoed.MatchString(text) || comment.MatchString(text) && !banner.MatchString(text) || written.MatchString(head) || mailed.MatchString(head) && !medium.MatchString(head) {
		return true
	}
	if span != nil && expected.MatchString(head) {
		return true
	}
	return tooling.MatchString(head) || span != nil && tooling.MatchString(text) && !strings.Contains(head, ": ")
}

// inLink reports whether the match lies inside the name of a document or a page.
func inLink(text string, span []int) bool {
	start := strings.LastIndexByte(text[:span[0]], ' ') + 1
	end := len(text)
	if i := strings.IndexByte(text[span[1]:], ' '); i >= 0 {
		end = span[1] + i
	}
	word := text[start:end]
	return strings.Contains(word, "://") || document.MatchString(word)
}

var document = regexp.MustCompile(`(?i)^["'(\[]*[\w./-]*[\w-]+\.(md|html?|pdf|docx?|wiki|sql|out|bak|old)[)"'\],.:;]*$`)
