/** The state of the page, in one place. A change makes a new state and tells who listens. */

const REMEMBERED = 100;

export const EMPTY = Object.freeze({
  record: {},
  past: [],
  knowledge: null,
  examples: [],
  assessment: null,
  ranks: new Map(),
  pending: false,
  problem: null,
  unread: null,
  offline: false,
  setAside: new Set(),
  fresh: true,
  touched: null,
});

/** A store with `get`, `set` (a part of the state) and `subscribe`. */
export function createStore(initial = EMPTY) {
  let state = initial;
  const listeners = new Set();
  return {
    get: () => state,
    set(part) {
      const before = state;
      state = { ...state, ...part };
      for (const listener of listeners) listener(state, before);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * The part of the state that makes `record` current and keeps what it was, to undo. Changes of one
 * field (`touched`) that follow each other are one change.
 */
export function recorded(state, record, touched = null) {
  if (record === state.record) return {};
  const goesOn = touched !== null && touched === state.touched;
  const past = goesOn ? state.past : [...state.past, state.record].slice(-REMEMBERED);
  return { record, past, touched, unread: null };
}

/** The part of the state that makes another patient's record current. */
export const replaced = (state, record) =>
  ({ ...recorded(state, record), setAside: new Set(), fresh: true, problem: null });

/** The part of the state that takes the last change back. */
export const undone = (state) =>
  state.past.length
    ? { record: state.past.at(-1), past: state.past.slice(0, -1), problem: null, touched: null }
    : {};
