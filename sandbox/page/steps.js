// What one sees of a side on a phone: one step at a time, each with a way back; and whether something is seen at all.
import { h, icon } from "./dom.js";
import { go } from "./where.js";

/** The way back from a step; where all steps stand side by side the style sheet hides it. */
export const backButton = (label, testid, patch) =>
  h(
    "button",
    { type: "button", class: "quiet back", "aria-label": label, testid, onclick: () => go(patch) },
    icon("back"),
  );

/** Whether a node is before somebody's eyes: laid out, in a tab that is in front. */
export const onView = (node) => document.visibilityState === "visible" && node.clientHeight > 0;
