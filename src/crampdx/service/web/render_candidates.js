/** The differential: every candidate a line that opens to its reasons. */

import { chart, inWords, scaleOf, signed } from "./chart.js";
import { h } from "./dom.js";
import { renderReasons } from "./render_evidence.js";

const BANDS = {
  leading: "Leading",
  plausible: "Plausible",
  unlikely: "Less likely",
};

function moved(candidate, before) {
  const was = before.get(candidate.cause);
  if (!before.size || was === candidate.rank) return null;
  if (was === undefined) return h("span", { class: "moved" }, "new");
  const up = candidate.rank < was;
  return h("span", { class: "moved" },
    h("span", { "aria-hidden": "true" }, up ? "▲" : "▼"), h("span", { class: "unseen" }, up ? "up" : "down"), ` was ${was}`);
}

function head(candidate, scale, before) {
  return [
    h("span", { class: "rank" }, candidate.rank),
    h("span", { class: "name" }, candidate.name,
      candidate.do_not_miss ? h("span", { class: "tag watch" }, "do not miss") : null,
      moved(candidate, before)),
    chart(candidate, scale),
    h("span", { class: "unseen" }, `, ${inWords(candidate)}`),
    h("span", { class: "total", "aria-hidden": "true" }, signed(candidate.score)),
  ];
}

const open = (knowledge, candidate, scale, before) =>
  h("li", { id: `candidate-${candidate.cause}`, class: `candidate ${candidate.band}` },
    h("details", { id: `reasons-${candidate.cause}` },
      h("summary", { id: `summary-${candidate.cause}` }, head(candidate, scale, before)),
      renderReasons(knowledge, candidate)));

const unlikely = (candidate) =>
  h("li", { id: `candidate-${candidate.cause}`, class: "candidate unlikely" },
    h("span", { class: "rank" }, candidate.rank),
    h("span", { class: "name" }, candidate.name,
      candidate.do_not_miss ? h("span", { class: "tag watch" }, "do not miss") : null),
    h("span", { class: "total" }, h("span", { class: "unseen" }, "score "), signed(candidate.score)));

function legend() {
  return h("p", { class: "legend", "aria-hidden": "true" },
    h("span", { class: "key start" }, "start, by how common it is"),
    h("span", { class: "key for" }, "for"),
    h("span", { class: "key against" }, "against"),
    h("span", { class: "key score" }, "score, in decibans"));
}

function band(name, candidates, item) {
  if (!candidates.length) return null;
  const first = candidates[0].rank;
  return h("section", { class: `band ${name}` },
    h("h3", {}, BANDS[name]), h("ol", { start: first }, candidates.map(item)));
}

/** The candidates in their bands; those that are unlikely folded away. */
export function renderCandidates({ assessment, knowledge, ranks }) {
  const { candidates } = assessment;
  if (!candidates.length) return null;
  const of = (name) => candidates.filter((candidate) => candidate.band === name);
  const shown = candidates.filter((candidate) => candidate.band !== "unlikely");
  const scale = scaleOf(shown);
  const item = (candidate) => open(knowledge, candidate, scale, ranks);
  const less = of("unlikely");
  return h("div", { class: "candidates", id: "candidates" },
    shown.length ? legend() : null,
    band("leading", of("leading"), item),
    band("plausible", of("plausible"), item),
    less.length
      ? h("details", { class: "band unlikely", id: "unlikely" },
        h("summary", {}, `${BANDS.unlikely}: ${less.length}`),
        h("ol", { start: less[0].rank }, less.map(unlikely)))
      : null);
}
