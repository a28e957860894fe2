// Ways about the page: back from a step on a phone, along a row of tabs; and whether something is seen at all.
import { h, icon } from "./dom.js";
import { go } from "./where.js";

/** The way back from a step; where all steps stand side by side the style sheet hides it. */
export const backButton = (label, testid, patch) =>
  h(
    "button",
    { type: "button", class: "quiet back", "aria-label": label, testid, onclick: () => go(patch) },
    icon("back"),
  );

/** Left and right go from one tab or choice to the next; a listener for what holds them. */
export function arrows(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const all = [...event.currentTarget.children];
  const at = all.indexOf(document.activeElement);
  if (step && at >= 0) all[(at + step + all.length) % all.length].focus();
}

/** Whether a node is before somebody's eyes: laid out, in a tab that is in front. */
export const onView = (node) => document.visibilityState === "visible" && node.clientHeight > 0;
