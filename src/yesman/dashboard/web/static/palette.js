// The command palette: every page, session, plugin and panel, and every button that is on the page.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("ul");
let entries = [];
let shown = [];
let chosen = 0;

async function open() {
  if (dialog.open) return;
  entries = buttons();
  input.value = "";
  dialog.showModal();
  draw();
  const answer = await fetch("/palette", { headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.ok) entries = [...(await answer.json()), ...buttons()];
  draw();
}

function buttons() {
  const found = [...document.querySelectorAll("main button[data-act], main button[data-dialog], .tools button[data-act]")];
  return found.map((element) => ({ label: element.textContent.trim(), element }));
}

const fits = (label, words) => words.every((word) => label.toLowerCase().includes(word));

function draw() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = entries.filter(({ label }) => fits(label, words)).slice(0, 50);
  chosen = Math.min(chosen, Math.max(0, shown.length - 1));
  list.replaceChildren(...shown.map(({ label }, at) => {
    const item = document.createElement("li");
    item.id = `palette-${at}`;
    item.role = "option";
    item.textContent = label;
    item.ariaSelected = String(at === chosen);
    item.addEventListener("click", () => go(at));
    return item;
  }));
  input.setAttribute("aria-activedescendant", shown.length ? `palette-${chosen}` : "");
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

function go(at) {
  const entry = shown[at];
  if (!entry) return;
  dialog.close();
  if (entry.href) location.assign(entry.href);
  else entry.element.click();
}

export function listen() {
  document.getElementById("open-palette")?.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  input?.addEventListener("input", () => { chosen = 0; draw(); });
  input?.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      chosen = (chosen + step + shown.length) % Math.max(1, shown.length);
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(chosen);
    }
  });
}
