// Typing into a terminal: only after it was unlocked, and only while it has the focus.
import { send, tell } from "./acts.js";

const KEYS = {
  Enter: "\r", Backspace: "\x7f", Tab: "\t", Escape: "\x1b", Delete: "\x1b[3~",
  ArrowUp: "\x1b[A", ArrowDown: "\x1b[B", ArrowRight: "\x1b[C", ArrowLeft: "\x1b[D",
  Home: "\x1b[H", End: "\x1b[F", PageUp: "\x1b[5~", PageDown: "\x1b[6~",
};
let waiting = Promise.resolve();

// What a key types; null for one that is the browser's.
function typed(event) {
  if (event.isComposing || event.metaKey) return null;
  if (event.ctrlKey && !event.altKey && /^[a-z@[\\\]^_]$/i.test(event.key)) return String.fromCharCode(event.key.toUpperCase().charCodeAt(0) & 31);
  const text = KEYS[event.key] ?? (event.key.length === 1 || [...event.key].length === 1 ? event.key : null);
  return text !== null && event.altKey && !event.ctrlKey ? `\x1b${text}` : text;
}

function type(screen, text) {
  const { name, pane } = screen.closest(".pane").querySelector("[data-unlock]").dataset;
  // One after the other, so that what was typed first arrives first.
  waiting = waiting.then(() => send("/act/type", [["name", name], ["pane", pane], ["text", text]])).catch((error) => tell(error.message, true));
}

const unlocked = (target) => target?.closest?.(".pane")?.querySelector("[data-unlock][aria-pressed=true]");

export function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unlock]");
    if (!button) return;
    const on = button.ariaPressed !== "true";
    button.ariaPressed = String(on);
    button.textContent = on ? "Stop typing" : "Type here";
    if (on) button.closest(".pane").querySelector(".screen")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const screen = event.target.closest?.(".screen");
    if (!screen || !unlocked(screen)) return;
    if (event.key === "Tab" && event.shiftKey) return; // the way out by keyboard
    const text = typed(event);
    if (text === null) return;
    event.preventDefault();
    event.stopPropagation();
    type(screen, text);
  }, true);
  document.addEventListener("paste", (event) => {
    const screen = event.target.closest?.(".screen");
    if (!screen || !unlocked(screen)) return;
    event.preventDefault();
    type(screen, event.clipboardData.getData("text/plain").replace(/\r?\n/g, "\r"));
  });
}
