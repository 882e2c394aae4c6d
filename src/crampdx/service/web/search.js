/** Search over what can be added to a record: findings, values, medicines. */

const MOST = 12;
const NEGATION = /^(?:no|not|without|absent)\s+|^-\s*/i;

/** One and several are the same word. */
const singular = (word) => (word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word);

const folded = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim()
    .split(" ").map(singular).join(" ");

/** 'CK' for creatine kinase. */
const initials = (name) => {
  const words = name.split(/\s+/);
  return words.length > 1 ? [words.map((word) => word[0]).join("")] : [];
};

/** What is in parentheses is a name as well: 'Muscle twitching (fasciculations)'. */
const inParentheses = (name) => [...name.matchAll(/\(([^()]+)\)/g)].map((match) => match[1]);

function item(kind, id, name, synonyms, note) {
  const names = [name, ...(synonyms ?? []), ...inParentheses(name)];
  return { kind, id, name, note, names, folded: names.map(folded) };
}

const canBeStated = (finding) => finding.kind !== "attribute" && !finding.is_derived;

/** All that can be added, as the search needs it. Made once. */
export function catalog(knowledge) {
  const findings = knowledge.findings
    .filter(canBeStated)
    .map((f) => item("finding", f.id, f.name, f.synonyms, f.kind.replaceAll("_", " ")));
  const values = knowledge.measurements.map((m) =>
    item("measurement", m.id, m.name ?? m.id.replaceAll("_", " "), [m.id, ...initials(m.name ?? m.id)], "value"));
  const medicines = (knowledge.medicines ?? []).map((m) =>
    item("medicine", m.name, m.name, m.synonyms, "medicine"));
  return [...findings, ...values, ...medicines];
}

const EXACT = 0;
const PREFIX = 1;
const WORDS = 1.05;
const WITHIN = 3;
const SYNONYM = 0.25;
const LONGEST = 40;
const SHORTEST_WITHIN = 3;
const NAMESAKE = 3;

/** How badly a name fits, the lower the better; infinite where it does not fit. Short names first. */
function misfit(name, query, words) {
  if (name === query) return EXACT;
  const length = name.length / LONGEST;
  if (name.startsWith(query)) return PREFIX + length;
  const parts = name.split(" ");
  if (words.every((word) => parts.some((part) => part.startsWith(word)))) return WORDS + length;
  const within = words.every((word) => word.length >= SHORTEST_WITHIN && name.includes(word));
  return within ? WITHIN + length : Infinity;
}

function fit(entry, query, words) {
  let best = { rank: Infinity, at: 0 };
  entry.folded.forEach((name, at) => {
    const rank = misfit(name, query, words) + (at ? SYNONYM : 0);
    if (rank < best.rank) best = { rank, at };
  });
  return best;
}

/** What was typed: the words to look for, and whether they are said to be absent. */
export function parsed(typed) {
  const absent = NEGATION.test(typed.trimStart());
  return { absent, text: typed.trimStart().replace(NEGATION, "").trim() };
}

/** The synonym by which an entry was found, where its name does not say it already. */
const asOf = ({ kind, name, names }, at) =>
  kind === "measurement" || folded(name).includes(folded(names[at])) ? null : names[at];

/**
 * The entries that fit best. A synonym that fits better than the name is given as `as`.
 * With nothing found, or a medicine without a known name, the text itself is offered as a medicine.
 */
export function found(entries, typed) {
  const { absent, text } = parsed(typed);
  const query = folded(text);
  if (!query) return [];
  const words = query.split(" ");
  const ranked = entries
    .filter((entry) => !absent || entry.kind === "finding")
    .map((entry) => ({ entry, ...fit(entry, query, words) }))
    .filter((hit) => hit.rank < Infinity);
  // who types 'potassium' means the value, not the medicine of the same name
  const isMeasured = ranked.some(({ entry, rank }) => entry.kind === "measurement" && rank < WITHIN);
  const behind = ({ entry, rank }) => rank + (isMeasured && entry.kind === "medicine" ? NAMESAKE : 0);
  const hits = ranked
    .sort((a, b) => behind(a) - behind(b) || (a.entry.name < b.entry.name ? -1 : 1))
    .slice(0, MOST)
    .map(({ entry, at }) => ({ ...entry, absent, as: asOf(entry, at) }));
  const named = hits.some((hit) => hit.kind === "medicine" && hit.folded[0] === query);
  return absent || named || text.length < 3 || text.length > 200
    ? hits
    : [...hits, { kind: "medicine", id: text, name: text, note: "add as a medicine by name", free: true }];
}
