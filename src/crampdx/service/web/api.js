/** The service's answers. What it refuses becomes a `Refusal`, in words and by field. */

const at = (path) => new URL(path, document.baseURI);

/** A request that was refused, or could not be made at all (`offline`). */
export class Refusal extends Error {
  constructor(title, { detail = "", fields = [], offline = false } = {}) {
    super(title);
    this.title = title;
    this.detail = detail;
    this.fields = fields;
    this.offline = offline;
  }
}

const TITLES = {
  401: "The service asks for a token, which this page does not have",
  403: "The service does not allow this",
  413: "The document is too large",
  422: "The record is refused",
  429: "The service is asked too often. Wait a moment",
  503: "The service is busy. Try again in a moment",
};

async function refusalOf(response) {
  let problem = null;
  try {
    problem = await response.json();
  } catch {
    // what is not JSON has no detail to show
  }
  const listed = Array.isArray(problem?.errors) ? problem.errors : [];
  const fields = listed.map((fault) => ({
    path: String(fault?.path ?? ""),
    message: String(fault?.message ?? ""),
  }));
  const title = TITLES[response.status] ?? problem?.title ?? `The service answered ${response.status}`;
  return new Refusal(String(title), { detail: fields.length ? "" : String(problem?.detail ?? ""), fields });
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(at(path), {
      cache: "no-store",
      credentials: "same-origin",
      referrerPolicy: "no-referrer",
      ...options,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The service cannot be reached", {
      detail: "What you entered is kept in this page. It is sent again as soon as possible.",
      offline: true,
    });
  }
  if (!response.ok) throw await refusalOf(response);
  return response.json();
}

const posted = (body, signal) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body,
  signal,
});

export const knowledge = () => ask("knowledge", { cache: "no-cache" });
export const examples = () => ask("examples", { cache: "no-cache" });

/** Assess a record. Requests never overlap: a newer one ends the older. */
export function assessor() {
  let running = null;
  return async (record) => {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    const answer = await ask("assess", posted(JSON.stringify(record), mine.signal));
    if (mine !== running) throw new DOMException("a newer record was sent", "AbortError");
    return answer;
  };
}

/** A document of any format, as a record in its full form. */
export const read = (text) => ask("record", posted(text));
