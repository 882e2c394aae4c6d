/** What the rules know, made ready to look things up: names, units, sources. */

const byId = (entries) => new Map((entries ?? []).map((entry) => [entry.id, entry]));

/** The answer of `/knowledge` with its entries by id. */
export function indexed(answer) {
  return {
    ...answer,
    findingOf: byId(answer.findings),
    measurementOf: byId(answer.measurements),
    causeOf: byId(answer.causes),
    testOf: byId(answer.tests),
  };
}

/** An id in words, for what has no name. */
export const inWords = (id) => String(id).replaceAll("_", " ");

const named = (map, id) => map?.get(id)?.name ?? inWords(id);

export const findingName = (knowledge, id) => named(knowledge?.findingOf, id);
export const causeName = (knowledge, id) => named(knowledge?.causeOf, id);

/** What to call an entry of a record. */
export function entryName(knowledge, list, entry) {
  const maps = { measurements: knowledge?.measurementOf, test_results: knowledge?.testOf };
  if (entry.id) return named(maps[list] ?? knowledge?.findingOf, entry.id);
  const code = entry.code?.[0];
  return entry.text ?? code?.display ?? code?.code ?? "unnamed entry";
}

/** The code of an entry that has no id, or nothing. */
export function entryCode(entry) {
  const code = entry.id ? null : entry.code?.[0];
  if (!code) return "";
  return code.code.includes(":") ? code.code : `${code.system} ${code.code}`;
}

const capitalized = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/** What cannot be followed is named after the work that its id begins with: 'Article: …'. */
function citationOf(id, known) {
  const [work, place] = id.split(":");
  const citation = known?.citation ?? id;
  return place && known && !known.url ? `${capitalized(work)}: ${citation}` : citation;
}

/** A source by its id: its citation and address, and whether it is the authors' judgement. */
export function source(knowledge, id) {
  const known = knowledge?.sources?.[id];
  return { citation: citationOf(id, known), url: known?.url ?? null, judgement: id === "judgement" };
}
