// What went wrong, what can be done about it, and the reference under which the log has more.
import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../api/types";
import { isMessageKey } from "../i18n/messages";
import { t } from "../state/prefs";
import { Icon } from "./icon";

interface Props {
  readonly problem: Problem;
  readonly children?: ComponentChildren;
}

// ours gives our text for a code, in the reader's language; the server's own text is the fallback.
function ours(code: string, suffix: "" | "Hint"): string {
  const key = `error.${code}${suffix}`;
  return isMessageKey(key) ? t(key) : "";
}

export function ProblemNote({ problem, children }: Props): JSX.Element {
  // Our words come first: they are in the reader's language. What the server says of this case stands below them.
  const title = ours(problem.code, "") || problem.title || t("error.internal");
  const hint = problem.hint || ours(problem.code, "Hint");
  return (
    <div class="note bad" role="alert">
      <Icon name="alert" />
      <div class="note-body">
        <p class="note-title">{title}</p>
        {problem.detail !== "" && problem.detail !== title && <p>{problem.detail}</p>}
        {hint !== "" && <p>{hint}</p>}
        {problem.correlationId !== "" && <p class="faint">{t("error.correlation", { id: problem.correlationId })}</p>}
        {problem.code !== "" && <p class="faint"><code>{problem.code}</code></p>}
        <div class="row">
          {problem.code === "unauthorized" && <a class="button" href="/login">{t("user.signIn")}</a>}
          {children}
        </div>
      </div>
    </div>
  );
}
