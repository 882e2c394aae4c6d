/** The patient record, changed without being touched: every function returns a new one. */

export const STATEMENTS = ["findings", "diagnoses", "exposures"];
export const LISTS = [...STATEMENTS, "measurements", "medications", "family_history", "test_results"];

const without = (record, field) => {
  const { [field]: _, ...rest } = record;
  return rest;
};

/** The record with a field set; null, empty text and empty lists take the field away. */
export function withField(record, field, value) {
  const empty = value === null || value === undefined || value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0);
  return empty ? without(record, field) : { ...record, [field]: value };
}

/** The record with a field of its cramp history set. */
export const withHistory = (record, field, value) =>
  withField(record, "cramps", withField(record.cramps ?? {}, field, value));

const isOfPatient = (entry) => (entry.context ?? "patient") === "patient";

/** Where the record itself speaks of a finding: `[list, index]`, or null. */
export function placeOf(record, finding) {
  for (const list of STATEMENTS) {
    const index = (record[list] ?? []).findIndex((e) => e.id === finding && isOfPatient(e));
    if (index >= 0) return [list, index];
  }
  return null;
}

/** The record with a finding stated present or absent; null takes the statement away. */
export function withFinding(record, finding, status) {
  const place = placeOf(record, finding);
  if (place) return status ? withEntry(record, ...place, { status }) : withoutEntry(record, ...place);
  return status ? withAdded(record, "findings", { id: finding, status }) : record;
}

/** The record with some fields of an entry changed. */
export const withEntry = (record, list, index, fields) => ({
  ...record,
  [list]: record[list].map((entry, at) => (at === index ? { ...entry, ...fields } : entry)),
});

export const withoutEntry = (record, list, index) =>
  withField(record, list, record[list].filter((_, at) => at !== index));

export const withAdded = (record, list, entry) => ({
  ...record,
  [list]: [...(record[list] ?? []), entry],
});

/** The record as it is sent: rows that are not filled in yet are left out. */
export function sendable(record) {
  const values = (record.measurements ?? []).filter((entry) => typeof entry.value === "number");
  return withField(record, "measurements", values);
}

/** How many entries the record has; 0 where nothing is known. */
export const size = (record) =>
  LISTS.reduce((sum, list) => sum + (record[list]?.length ?? 0), 0) +
  Object.keys(record).filter((field) => !LISTS.includes(field) && field !== "as_of").length;

const PARTS = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const SECONDS = { Y: 365 * 86400, M: 30 * 86400, W: 7 * 86400, D: 86400, TH: 3600, TM: 60, TS: 1 };

/** A number and a unit as an ISO 8601 duration, or null. */
export function duration(number, unit) {
  if (!Number.isInteger(number) || number < 0) return null;
  return unit.startsWith("T") ? `PT${number}${unit.slice(1)}` : `P${number}${unit}`;
}

/** A duration as a number in the largest of these units that divides it: `[9, "M"]`, or null. */
export function ofDuration(text, units) {
  const parts = PARTS.exec(text ?? "");
  if (!parts) return null;
  const sizes = ["Y", "M", "W", "D", "TH", "TM", "TS"];
  const seconds = sizes.reduce((sum, unit, at) => sum + Number(parts[at + 1] ?? 0) * SECONDS[unit], 0);
  const unit = units.find((each) => seconds > 0 && seconds % SECONDS[each] === 0) ?? units.at(-1);
  return [Math.round(seconds / SECONDS[unit]), unit];
}
