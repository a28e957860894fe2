// One message as a row: who, when, what it says, and what one can do with it.
import { h, icon, sign, signOf } from "../dom.js";
import { isQuiet, nameOf, person, world } from "../world.js";
import { viewer } from "../where.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { clock, fullMoment } from "../text/dates.js";
import { author, avatar } from "./avatar.js";
import { content, isCard } from "./contents.js";
import { edited, editor, reactions, replyCount, thread, tools } from "./acts.js";
import { dismiss, trouble, troubleAt } from "./notes.js";

/** Whether a message continues what the same author said just before. */
export function follows(before, message) {
  return Boolean(
    before &&
    author(before).key === author(message).key &&
    !before.subtype === !message.subtype &&
    !isQuiet(message) &&
    Number(message.ts) - Number(before.ts) < 300 &&
    !before.ephemeral &&
    !message.ephemeral &&
    !isCard(message) &&
    !isCard(before),
  );
}

/** A row for keep(). `inThread` is the message's own thread on view. */
export function messageRow(message, room, { tight = false, inThread = false } = {}) {
  const inHand = edited(message, inThread);
  return {
    key: message.ts,
    sig: sign(
      signOf(message),
      viewer(),
      world.names,
      tight,
      inHand,
      troubleAt(message.ts),
      world.shortcuts.length,
      replyCount(message, room),
    ),
    make: () =>
      shown(message, () => (isQuiet(message) ? quiet(message, room) : row(message, room, { tight, inThread, inHand }))),
  };
}

// A message that the page cannot draw says so and leaves the others alone.
function shown(message, make) {
  try {
    return make();
  } catch (error) {
    console.error(`The message ${message.ts} cannot be shown.`, error);
    return h(
      "article",
      { class: "message", testid: `message-${message.ts}` },
      h("div", { class: "gutter" }),
      h("div", { class: "unknown" }, `This message cannot be shown: ${error.message}`),
    );
  }
}

export function whisperRow(item) {
  const from = item.slackbot
    ? { avatar: () => h("span", { class: "avatar slackbot", "aria-hidden": "true" }, "/"), name: "Slackbot" }
    : author({ ...item, user: world.botUser, bot_id: "B" });
  return {
    key: item.id,
    sig: sign(signOf(item), world.names, troubleAt(item.id)),
    make: () =>
      h(
        "article",
        { class: "message whisper", testid: `ephemeral-${item.id}` },
        h("div", { class: "gutter" }, from.avatar()),
        h(
          "div",
          { class: "body" },
          h(
            "div",
            { class: "only" },
            icon("eye"),
            "Only visible to you",
            h(
              "button",
              { type: "button", class: "quiet", testid: `dismiss-${item.id}`, onclick: () => dismiss(item.id) },
              "Dismiss",
            ),
          ),
          h(
            "div",
            { class: "who" },
            h("bdi", { class: "name" }, from.name),
            h("span", { class: "app" }, "APP"),
            when(item.ts),
          ),
          content(item, { room: item.room, ephemeral_id: item.id }),
          complaint(item.id),
        ),
      ),
  };
}

function when(ts) {
  const me = person(viewer());
  return h("time", { title: fullMoment(ts, me), datetime: new Date(Number(ts) * 1000).toISOString() }, clock(ts, me));
}

// "Ann Walker has joined the channel": one line, without the mention that repeats the name.
function quiet(message, room) {
  const words = (message.text ?? "").replace(new RegExp(`^<@${message.user}(\\|[^>]*)?>\\s*`), "");
  return h(
    "article",
    { class: "message system", testid: `message-${message.ts}` },
    h("div", { class: "gutter" }, message.user && avatar(message.user, "tiny")),
    h(
      "div",
      { class: "body muted", dir: "auto" },
      h("bdi", { class: "name" }, nameOf(message.user)),
      " ",
      words ? mrkdwn(words) : `${message.subtype} #${room.name}`,
      " ",
      when(message.ts),
    ),
  );
}

function row(message, room, { tight, inThread, inHand }) {
  const from = author(message);
  const gone = message.subtype === "tombstone";
  return h(
    "article",
    {
      class: `message${tight ? " tight" : ""}${gone ? " gone" : ""}`,
      testid: `message-${message.ts}`,
      "data-user": message.user,
      "data-ts": message.ts,
    },
    h(
      "div",
      { class: "gutter" },
      gone
        ? h("span", { class: "avatar gone", "aria-hidden": "true" }, icon("trash"))
        : tight
          ? when(message.ts)
          : from.avatar(),
    ),
    h(
      "div",
      { class: "body" },
      !tight &&
        !gone &&
        h(
          "div",
          { class: "who" },
          h("bdi", { class: "name" }, from.name),
          from.app && h("span", { class: "app" }, "APP"),
          when(message.ts),
        ),
      message.subtype === "thread_broadcast" && !inThread && h("div", { class: "muted small" }, "replied to a thread"),
      inHand ? editor(message, room) : content(message, { room: room.id, ts: message.ts }),
      reactions(message, room),
      complaint(message.ts),
      !inThread && thread(message, room),
    ),
    !gone && !inHand && tools(message, room, inThread),
  );
}

function complaint(surface) {
  const said = troubleAt(surface);
  return (
    said &&
    h(
      "div",
      { class: "trouble", role: "alert", testid: `trouble-${surface}` },
      icon("warn"),
      h("span", {}, said),
      h(
        "button",
        { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => trouble(surface, null) },
        icon("close"),
      ),
    )
  );
}
