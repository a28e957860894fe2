// A scrolling column of messages: day dividers, the mark of what is new, and staying at the end while one is there.
import { h, keep, rowsOf } from "../dom.js";
import { onView } from "../steps.js";
import { holding } from "../staying.js";
import { tell } from "../news.js";
import { changed, isQuiet, person, world } from "../world.js";
import { mark, readUntil, viewer } from "../where.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { dayKey, dayName } from "../text/dates.js";
import { author } from "./avatar.js";
import { follows, messageRow, whisperRow } from "./message.js";

const NEAR = 60; // pixels from the end that still count as there
const PORTION = 120; // messages drawn at first, and more at each asking

/** A column; draw({key, room, messages, whispers, inThread, empty}) brings it up to date. */
export function timeline(testid, label) {
  const rows = h("div", { class: "rows" });
  const list = h(
    "div",
    { class: "timeline", testid, role: "log", "aria-live": "off", "aria-label": label, tabindex: "0" },
    rows,
  );
  const pill = h(
    "button",
    { type: "button", class: "pill", hidden: true, testid: `${testid}-newest`, onclick: () => toEnd() },
    "↓ New messages",
  );
  const node = h("div", { class: "timeline-frame" }, list, pill);
  let shown = "",
    newest = "",
    unreadFrom = "",
    ending = true,
    place = 0, // where the list stood when `ending` was found out
    portion = PORTION,
    read = () => {};

  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
    place = list.scrollTop;
    ending = true;
    pill.hidden = true;
  };
  const look = () => {
    place = list.scrollTop;
    ending = list.scrollHeight - place - list.clientHeight < NEAR;
  };
  // The browser tells of scrolling a frame later; whoever has scrolled in between reads there already.
  const lookAgain = () => list.scrollTop !== place && look();
  list.addEventListener(
    "scroll",
    () => {
      look();
      if (!ending) return;
      pill.hidden = true;
      read();
    },
    { passive: true },
  );
  // Pictures that load, panes that open: whoever was at the end stays there.
  const follow = new ResizeObserver(() => {
    lookAgain();
    if (!ending) return;
    toEnd();
    read();
  });
  follow.observe(rows);
  follow.observe(list);

  const showEarlier = () => {
    portion += PORTION;
    changed();
  };

  const draw = ({ key, room, messages, whispers, inThread, empty }) => {
    const me = viewer();
    const moved = key !== shown;
    if (moved) portion = PORTION;
    if (moved) unreadFrom = inThread ? "" : readUntil(`${me}/${room.id}`);
    const last = messages.at(-1)?.ts ?? "";
    read = () => {
      if (!inThread && last && onView(list)) mark(`${me}/${room.id}`, last);
    };
    const { drawn, earlier } = recent(messages, portion, inThread);
    const more = {
      key: "earlier",
      sig: String(earlier),
      make: () =>
        h(
          "button",
          { type: "button", class: "earlier", testid: `${testid}-earlier`, onclick: showEarlier },
          `Show earlier messages (${earlier})`,
        ),
    };
    lookAgain();
    const held = moved || ending ? null : holding(list, () => messagesIn(rows));
    keep(
      rows,
      sequence({
        room,
        messages: drawn,
        whispers,
        inThread,
        head: earlier ? more : null,
        empty,
        unreadFrom,
        me,
        total: messages.length,
      }),
    );
    held?.();
    if (moved) {
      ending = true;
      toEnd();
    } else tellNews(messages, whispers, newest, me, list);
    if (!moved && last > newest) {
      if (messages.at(-1).user === me) ending = true;
      if (ending) toEnd();
      else pill.hidden = false;
    }
    shown = key;
    newest = [last, whispers.at(-1)?.ts ?? ""].sort().at(-1);
    if (ending) read();
  };
  return { node, draw };
}

const told = new Set();

// What others said since; what stands in the room and in the thread is told once.
function tellNews(messages, whispers, newest, me, list) {
  const said = messages.filter((one) => one.user !== me && !isQuiet(one));
  for (const one of [...said, ...whispers.map((item) => ({ ...item, user: world.botUser, bot_id: "B" }))]) {
    if (one.ts <= newest || told.has(one.ts) || !onView(list)) continue;
    told.add(one.ts);
    tell(`${author(one).name}: ${h("span", {}, mrkdwn(one.text ?? "")).textContent}`);
  }
}

// What can hold the place: everything but the button that asks for more.
const messagesIn = (rows) => new Map([...rowsOf(rows)].filter(([key]) => key !== "earlier"));

// The last `portion` of the messages (a thread's first one always), and how many are before them.
function recent(messages, portion, inThread) {
  if (messages.length <= portion) return { drawn: messages, earlier: 0 };
  const drawn = messages.slice(-portion);
  return { drawn: inThread ? [messages[0], ...drawn] : drawn, earlier: messages.length - portion - (inThread ? 1 : 0) };
}

function sequence({ room, messages, whispers, inThread, head, empty, unreadFrom, me, total }) {
  const all = [...messages, ...whispers.map((item) => ({ ...item, ephemeral: item }))].sort((a, b) =>
    a.ts < b.ts ? -1 : 1,
  );
  const out = head && !inThread ? [head] : [];
  if (!all.length && empty) out.push(empty);
  let before = null,
    day = "";
  let unread = Boolean(unreadFrom) && messages.some((one) => one.ts <= unreadFrom);
  for (const message of all) {
    const today = dayKey(message.ts, person(me));
    if (today !== day && !inThread) {
      const name = dayName(message.ts, person(me));
      out.push({
        key: `day-${today}`,
        sig: name + world.names,
        make: () => h("div", { class: "day", role: "separator", testid: `day-${today}` }, h("span", {}, name)),
      });
      before = null;
    }
    day = today;
    if (unread && message.ts > unreadFrom && message.user !== me) {
      unread = false;
      before = null;
      out.push({
        key: "unread",
        sig: "",
        make: () => h("div", { class: "day unread", role: "separator" }, h("span", {}, "New")),
      });
    }
    if (message.ephemeral) out.push(whisperRow(message.ephemeral));
    else out.push(messageRow(message, room, { tight: follows(before, message), inThread }));
    before = message;
    if (inThread && message.ts === inThread) {
      const count = total - 1;
      out.push({
        key: "count",
        sig: String(count),
        make: () => h("div", { class: "day count" }, h("span", {}, count === 1 ? "1 reply" : `${count} replies`)),
      });
      if (head) out.push(head);
      before = null;
    }
  }
  return out;
}
