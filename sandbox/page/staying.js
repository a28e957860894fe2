// What a redraw must leave as it was: the focus, the caret, boxes scrolled sideways, opened details, the place in a list.

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, summary, [tabindex]";
const GROUP = ".block, .tools, .reactions, .tabs, form, footer, header";
const SCROLLED = ".scroll, .cards, pre";

const all = (node, selector) => [...node.querySelectorAll(selector)];
const named = (node, testid) => all(node, "[data-testid]").filter((one) => one.dataset.testid === testid);

/** Note it all inside `old`; the function that comes back restores it inside what stands there instead. */
export function staying(old) {
  const refocus = focusIn(old);
  const opened = all(old, "details").map((node) => node.open);
  const scrolled = all(old, SCROLLED).map((node) => [node.scrollLeft, node.scrollTop]);
  return (fresh) => {
    const details = all(fresh, "details");
    if (details.length === opened.length) details.forEach((node, at) => (node.open = opened[at]));
    const boxes = all(fresh, SCROLLED);
    if (boxes.length === scrolled.length)
      boxes.forEach((node, at) => ([node.scrollLeft, node.scrollTop] = scrolled[at]));
    refocus?.(fresh);
  };
}

// The same control; where it is gone, what now has its place among its neighbours: never a control of something else.
function focusIn(old) {
  const active = document.activeElement;
  if (active === old) return (fresh) => fresh.focus({ preventScroll: true });
  if (!active || !old.contains(active)) return null;
  const id = active.dataset.testid;
  const { subject } = active.dataset; // what a button is about, where a row holds buttons about several things
  const nth = id
    ? named(old, id)
        .filter((one) => one.dataset.subject === subject)
        .indexOf(active)
    : -1;
  const stranger = (node) => node?.dataset.testid === id && node.dataset.subject !== subject;
  const place = all(old, FOCUSABLE).indexOf(active);
  const group = active.closest(GROUP);
  const inside = group && old.contains(group) ? group : null;
  const seat = inside && all(inside, FOCUSABLE).indexOf(active);
  const groups = inside ? all(old, GROUP).filter((one) => one.className === inside.className) : [];
  const turn = groups.indexOf(inside);
  const span = "selectionStart" in active && active.selectionStart !== null ? caret(active) : null;
  return (fresh) => {
    const same = id && named(fresh, id).filter((one) => one.dataset.subject === subject)[Math.max(0, nth)];
    const alike = inside ? all(fresh, GROUP).filter((one) => one.className === inside.className)[turn] : null;
    const found = same ?? at(alike, seat) ?? at(fresh, place);
    const next = found && !found.disabled && !stranger(found) ? found : (found ?? fresh).closest("[tabindex]");
    next?.focus({ preventScroll: true });
    if (same && span && "setSelectionRange" in same) same.setSelectionRange(...span);
  };
}

const caret = (field) => [field.selectionStart, field.selectionEnd, field.selectionDirection];

function at(node, place) {
  const found = node ? all(node, FOCUSABLE) : [];
  return found[Math.min(place, found.length - 1)];
}

/** Where the focus goes when what had it is gone for good: to what held it, so that Tab goes on from there. */
export const refuge = (parent) => parent.closest("[tabindex], [role='dialog']")?.focus({ preventScroll: true });

/**
 * Hold the row at the top of a scrolling list in its place, whatever comes or grows above it. `rows()` gives the nodes
 * by key before and after.
 */
export function holding(list, rows) {
  const edge = list.getBoundingClientRect().top;
  for (const [key, node] of rows()) {
    const box = node.getBoundingClientRect();
    if (box.bottom <= edge) continue;
    return () => {
      const now = rows().get(key);
      if (now) list.scrollTop += now.getBoundingClientRect().top - box.top;
    };
  }
  return () => {};
}
