/** What is known of the patient, as rows that can be changed. */

import { h } from "./dom.js";
import { entryCode, entryName, findingName, inWords } from "./knowledge.js";
import { LISTS, placeOf, STATEMENTS } from "./record.js";

const MOST_ROWS = 200;

const TITLES = {
  findings: "Findings",
  diagnoses: "Diagnoses",
  exposures: "Exposures",
  measurements: "Values",
  medications: "Medicines",
  family_history: "Family",
  test_results: "Tests",
};

const toggle = (action, data, pressed, text, label) =>
  h("button", { type: "button", id: data.id, "data-action": action, "data-list": data.list,
    "data-index": data.index, "data-value": text, "aria-pressed": String(pressed),
    "aria-label": label, class: text }, text);

function statusOf(entry, list, index, name) {
  const id = `entry-${list}-${index}`;
  const status = entry.status ?? "present";
  const shown = status === "past" ? ["present", "absent", "past"] : ["present", "absent"];
  return h("span", { class: "switch", role: "group", "aria-label": `${name}: state` },
    shown.map((word) => toggle("set-status", { id: `${id}-${word}`, list, index }, status === word, word,
      `${name}: ${word}`)));
}

function valueOf(knowledge, entry, index, name) {
  const known = knowledge?.measurementOf.get(entry.id)?.units ?? [];
  const units = entry.unit && !known.includes(entry.unit) ? [entry.unit, ...known] : known;
  const data = { "data-list": "measurements", "data-index": index };
  return h("span", { class: "pair" },
    entry.comparator ? h("span", {}, entry.comparator) : null,
    h("input", { type: "text", inputmode: "decimal", autocomplete: "off", id: `value-${index}`, ...data,
      "data-change": "value", "aria-label": `${name}: value`, value: entry.value ?? "",
      "aria-invalid": typeof entry.value === "number" ? null : "true" }),
    units.length
      ? h("select", { id: `unit-${index}`, ...data, "data-change": "unit", "aria-label": `${name}: unit` },
        units.map((unit) => h("option", { value: unit, selected: unit === entry.unit }, unit)))
      : h("span", {}, entry.unit ?? ""));
}

const DETAILS = {
  body_site: (site) => site,
  laterality: (side) => side,
  severity: (word) => word,
  relation: (word) => word,
  date: (date) => date,
  context: (word) => (word === "patient" || word === "taken" ? null : word),
};

const detailsOf = (entry) =>
  Object.entries(DETAILS)
    .map(([field, words]) => (entry[field] ? words(entry[field]) : null))
    .filter(Boolean)
    .join(", ");

function stateOf(knowledge, list, entry, index, name) {
  if (list === "measurements") return valueOf(knowledge, entry, index, name);
  if (STATEMENTS.includes(list) || list === "medications") return statusOf(entry, list, index, name);
  return h("span", { class: "state" }, inWords(entry.status ?? (list === "test_results" ? "done" : "present")));
}

function row(knowledge, list, entry, index) {
  const name = entryName(knowledge, list, entry);
  const more = [entryCode(entry), detailsOf(entry)].filter(Boolean).join(" · ");
  return h("li", { class: `entry ${entry.status ?? ""}` },
    h("span", { class: "entry-name" }, name, more ? h("small", {}, more) : null),
    h("span", { class: "entry-state" },
      stateOf(knowledge, list, entry, index, name),
      h("button", { type: "button", class: "remove", id: `remove-${list}-${index}`, "data-action": "remove",
        "data-list": list, "data-index": index, "aria-label": `Remove ${name}`, title: "Remove" }, "×")));
}

/** The rows of all entries, list by list. */
export function renderEntries({ record, knowledge }) {
  const lists = LISTS.filter((list) => record[list]?.length);
  if (!lists.length) {
    return h("p", { class: "quiet" }, "Nothing is entered yet. What is left out is unknown, never taken for absent.");
  }
  return lists.map((list) =>
    h("section", { class: "entries", id: `list-${list}`, "data-group": "", tabindex: "-1" },
      h("h3", {}, TITLES[list], h("span", { class: "count" }, record[list].length)),
      h("ul", {}, record[list].slice(0, MOST_ROWS).map((entry, index) => row(knowledge, list, entry, index))),
      record[list].length > MOST_ROWS
        ? h("p", { class: "quiet" }, `And ${record[list].length - MOST_ROWS} more, which count but are not listed here.`)
        : null));
}

function chips(field, title, words, chosen) {
  return h("fieldset", { class: "chips" }, h("legend", {}, title),
    words.map((word) =>
      h("label", { class: "chip" },
        h("input", { type: "checkbox", name: field, value: word, id: `${field}-${word}`,
          checked: chosen.includes(word) }),
        h("span", {}, inWords(word)))));
}

/** The complaint itself, and the words of the cramp history as boxes to tick. */
export function renderHistory({ record, knowledge }) {
  const cramps = record.cramps ?? {};
  const words = knowledge?.record ?? {};
  return [
    knowledge?.complaint ? complaint(record, knowledge) : null,
    chips("locations", "Where", words.locations ?? [], cramps.locations ?? []),
    chips("triggers", "Brought on by", words.triggers ?? [], cramps.triggers ?? []),
    chips("times_of_day", "When", words.times_of_day ?? [], cramps.times_of_day ?? []),
  ];
}

/** Two answers, and a third that takes them back; a code of the record may state the complaint too. */
function complaint(record, knowledge) {
  const place = placeOf(record, knowledge.complaint);
  const status = place ? record[place[0]][place[1]].status ?? "present" : null;
  const button = (word) =>
    h("button", { type: "button", id: `complaint-${word}`, class: word, "data-action": "state-complaint",
      "data-value": word, "aria-pressed": word === "clear" ? null : String(word === status) }, word);
  return h("div", { class: "complaint", role: "group", "aria-labelledby": "complaint-label", id: "complaint", "data-group": "" },
    h("span", { class: "label", id: "complaint-label" }, findingName(knowledge, knowledge.complaint)),
    h("span", { class: "switch" }, ["present", "absent", ...(status ? ["clear"] : [])].map(button)));
}
