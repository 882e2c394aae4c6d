/** The person and the cramp history: fields that are read into the record, and filled from it. */

import { duration, ofDuration, withField, withHistory } from "./record.js";

/** A number as it is typed, with a point or a comma; null where it is none. */
export function decimal(text) {
  const plain = text.trim().replace(",", ".");
  const value = Number(plain);
  return plain === "" || !Number.isFinite(value) ? null : value;
}

const number = (field) => decimal(field.value);

const YES_NO = { yes: true, no: false };

/** The record with what the field of the person says. */
export function withPerson(record, field) {
  if (field.name === "age") return withField(record, "age", number(field));
  if (field.name === "pregnant") return withField(record, "pregnant", YES_NO[field.value] ?? null);
  return withField(record, field.name, field.value);
}

const ticked = (form, name) =>
  [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);

/** The record with what the field of the cramp history says. */
export function withCramps(record, form, field) {
  const fields = form.elements;
  const spans = {
    duration: () => duration(number(fields.duration), fields.duration_unit.value),
    episode: () => duration(number(fields.episode), fields.episode_unit.value),
  };
  const name = field.name.replace(/_unit$/, "");
  if (name === "episode") {
    return withHistory(record, "episode_duration", fields.episode.value ? spans.episode() : null);
  }
  if (name === "duration") {
    return withHistory(record, "duration", fields.duration.value ? spans.duration() : null);
  }
  if (field.type === "checkbox") return withHistory(record, name, ticked(form, name));
  return withHistory(record, name, name === "per_week" ? number(field) : field.value);
}

function fill(field, value) {
  const text = value === null || value === undefined ? "" : String(value);
  if (field !== document.activeElement && field.value !== text) field.value = text;
}

function fillDuration(numberField, unitField, text, units) {
  if (document.activeElement === numberField || document.activeElement === unitField) return;
  const [value, unit] = ofDuration(text, units) ?? ["", unitField.value];
  fill(numberField, value);
  fill(unitField, unit);
}

const WORD = new Map([[true, "yes"], [false, "no"]]);

/** Show the record in the fields, but for the one that is being typed in. */
export function fillForms(person, history, record) {
  const cramps = record.cramps ?? {};
  fill(person.elements.age, record.age);
  fill(person.elements.sex, record.sex);
  fill(person.elements.pregnant, WORD.get(record.pregnant));
  fill(person.elements.as_of, (record.as_of ?? "").slice(0, 10));
  const fields = history.elements;
  fillDuration(fields.duration, fields.duration_unit, cramps.duration, ["Y", "M", "W", "D"]);
  fillDuration(fields.episode, fields.episode_unit, cramps.episode_duration, ["TH", "TM", "TS"]);
  fill(fields.per_week, cramps.per_week);
  fill(fields.response_to_remedies, cramps.response_to_remedies);
}

/** Mark the fields of the person that the service refused. */
export function markRefused(person, problem) {
  const refused = new Set(problem?.fields.map((field) => field.path) ?? []);
  for (const field of person.elements) {
    if (refused.has(field.name)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

/** Today, where the reader is. */
export function today(now = new Date()) {
  const two = (value) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
