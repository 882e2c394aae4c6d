/** The reasons of a line: what speaks for and against a candidate, and on what that rests. */

import { signed } from "./chart.js";
import { h, outwardLink } from "./dom.js";
import { causeName, findingName, source } from "./knowledge.js";

/** The sources of a statement, with links. The authors' own judgement is named as such. */
export function renderSources(knowledge, ids) {
  return h("ul", { class: "sources", "aria-label": "Sources" }, ids.map((id) => {
    const { citation, url, judgement } = source(knowledge, id);
    return h("li", { class: judgement ? "judgement" : null },
      judgement ? "Judgement of the authors" : outwardLink(citation, url));
  }));
}

/** What the record says of some findings, and where. */
export function renderObserved(knowledge, observed) {
  if (!observed?.length) return null;
  return h("p", { class: "observed" }, observed.map((seen, at) => [
    at ? "; " : "",
    h("span", { class: seen.present ? "present" : "absent" },
      `${findingName(knowledge, seen.finding)}: ${seen.present ? "present" : "absent"}`),
    seen.via?.length ? `, by ${seen.via.map((id) => findingName(knowledge, id)).join(", ")}` : "",
    seen.places?.length ? h("span", { class: "place" }, ` ${seen.places.join(", ")}`) : null,
  ]));
}

function renderLine(knowledge, line) {
  const { evidence, weight, counted, observed } = line;
  return h("li", { class: counted ? "line" : "line uncounted" },
    h("span", { class: weight < 0 ? "weight against" : "weight for", title: "decibans" }, signed(weight)),
    h("div", {},
      h("p", { class: "because" }, evidence.because,
        counted ? null : h("span", { class: "aside" }, " Not counted: a stronger line rests on the same observation.")),
      renderObserved(knowledge, observed),
      renderSources(knowledge, evidence.sources)));
}

function lines(knowledge, title, found) {
  return found?.length
    ? [h("h4", {}, title), h("ul", { class: "lines" }, found.map((line) => renderLine(knowledge, line)))]
    : null;
}

/** Findings as buttons that look them up in the search. */
export function renderUnknown(knowledge, findings, owner) {
  return h("ul", { class: "unknown", id: `unknown-${owner}`, "data-group": "" }, findings.map((id) =>
    h("li", {}, h("button", { type: "button", "data-action": "look-up", "data-value": findingName(knowledge, id) },
      findingName(knowledge, id)))));
}

/** All that a candidate rests on. */
export function renderReasons(knowledge, candidate) {
  const { cause, missing, because_of: origins } = candidate;
  return h("div", { class: "reasons" },
    lines(knowledge, "Speaks for it", candidate.supporting),
    candidate.opposing?.length
      ? lines(knowledge, "Speaks against it", candidate.opposing)
      : h("p", { class: "quiet" }, "Nothing that is known speaks against it."),
    h("p", { class: "quiet" },
      `It starts at ${signed(candidate.pretest)}, for how often it causes cramps. `,
      `Its part of the total odds is ${candidate.share.toFixed(2)}; that is not a probability.`),
    origins?.length
      ? h("p", {}, "May come from: ", origins.map((id) => causeName(knowledge, id)).join(", "), ".")
      : null,
    missing?.length
      ? h("details", { class: "missing", id: `missing-${cause}` },
        h("summary", {}, `Not known and would count: ${missing.length}`),
        renderUnknown(knowledge, missing, cause))
      : null,
    candidate.codes?.length
      ? h("p", { class: "codes" }, "Codes: ",
        candidate.codes.map((code) => (code.code.includes(":") ? code.code : `${code.system} ${code.code}`)).join(", "))
      : null);
}
