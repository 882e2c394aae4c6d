/** What a screen reader is told, after things have come to rest. */

import { shown } from "./dom.js";

const REST = 350;
const NAMED = 3;

/**
 * A function that says a text. Of texts of one kind (`action`, `search`, `ranking`) that come close
 * together the last is said; those of different kinds are said one after the other.
 */
export function announcer(element) {
  const texts = new Map();
  let waiting = null;

  function speak() {
    const text = shown([...texts.values()].join(" "));
    texts.clear();
    element.textContent = element.textContent === text ? `${text}\u00a0` : text;
  }

  return (text, kind = "action") => {
    texts.delete(kind);
    texts.set(kind, text);
    clearTimeout(waiting);
    waiting = setTimeout(speak, REST);
  };
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** The outcome in one breath. */
export function summary(assessment) {
  const leading = assessment.candidates.filter((candidate) => candidate.band === "leading");
  const flags = assessment.red_flags.length;
  const alarm = flags ? `${plural(flags, "red flag")}: ${assessment.red_flags.map((r) => r.flag.name).join(", ")}. ` : "";
  if (!leading.length) return `${alarm}Not enough to rank. ${plural(assessment.questions.length, "question")} to ask.`;
  const names = leading.slice(0, NAMED).map((candidate) => `${candidate.rank}, ${candidate.name}`).join("; ");
  return `${alarm}Leading: ${names}${leading.length > NAMED ? "; and more" : ""}.`;
}

/** The outcome in a few words, for the foot of a small screen. */
export function brief(assessment) {
  const flags = assessment.red_flags.length;
  const first = assessment.candidates.find((candidate) => candidate.band === "leading");
  return [flags ? plural(flags, "red flag") : null, first ? `1. ${first.name}` : "Not enough to rank"]
    .filter(Boolean).join(" · ");
}
