// The desk's clock: how fast it goes, and a leap ahead. Only where whoever started the sandbox lets it be set.
// testids: time time-now time-speed-<n> time-ahead-<seconds>

import { h } from "./dom.js";
import { world } from "./world.js";

const SPEEDS = [1, 60, 600];
const LEAPS = [
  [900, "+15 min"],
  [3600, "+1 hour"],
  [28800, "+8 hours"],
  [86400, "+1 day"],
];

/** The row in which one sets it. `doing` does something and says so. */
export function timeRow(doing) {
  const speed = (n) =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        testid: `time-speed-${n}`,
        "aria-pressed": String(world.time.speed === n),
        onclick: () => doing("time", { speed: n }, `The desk’s clock goes ${n} times as fast.`),
      },
      `${n}×`,
    );
  const leap = ([seconds, words]) =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        testid: `time-ahead-${seconds}`,
        onclick: () => doing("time", { ahead: seconds }, `The desk’s clock was set ahead: ${words}.`),
      },
      words,
    );
  return h(
    "section",
    { testid: "time", "aria-label": "The desk’s clock" },
    h("h3", {}, "The desk’s clock"),
    h("p", { class: "muted", testid: "time-now" }, `${world.time.now.replace("T", " ").slice(0, 19)} UTC, ${world.time.speed}×`),
    h("div", { class: "segments", role: "group", "aria-label": "Speed" }, SPEEDS.map(speed)),
    h("div", { class: "segments", role: "group", "aria-label": "Ahead" }, LEAPS.map(leap)),
  );
}
