// Where the page begins: preferences first, so that nothing flashes in the wrong language; then who is signed in.
import { effect } from "@preact/signals"; // importing it makes components follow the signals that they read
import { render } from "preact";
import { App } from "./app";
import { startAgents } from "./state/agents";
import { followAddress } from "./state/chat";
import { startClock } from "./state/clock";
import { applyPrefs } from "./state/prefs";
import { startRouter } from "./state/route";
import { loadSession, session } from "./state/session";
import { startStatus } from "./state/status";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/answer.css";
import "./styles/status.css";

applyPrefs();
startRouter();
startClock();
followAddress();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);

effect(() => {
  if (session.value.phase !== "in") return;
  startStatus();
  startAgents();
});
void loadSession();
