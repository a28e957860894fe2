// How the page makes, keeps and floats DOM nodes: text nodes and attributes only, markup is never parsed.
import { refuge, staying } from "./staying.js";

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "required",
  "readOnly",
  "multiple",
  "open",
  "tabIndex",
]);

/** An element. `on<event>` takes a listener, `testid` sets data-testid, `vars` sets CSS custom properties. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else if (name === "testid") node.dataset.testid = value;
    else if (name === "class") node.className = value;
    else if (name === "vars") for (const [key, v] of Object.entries(value)) node.style.setProperty(`--${key}`, v);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

/** Children may be nodes, strings, numbers, nested arrays or nothing at all. */
export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Put other children into a node; the focus stays where it was as far as it can. */
export function fill(node, ...children) {
  const back = node.contains(document.activeElement) && node !== document.activeElement ? staying(node) : null;
  node.replaceChildren();
  add(node, children);
  back?.(node);
  return node;
}

const kept = new WeakMap();

/**
 * Bring a parent's children in line with `rows` ({key, sig, make}): a row whose signature is unchanged keeps its node,
 * so that typed text, focus, scroll positions and frames survive; in a row made anew they are brought back.
 */
export function keep(parent, rows) {
  const before = kept.get(parent) ?? new Map();
  const after = new Map();
  const active = parent.contains(document.activeElement) ? document.activeElement : null;
  const anew = [];
  for (const { key, sig, make } of rows) {
    const old = before.get(key);
    if (old?.sig === sig) after.set(key, old);
    else {
      const back = old && staying(old.node);
      const node = make();
      after.set(key, { sig, node });
      if (back) anew.push(() => back(node));
    }
  }
  const nodes = new Set([...after.values()].map((entry) => entry.node));
  for (const child of [...parent.childNodes]) if (!nodes.has(child)) child.remove();
  let cursor = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  kept.set(parent, after);
  for (const back of anew) back();
  if (!active || parent.contains(document.activeElement)) return;
  if (parent.contains(active)) active.focus({ preventScroll: true });
  else refuge(parent);
}

/** The nodes that keep() holds in a parent, by key. */
export const rowsOf = (parent) => new Map([...(kept.get(parent) ?? [])].map(([key, { node }]) => [key, node]));

/** A signature of plain data. */
export const sign = (...parts) => JSON.stringify(parts);

const written = new WeakMap();

/** The signature of an object that is replaced, never changed: worked out once. */
export function signOf(object) {
  if (!written.has(object)) written.set(object, JSON.stringify(object));
  return written.get(object);
}

let floating = null;

/** A small panel beside its anchor; one at a time; goes on Escape, on a click elsewhere and on resize. Returns its closer. */
export function float(anchor, content, { testid, label, role = "dialog", wide = false } = {}) {
  floating?.close();
  const panel = h("div", { class: wide ? "float wide" : "float", role, "aria-label": label, testid }, content);
  const again = trailTo(anchor);
  document.body.append(panel);
  place(panel, anchor);
  const outside = (event) => {
    if (!panel.contains(event.target) && !anchor.contains(event.target)) close(false);
  };
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close(true);
  };
  const resized = () => close(false);
  const close = (refocus) => {
    if (floating?.panel !== panel) return;
    floating = null;
    panel.remove();
    anchor.removeAttribute("aria-expanded");
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", keys, true);
    window.removeEventListener("resize", resized);
    if (refocus) anchor.focus();
  };
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", keys, true);
  window.addEventListener("resize", resized);
  const reanchor = () => {
    const found = document.querySelector(again);
    const focused = panel.contains(document.activeElement);
    if (found) anchor = floating.anchor = found;
    else close(false);
    if (found) anchor.setAttribute("aria-expanded", "true");
    else if (focused) refuge(document.querySelector(again.split(" ")[0]) ?? document.body);
  };
  floating = { panel, close: () => close(false), anchor, reanchor };
  return { close: () => close(true), panel, place: () => place(panel, anchor) };
}

export const floatsFrom = (anchor) => floating?.anchor === anchor;

// How to find a control again after a redraw: by its own name and the names of what it stands in. A block's may be new.
function trailTo(node) {
  const names = [];
  for (let one = node; one; one = one.parentElement?.closest("[data-testid]")) names.unshift(one.dataset.testid);
  return names
    .filter((name) => !name?.startsWith("block-"))
    .map((name) => `[data-testid="${CSS.escape(name ?? "")}"]`)
    .join(" ");
}

/** After a redraw: what floats stays with its anchor made anew, and goes where there is none any more. */
export function sinkLost() {
  if (floating && !floating.anchor.isConnected) floating.reanchor();
}

function place(panel, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = at.bottom + 6 + height <= innerHeight || at.top < innerHeight - at.bottom;
  const top = below ? Math.min(at.bottom + 6, innerHeight - height - 8) : at.top - height - 6;
  const left = Math.min(Math.max(8, at.left), innerWidth - width - 8);
  panel.style.setProperty("--top", `${Math.max(8, top)}px`);
  panel.style.setProperty("--left", `${left}px`);
  panel.style.setProperty("--least", `${Math.round(at.width)}px`);
}

/** A sentence that goes away by itself; errors stay longer. `about` names what it is true of, for untoast(). */
export function toast(text, kind = "note", about = text) {
  untoast(about);
  const node = h(
    "div",
    { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status", testid: "toast", "data-about": about },
    h("span", { dir: "auto" }, text),
    h(
      "button",
      { class: "quiet", type: "button", "aria-label": "Dismiss", onclick: () => node.remove() },
      icon("close"),
    ),
  );
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), kind === "error" ? 12000 : 5000);
}

/** What it said is no longer so. */
export function untoast(about) {
  for (const node of [...document.getElementById("toasts").children]) if (node.dataset.about === about) node.remove();
}

/** A textarea that is as tall as its text, up to `most` pixels. */
export function growing(area, most) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, most)}px`;
  };
  let wide = 0;
  area.addEventListener("input", fit);
  new ResizeObserver(() => {
    if (area.clientWidth === wide) return;
    wide = area.clientWidth;
    requestAnimationFrame(fit);
  }).observe(area);
  return fit;
}

const PATHS = {
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  reply: "M8 5L3 10l5 5M3 10h8a6 6 0 0 1 6 6",
  thread: "M4 4h12v9H9l-4 3v-3H4zM7 7.5h6M7 10h4",
  smile: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 11.5c.6 1.3 1.7 2 3 2s2.400-.7 3-2M7.500 8v.6M12.500 8v.6",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  bolt: "M11 2.500L4.500 11.500H9.500L9 17.500L15.500 8.500H10.500z",
  send: "M3 10l14-6.500-5 13.500-3-5.500zM9 11.500L17 3.500",
  clip: "M14.500 9.500l-5 5a3 3 0 0 1-4.300-4.300l6-6a2 2 0 0 1 2.900 2.900l-5.700 5.700a1 1 0 0 1-1.400-1.400l4.500-4.500",
  plus: "M10 4v12M4 10h12",
  pen: "M4 16l1-4L14 3l3 3-9 9zM12 5l3 3",
  mail: "M3 5h14v10H3zM3 6l7 5 7-5",
  lock: "M5 9h10v7H5zM7 9V7a3 3 0 0 1 6 0v2",
  eye: "M2.500 10S5 5 10 5s7.500 5 7.500 5-2.500 5-7.500 5-7.500-5-7.500-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  home: "M3 9.500L10 4l7 5.500M5 8.500V16h10V8.500M8.500 16v-4h3v4",
  down: "M5 8l5 5 5-5",
  check: "M4 10.500l4 4 8-9",
  tune: "M4 6h7M15 6h1M4 14h1M9 14h7M13 4v4M7 12v4",
  help: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM8 8.200c0-1.200.9-2 2-2s2 .8 2 1.900c0 1.500-2 1.600-2 3.200M10 13.700v.1",
  code: "M7 6l-4 4 4 4M13 6l4 4-4 4",
  file: "M5 3h7l4 4v10H5zM12 3v4h4",
  left: "M3 4h14v12H3zM11 4v12",
  right: "M3 4h14v12H3zM9 4v12",
  both: "M3 4h14v12H3zM10 4v12",
  warn: "M10 3l7.500 13h-15zM10 8v4M10 13.800v.1",
  info: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 9v5M10 6.400v.1",
  play: "M7 5l8 5-8 5z",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.500 1.500h-13zM8.500 17.500h3",
  phone: "M6 2.500h8v15H6zM9 15.500h2",
  pin: "M10 17.500s5.500-5 5.500-9.500a5.500 5.500 0 0 0-11 0c0 4.500 5.500 9.500 5.500 9.500zM10 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  trash: "M4 6h12M8 6V4h4v2M6 6l.7 10h6.600L14 6",
};
const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", class: `icon i-${name}`, "aria-hidden": "true" }))
    svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
