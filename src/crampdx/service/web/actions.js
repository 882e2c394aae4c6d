/** What can be done on the page. An element names its action in `data-action`; one listener acts. */

import { today } from "./forms.js";
import { entryName, findingName } from "./knowledge.js";
import { withAdded, withEntry, withFinding, withoutEntry } from "./record.js";
import { recorded, replaced, undone } from "./store.js";

/** The fresh state of a page: nothing known but the day. */
export const blank = () => ({ as_of: today() });

/**
 * The actions by name. Each takes the `data-` fields of the element that was clicked.
 *
 * @param {{store: object, say: (text: string) => void, importer: object, sharer: object,
 *   retry: () => void, finder: () => object}} page
 */
export function actionsOf({ store, say, importer, sharer, retry, finder }) {
  const change = (record, said) => {
    store.set(recorded(store.get(), record));
    if (said) say(said);
  };
  const state = () => store.get();

  const add = {
    finding: ({ id, absent }) => {
      const status = absent ? "absent" : "present";
      change(withFinding(state().record, id, status), `${findingName(state().knowledge, id)}: ${status}.`);
    },
    measurement: ({ id, name }) => {
      const unit = state().knowledge.measurementOf.get(id)?.units?.[0];
      change(withAdded(state().record, "measurements", { id, value: null, unit }), `${name}: enter the value.`);
      const index = state().record.measurements.length - 1;
      document.getElementById(`value-${index}`)?.focus();
    },
    medicine: ({ name }) =>
      change(withAdded(state().record, "medications", { text: name }), `Medicine ${name} added.`),
  };

  function answer({ finding, value }) {
    const name = findingName(state().knowledge, finding);
    if (value === "unknown") {
      store.set({ setAside: new Set([...state().setAside, finding]) });
      return say(`${name}: not known. Set aside.`);
    }
    return change(withFinding(state().record, finding, value), `${name}: ${value}.`);
  }

  function remove({ list, index }) {
    const entry = state().record[list][index];
    change(withoutEntry(state().record, list, Number(index)),
      `${entryName(state().knowledge, list, entry)} removed.`);
  }

  function goTo({ value }) {
    const candidate = document.getElementById(`candidate-${value}`);
    const details = candidate?.querySelector("details");
    const band = candidate?.closest("details.band");
    if (band) band.open = true;
    if (details) details.open = true;
    candidate?.scrollIntoView({ block: "center" });
    candidate?.querySelector("summary")?.focus({ preventScroll: true });
  }

  return {
    add: (hit) => add[hit.kind](hit),
    answer,
    remove,
    "ask-again": () => store.set({ setAside: new Set() }),
    "set-status": ({ list, index, value }) => {
      const entry = state().record[list][index];
      change(withEntry(state().record, list, Number(index), { status: value }),
        `${entryName(state().knowledge, list, entry)}: ${value}.`);
    },
    "state-complaint": ({ value }) => {
      const { complaint } = state().knowledge;
      const status = value === "clear" ? null : value;
      change(withFinding(state().record, complaint, status),
        `${findingName(state().knowledge, complaint)}: ${status ?? "not stated"}.`);
    },
    "look-up": ({ value }) => finder().lookFor(value),
    "go-to": goTo,
    "open-import": () => importer.open(),
    import: () => importer.submit(),
    "open-share": () => sharer.open(state().record),
    "copy-link": () => sharer.copy(),
    print: () => window.print(),
    undo: () => {
      store.set(undone(state()));
      say("The last change is taken back.");
    },
    clear: () => {
      store.set(replaced(state(), blank()));
      say("A new record. Undo brings the old one back.");
    },
    retry,
  };
}
