// What was begun and not sent: the tab keeps it over a reload.

const KEY = "deskbell.sandbox.drafts";
let held = null;
const all = () => (held ??= JSON.parse(sessionStorage.getItem(KEY) ?? "{}"));

export const draft = (name) => all()[name];

/** Nothing to keep (undefined, "") takes the draft away. */
export function keepDraft(name, what) {
  if (what === undefined || what === "") delete all()[name];
  else all()[name] = what;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(held));
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error; // too much to keep: it lives as long as the page does
  }
}

export function forgetDrafts() {
  held = {};
  sessionStorage.removeItem(KEY);
}
