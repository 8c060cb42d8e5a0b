// Hides and shows servers, chooses a number of sessions, sorts tables. The page says everything without it, too.
"use strict";

const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

// Puts what an element holds into a button.
function buttonOf(element, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...element.childNodes);
  element.append(button);
  button.addEventListener("click", pressed);
  return button;
}

for (const entry of all(".legend [data-shows]")) {
  const button = buttonOf(entry, () => {
    const hide = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!hide));
    for (const part of all(`[data-server="${entry.dataset.shows}"]`)) part.classList.toggle("off", hide);
  });
  button.setAttribute("aria-pressed", "true");
}

const parts = all("[data-sessions]");
if (parts.length > 1) {
  const chooser = document.createElement("fieldset");
  chooser.className = "chooser";
  chooser.append(Object.assign(document.createElement("legend"), { textContent: "Sessions" }));
  const show = (chosen) => {
    for (const part of parts) part.classList.toggle("off", part !== chosen);
  };
  for (const part of parts) {
    const choice = Object.assign(document.createElement("input"), { type: "radio", name: "sessions" });
    choice.value = part.dataset.sessions;
    choice.checked = part === parts[parts.length - 1];
    choice.addEventListener("change", () => show(part));
    const label = document.createElement("label");
    label.append(choice, Number(part.dataset.sessions).toLocaleString("en"));
    chooser.append(label);
  }
  parts[0].before(chooser);
  show(parts[parts.length - 1]);
}

// What a cell sorts by: its figure, or its words; what has no figure comes last in both directions.
function key(row, column) {
  const { value } = row.cells[column].dataset;
  if (value === undefined) return row.cells[column].textContent.trim();
  return value === "" ? null : Number(value);
}

function order(one, other) {
  return typeof one === "number" ? one - other : one.localeCompare(other, "en", { numeric: true });
}

for (const table of all("table.sortable")) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    buttonOf(head, () => {
      const falls = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const body = table.tBodies[0];
      const rows = Array.from(body.rows, (row) => [key(row, column), row]);
      rows.sort(([one], [other]) => {
        if (one === null || other === null) return (one === null) - (other === null);
        return falls ? order(other, one) : order(one, other);
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
