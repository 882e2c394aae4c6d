/** The page: what it loads, when it asks the service, and what it shows where. */

import { actionsOf, blank } from "./actions.js";
import { announcer, brief, summary } from "./announce.js";
import * as api from "./api.js";
import { combobox } from "./combobox.js";
import { importing, sharing } from "./dialogs.js";
import { h, render } from "./dom.js";
import { decimal, fillForms, markRefused, withCramps, withPerson } from "./forms.js";
import { indexed } from "./knowledge.js";
import { gliding } from "./motion.js";
import { sendable, withEntry } from "./record.js";
import { renderCandidates } from "./render_candidates.js";
import { renderCare } from "./render_care.js";
import { renderFirst, renderLast, renderProblems } from "./render_notices.js";
import { renderQuestions } from "./render_questions.js";
import { renderEntries, renderHistory } from "./render_record.js";
import { catalog, found } from "./search.js";
import { holdsRecord, recordIn } from "./share.js";
import { createStore, EMPTY, recorded, replaced } from "./store.js";

const PAUSE = 150;

const byId = (id) => document.getElementById(id);
const [person, history, outcome] = [byId("person"), byId("history"), byId("outcome")];

const store = createStore({ ...EMPTY, record: blank() });
const say = announcer(byId("announcer"));
const send = api.assessor();

// ----------------------------------------------------------------------------------- assessing

const ranksOf = (assessment) =>
  new Map((assessment?.candidates ?? []).map((candidate) => [candidate.cause, candidate.rank]));

let waiting = null;

async function assess() {
  clearTimeout(waiting);
  store.set({ pending: true });
  const { assessment: before, fresh } = store.get();
  try {
    const assessment = await send(sendable(store.get().record));
    const ranks = fresh ? new Map() : ranksOf(before);
    store.set({ assessment, ranks, fresh: false, pending: false, problem: null, offline: false });
    say(summary(assessment), "ranking");
  } catch (error) {
    if (error.name === "AbortError") return;
    store.set({ pending: false, problem: problemOf(error), offline: Boolean(error.offline) });
  }
}

const problemOf = (error) =>
  error instanceof api.Refusal
    ? error
    : new api.Refusal("The page came upon an error of its own", { detail: String(error.message) });

function assessSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(assess, PAUSE);
}

// ---------------------------------------------------------------------------------- documents

/** Make a document the record of the page. Throws why it is refused. */
async function open(text) {
  store.set(replaced(store.get(), await api.read(text)));
  byId("results").focus({ preventScroll: true });
}

async function openLink() {
  if (!holdsRecord(location.hash)) return;
  const fragment = location.hash;
  window.history.replaceState(null, "", location.pathname + location.search);
  try {
    await open(await recordIn(fragment));
    say("The record of the link is opened.");
  } catch (error) {
    store.set({
      unread: error instanceof api.Refusal ? error : new api.Refusal("The link holds no record that can be read"),
    });
  }
}

async function openExample(name) {
  const example = store.get().examples.find((each) => each.name === name);
  if (!example) return;
  try {
    await open(JSON.stringify(example.record));
  } catch (error) {
    store.set({ unread: problemOf(error) });
  }
}

// ------------------------------------------------------------------------------------ showing

const READY = "Start with what you know: add a finding, or answer a question.";

function renderOutcome(state) {
  if (!state.assessment || !state.knowledge) return [h("p", { class: "quiet" }, "Waiting for the service…")];
  const first = renderFirst(state);
  const candidates = renderCandidates(state);
  return [
    first,
    candidates ?? h("p", { class: "quiet" }, READY),
    renderQuestions(state),
    renderCare(state),
    renderLast(state),
  ];
}

function show(state, before) {
  if (state.record !== before.record || state.knowledge !== before.knowledge) {
    render(byId("entries"), renderEntries(state));
    render(byId("history-chips"), renderHistory(state));
    fillForms(person, history, state.record);
    byId("undo").disabled = !state.past.length;
  }
  if (state.problem !== before.problem || state.unread !== before.unread) {
    render(byId("problem"), renderProblems(state));
    markRefused(person, state.problem);
  }
  const parts = ["assessment", "knowledge", "setAside"];
  if (parts.some((part) => state[part] !== before[part])) {
    gliding(outcome, ".candidate", () => render(outcome, renderOutcome(state)));
    byId("jump").textContent = state.assessment ? brief(state.assessment) : "To the differential";
  }
  outcome.setAttribute("aria-busy", String(state.pending));
  outcome.classList.toggle("stale", Boolean(state.problem));
}

store.subscribe(show);
store.subscribe((state, before) => {
  if (state.record !== before.record && state.knowledge) assessSoon();
});

// ------------------------------------------------------------------------------------ listening

let finder = null;
const actions = actionsOf({
  store,
  say,
  retry: () => (store.get().knowledge ? assess() : start()),
  importer: importing(open),
  sharer: sharing(),
  finder: () => finder,
});

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-action]");
  if (element) actions[element.dataset.action]?.({ ...element.dataset });
});

/** A change by a field: what is typed into one field is one change to undo. */
const change = (record, field) =>
  store.set(recorded(store.get(), record, field.inputMode ? field.id || field.name : null));

person.addEventListener("input", ({ target }) => change(withPerson(store.get().record, target), target));
history.addEventListener("input", ({ target }) => {
  if (target.name) change(withCramps(store.get().record, history, target), target);
});
for (const form of [person, history]) form.addEventListener("submit", (event) => event.preventDefault());

byId("entries").addEventListener("input", ({ target }) => {
  const { change: what, index } = target.dataset;
  if (!what) return;
  const value = what === "value" ? decimal(target.value) : target.value;
  change(withEntry(store.get().record, "measurements", Number(index), { [what]: value }), target);
});

byId("examples").addEventListener("change", (event) => {
  openExample(event.target.value);
  event.target.value = "";
});

addEventListener("hashchange", openLink);
addEventListener("online", () => store.get().offline && actions.retry());
addEventListener("offline", () => store.set({
  offline: true,
  problem: new api.Refusal("You are offline", { detail: "What you entered is kept in this page.", offline: true }),
}));

/** What is unfolded for a print: the reasons of the ranking and of red flags. */
const PRINTED = ".candidate > details:not([open]), .flag > details:not([open])";
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...outcome.querySelectorAll(PRINTED)];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});

// ------------------------------------------------------------------------------------- starting

const caseName = (name) => {
  const words = name.replace(/\.json$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

async function loadExamples() {
  try {
    const examples = await api.examples();
    store.set({ examples });
    byId("examples").append(...examples.map(({ name }) => h("option", { value: name }, caseName(name))));
  } catch {
    byId("examples").disabled = true;
  }
}

async function start() {
  show(store.get(), EMPTY);
  try {
    const knowledge = indexed(await api.knowledge());
    store.set({ knowledge });
    const entries = catalog(knowledge);
    finder = combobox(byId("finder"), byId("finder-list"), {
      search: (typed) => found(entries, typed), choose: actions.add, say,
    });
  } catch (error) {
    return store.set({ problem: problemOf(error) });
  }
  loadExamples();
  if (holdsRecord(location.hash)) await openLink();
  if (!store.get().assessment) assess();
}

start();
