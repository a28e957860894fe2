// What one does with a message: react, answer in its thread, edit, delete, call a shortcut on it.
import { float, growing, h, icon, toast } from "../dom.js";
import { act } from "../wire.js";
import { changed, nameOf, person, repliesTo, world } from "../world.js";
import { go, viewer } from "../where.js";
import { unescape } from "../text/mrkdwn.js";
import { dayAndClock } from "../text/dates.js";
import { picture } from "../text/emoji.js";
import { author } from "./avatar.js";
import { pickEmoji } from "./emoji-picker.js";
import { sentence } from "./notes.js";

let editing = null;

/** Whether the viewer is editing this message here (its own thread and the room each show it). */
export const edited = (message, inThread) => editing?.ts === message.ts && editing.inThread === inThread;

export const replyCount = (message, room) => message.reply_count ?? repliesTo(room.id, message.ts).length;

async function doing(action, body) {
  try {
    return await act(action, { user: viewer(), ...body });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error", refusal.code);
    return null;
  }
}

const reacted = (message, name) => message.reactions?.find((one) => one.name === name)?.users.includes(viewer());
const toggle = (message, room, name) =>
  doing("react", { room: room.id, ts: message.ts, name, add: !reacted(message, name) });

/** The emoji below a message. */
export function reactions(message, room) {
  if (!message.reactions?.length) return null;
  const add = h(
    "button",
    {
      type: "button",
      class: "reaction add",
      "aria-label": "Add a reaction",
      onclick: () => pickEmoji(add, (name) => toggle(message, room, name)),
    },
    icon("smile"),
  );
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((one) =>
      h(
        "button",
        {
          type: "button",
          class: `reaction${one.users.includes(viewer()) ? " mine" : ""}`,
          testid: `reaction-${message.ts}-${one.name}`,
          "aria-pressed": String(one.users.includes(viewer())),
          title: `${one.users.map(nameOf).join(", ")} reacted with :${one.name}:`,
          onclick: () => toggle(message, room, one.name),
        },
        h("span", {}, picture(one.name) ?? `:${one.name}:`),
        h("span", { class: "count" }, one.count ?? one.users.length),
      ),
    ),
    add,
  );
}

const openThread = (message) => go({ thread: message.thread_ts ?? message.ts });

/** The line that opens a message's thread, where it has one. */
export function thread(message, room) {
  const count = replyCount(message, room);
  if (!count || message.subtype === "thread_broadcast") return null;
  const replies = repliesTo(room.id, message.ts);
  const heads = [...new Map(replies.map((one) => [author(one).key, one])).values()].slice(0, 4);
  const latest = message.latest_reply ?? replies.at(-1)?.ts;
  return h(
    "button",
    { type: "button", class: "replies", testid: `open-thread-${message.ts}`, onclick: () => openThread(message) },
    h(
      "span",
      { class: "heads" },
      heads.map((one) => author(one).avatar("tiny")),
    ),
    h("b", {}, count === 1 ? "1 reply" : `${count} replies`),
    latest && h("span", { class: "muted" }, "Last reply ", dayAndClock(latest, person(viewer()))),
  );
}

/** The bar that appears over a message under the pointer or with the keyboard. */
export function tools(message, room, inThread) {
  const summary = !inThread && replyCount(message, room) > 0;
  const react = h(
    "button",
    {
      type: "button",
      title: "Add a reaction",
      "aria-label": "Add a reaction",
      testid: `react-${message.ts}`,
      onclick: () => pickEmoji(react, (name) => toggle(message, room, name)),
    },
    icon("smile"),
  );
  const more = h(
    "button",
    {
      type: "button",
      title: "More actions",
      "aria-label": "More actions",
      testid: `more-${message.ts}`,
      onclick: () => menu(more, message, room, inThread),
    },
    icon("more"),
  );
  return h(
    "div",
    { class: "tools", role: "toolbar", "aria-label": "Message actions" },
    ["white_check_mark", "eyes"].map((name) =>
      h(
        "button",
        {
          type: "button",
          title: `React with :${name}:`,
          "aria-label": `React with ${name}`,
          testid: `quick-${message.ts}-${name}`,
          onclick: () => toggle(message, room, name),
        },
        picture(name),
      ),
    ),
    react,
    !inThread &&
      h(
        "button",
        {
          type: "button",
          title: "Reply in thread",
          "aria-label": "Reply in thread",
          testid: summary ? `reply-${message.ts}` : `open-thread-${message.ts}`,
          onclick: () => openThread(message),
        },
        icon("thread"),
      ),
    more,
  );
}

function menu(anchor, message, room, inThread) {
  const item = (words, testid, does, kind = "") =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        class: `menu-item ${kind}`,
        testid,
        onclick: () => {
          panel.close();
          does();
        },
      },
      h("span", { dir: "auto" }, words),
    );
  const own = message.user === viewer() && !message.bot_id;
  const shortcuts = world.shortcuts.filter((one) => one.type === "message" || one.type === "message_action");
  const panel = float(
    anchor,
    [
      shortcuts.length
        ? [
            h("div", { class: "group" }, "Message shortcuts"),
            shortcuts.map((one) =>
              item([one.name], `shortcut-${one.callback_id}`, () =>
                doing("message_shortcut", { room: room.id, ts: message.ts, callback_id: one.callback_id }),
              ),
            ),
            h("hr"),
          ]
        : null,
      item("Copy text", `copy-${message.ts}`, () =>
        navigator.clipboard.writeText(unescape(message.text ?? "")).then(
          () => toast("Copied"),
          () => toast("The browser did not let us copy", "error"),
        ),
      ),
      own &&
        item("Edit message", `edit-${message.ts}`, () => {
          editing = { ts: message.ts, inThread, text: typedAgain(message.text ?? "") };
          changed();
        }),
      own &&
        item(
          "Delete message",
          `delete-${message.ts}`,
          () => doing("delete", { room: room.id, ts: message.ts }),
          "danger",
        ),
    ],
    { testid: "menu", label: "Message actions", role: "menu" },
  );
  panel.panel.querySelector("button")?.focus();
}

/** The message's text as a field: Enter saves, Escape leaves it as it was. */
export function editor(message, room) {
  const stop = () => {
    editing = null;
    changed();
  };
  const save = async () => {
    if (area.value.trim() && (await doing("edit", { room: room.id, ts: message.ts, text: area.value }))) stop();
  };
  const area = h("textarea", {
    class: "field",
    rows: 1,
    dir: "auto",
    testid: "edit-input",
    "aria-label": "Edit message",
    value: editing.text,
    oninput: () => {
      editing.text = area.value;
    },
    onkeydown: (event) => {
      if (event.key === "Escape") stop();
      else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    },
  });
  growing(area, 240);
  if (!editing.begun) setTimeout(() => area.focus());
  editing.begun = true;
  return h(
    "div",
    { class: "editor" },
    area,
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button small", testid: "edit-cancel", onclick: stop }, "Cancel"),
      h("button", { type: "button", class: "button small primary", testid: "edit-save", onclick: save }, "Save"),
    ),
  );
}

// Slack's wire text as the person typed it: <@U1> -> @login, <#C1|name> -> #name, <https://…> -> the address.
function typedAgain(text) {
  return unescape(
    text
      .replace(/<@([UW]\w+)(?:\|[^>]*)?>/g, (_, id) => `@${person(id)?.name ?? id}`)
      .replace(/<#([CG]\w+)(?:\|([^>]*))?>/g, (_, id, label) => `#${world.rooms.get(id)?.name ?? label ?? id}`)
      .replace(/<((?:https?|mailto|tel):[^|>]+)(?:\|[^>]*)?>/g, "$1"),
  );
}
