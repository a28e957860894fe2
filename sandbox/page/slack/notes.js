// What only this browser tab knows of a room: Slack's own remarks to the viewer, presses that failed.
import { toast, untoast } from "../dom.js";
import { act } from "../wire.js";
import { changed, world } from "../world.js";
import { viewer } from "../where.js";

const remarks = [];
const troubles = new Map();
let count = 0;

/** Slackbot tells the viewer something in a room or thread, as Slack's client does for a slash command that failed. */
export function remark(room, thread, text) {
  count += 1;
  remarks.push({
    id: `remark-${count}`,
    room,
    user: viewer(),
    ts: (Date.now() / 1000).toFixed(6),
    thread_ts: thread,
    text,
    slackbot: true,
  });
  changed();
}

/** Ephemeral messages and remarks for the viewer in a room; `thread` undefined means the room itself. */
export function whispers(room, thread) {
  const me = viewer();
  return [...world.ephemeral, ...remarks].filter(
    (item) => item.room === room && item.user === me && (item.thread_ts ?? undefined) === thread,
  );
}

/** Put one away for good. */
export async function dismiss(id) {
  const at = remarks.findIndex((item) => item.id === id);
  if (at >= 0) {
    remarks.splice(at, 1);
    changed();
    return;
  }
  try {
    await act("dismiss", { user: viewer(), ephemeral_id: id });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    if (refusal.code !== "message_not_found") toast(sentence(refusal.code), "error", refusal.code);
  }
}

/** What went wrong at a surface last time (a message's ts, an ephemeral's or view's id). */
export const troubleAt = (surface) => troubles.get(surface);

export function trouble(surface, sentence) {
  if (sentence) troubles.set(surface, sentence);
  else if (!troubles.delete(surface)) return;
  changed();
}

/** The sandbox answers again: what said that it does not is no longer so. */
export function reached() {
  untoast(UNREACHABLE);
  for (const [surface, said] of troubles) if (said === sentence(UNREACHABLE)) troubles.delete(surface);
}

const UNREACHABLE = "sandbox_unreachable";

/** A refusal's code as Slack would say it to a person. */
export function sentence(code) {
  if (code === "timeout")
    return "Deskbell didn’t respond in time. It may still be working on it; try again in a moment.";
  if (code === UNREACHABLE) return "The sandbox cannot be reached. Is it still running?";
  if (["no_app", "app_unavailable", "not_connected", "no_listener"].includes(code))
    return "No app is connected to this workspace, so nobody heard this.";
  return `This didn’t work (${code}).`;
}
