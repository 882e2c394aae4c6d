/** An editable combobox with a list, after the ARIA pattern: the focus stays in the text field. */

import { h, render } from "./dom.js";

const option = (hit, at, active) =>
  h("li", { role: "option", id: `option-${at}`, "aria-selected": String(at === active), class: hit.kind },
    h("span", { class: "option-name" },
      hit.absent ? h("span", { class: "tag absent" }, "absent") : null, hit.name,
      hit.as ? h("span", { class: "option-as" }, ` ${hit.as}`) : null),
    h("span", { class: "option-note" }, hit.note));

/**
 * Wire a field and its list.
 *
 * @param {HTMLInputElement} field
 * @param {HTMLElement} list
 * @param {{search: (text: string) => object[], choose: (hit: object) => void,
 *   say: (text: string, kind: string) => void}} does
 */
export function combobox(field, list, { search, choose, say }) {
  let hits = [];
  let active = -1;

  function show() {
    const open = hits.length > 0;
    render(list, hits.map((hit, at) => option(hit, at, active)));
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (open && active >= 0) {
      field.setAttribute("aria-activedescendant", `option-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }

  function update() {
    hits = search(field.value);
    active = hits.length && !hits[0].free ? 0 : -1; // a name that nothing knows is taken only by choice
    show();
    if (field.value.trim()) {
      say(hits.length ? `${hits.length} ${hits.length === 1 ? "match" : "matches"}.` : "Nothing found.", "search");
    }
  }

  function close() {
    hits = [];
    active = -1;
    show();
  }

  function pick(at) {
    const hit = hits[at];
    if (!hit) return;
    field.value = "";
    close();
    choose(hit);
  }

  function step(by) {
    if (!hits.length) return update();
    active = (active + by + hits.length) % hits.length;
    show();
  }

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => pick(active),
    Escape: () => (hits.length ? close() : (field.value = "")),
  };

  field.addEventListener("input", update);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) pick([...list.children].indexOf(chosen));
  });

  return {
    /** Put a text into the field and look for it. */
    lookFor(text) {
      field.value = text;
      field.focus();
      update();
    },
  };
}
