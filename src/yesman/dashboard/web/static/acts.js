// What is pressed is sent, after a question where there is one; what comes of it is told.

const form = () => document.querySelector("meta[name=form]")?.content ?? "";

export async function send(path, fields) {
  const headers = { "x-yesman-form": form(), "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers, body: ascii(fields) });
  } catch {
    throw new Error("The dashboard does not answer.");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([said.message ?? "The dashboard made a mistake", said.next_step].filter(Boolean).join(". "));
  return said;
}

const ascii = (fields) => new URLSearchParams(fields).toString();

export function tell(text, bad = false) {
  if (!text) return;
  const line = document.createElement("p");
  line.textContent = text;
  if (bad) line.className = "bad";
  const told = document.getElementById("told");
  told.append(line);
  setTimeout(() => line.remove(), bad ? 12000 : 5000);
}

export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-question").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}

export async function act(button, path, fields, problem = null) {
  if (button.ariaBusy === "true" || !(await confirmed(button.dataset.confirm))) return;
  button.ariaBusy = "true";
  try {
    const said = await send(path, fields);
    tell(said.said);
    const onward = said.onward ?? button.dataset.onward;
    if (onward) location.assign(onward);
    button.closest("dialog")?.close();
  } catch (error) {
    if (problem) {
      problem.textContent = error.message;
      problem.hidden = false;
    } else tell(error.message, true);
  } finally {
    button.ariaBusy = null;
  }
}

const where = (name) => (name === "leave" || name.startsWith("/") ? `/${name.replace(/^\//, "")}` : `/act/${name}`);

function pairs(data) {
  const { act: _, confirm: __, onward: ___, ...rest } = data;
  return Object.entries(rest).flatMap(([name, value]) => (name === "permissions" ? JSON.parse(value).map((one) => [name, one]) : [[name, value]]));
}

// An unticked box is sent as well where it is a setting: it says "false".
export function filled(element) {
  const found = [];
  for (const input of element.elements) {
    if (!input.name || input.disabled) continue;
    if (input.type === "checkbox") {
      if (input.hasAttribute("value")) input.checked && found.push([input.name, input.value]);
      else found.push([input.name, String(input.checked)]);
    } else if (input.type !== "radio" || input.checked) found.push([input.name, input.value]);
  }
  return found;
}

export function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.act) act(button, where(button.dataset.act), pairs(button.dataset));
    if (button.dataset.dialog) document.getElementById(button.dataset.dialog).showModal();
    if ("close" in button.dataset) button.closest("dialog").close();
  });
  document.addEventListener("submit", (event) => {
    const element = event.target;
    if (!element.dataset.act) return;
    event.preventDefault();
    const problem = element.querySelector(".problem");
    if (problem) problem.hidden = true;
    act(element, where(element.dataset.act), filled(element), problem);
  });
}
