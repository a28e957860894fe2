// A room on view: its name and topic, its messages, its thread pane, and the composers below them.
import { fill, h, icon, toast } from "../dom.js";
import { act } from "../wire.js";
import { companion, isRoot, nameOf, person, roomMessages, world } from "../world.js";
import { backButton } from "../steps.js";
import { go, labelOf, viewer, where } from "../where.js";
import { avatar } from "./avatar.js";
import { composer, mayWrite } from "./composer.js";
import { tabs } from "./home.js";
import { sentence, whispers } from "./notes.js";
import { timeline } from "./timeline.js";

/** The middle column; draw(room) brings it up to date. */
export function roomPane() {
  const head = h("header", { class: "room-head" });
  const messages = timeline("messages", "Messages");
  const write = composer("composer", () => ({ room: current }));
  const join = h("div", { class: "join", hidden: true });
  const node = h("section", { class: "room", "aria-label": "Room" }, head, messages.node, write.node, join);
  let current = null,
    headSig = "";

  const draw = (room) => {
    current = room;
    const me = viewer();
    const sig = JSON.stringify([room, me, world.names]);
    if (sig !== headSig) {
      headSig = sig;
      fill(head, title(room));
      const member = mayWrite(room);
      write.node.hidden = !member;
      join.hidden = member;
      if (!member)
        fill(
          join,
          h("span", {}, "You are looking at ", h("b", {}, "#", room.name)),
          h(
            "button",
            { type: "button", class: "button primary", testid: "room-join", onclick: () => enter(room) },
            "Join",
          ),
        );
    }
    messages.draw({
      key: `${me}/${room.id}`,
      room,
      messages: roomMessages(room.id).filter(
        (message) => (isRoot(message) && !message.hidden) || (message.subtype === "tombstone" && isRoot(message)),
      ),
      whispers: whispers(room.id, undefined),
      empty: { key: "empty", sig: room.id, make: () => beginning(room) },
    });
    write.aimAt(`${me}/${room.id}`, room.is_im ? `Message ${labelOf(room)}` : `Message #${labelOf(room)}`);
  };
  return { node, draw };
}

function title(room) {
  const app = room.is_im && companion(room, viewer()) === world.botUser;
  const others = (room.members ?? []).filter((id) => world.users.has(id));
  return [
    backButton("Back to the rooms", "room-back", { at: undefined, thread: undefined }),
    h(
      "h2",
      { testid: "room-title", title: labelOf(room) },
      room.is_im ? null : h("span", { class: "hash" }, room.is_private ? icon("lock") : "#"),
      h("bdi", {}, labelOf(room)),
    ),
    app
      ? tabs("messages")
      : h(
          "span",
          { class: "topic muted", testid: "room-topic", dir: "auto", title: room.topic || room.purpose },
          words(room.topic) || words(room.purpose),
        ),
    !room.is_im &&
      h(
        "span",
        { class: "members", title: others.map(nameOf).join(", ") },
        h(
          "span",
          { class: "heads" },
          others.slice(0, 3).map((id) => avatar(id, "tiny")),
        ),
        others.length,
      ),
  ];
}

const words = (text) => (typeof text === "object" ? text?.value : text) ?? "";

function beginning(room) {
  const me = person(viewer());
  return h(
    "div",
    { class: "beginning" },
    h("h3", {}, room.is_im ? labelOf(room) : `# ${labelOf(room)}`),
    h(
      "p",
      { class: "muted" },
      room.is_im
        ? `This is the very beginning of your direct messages, ${me?.profile?.first_name ?? nameOf(me?.id)}.`
        : "Nothing has been said here yet. Cards of new tickets appear in the rooms that the desk makes for its queues.",
    ),
  );
}

async function enter(room) {
  try {
    await act("join", { user: viewer(), room: room.id });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error", refusal.code);
  }
}

/** The right column: one thread. draw(room) shows the thread in the address, or hides. */
export function threadPane() {
  const place = h("span", { class: "muted", dir: "auto" });
  const messages = timeline("thread-messages", "Thread");
  const write = composer("thread-composer", () => ({ room: current, thread: where.thread }));
  const close = h(
    "button",
    {
      type: "button",
      class: "quiet",
      testid: "thread-close",
      "aria-label": "Close thread",
      onclick: () => go({ thread: undefined }),
    },
    icon("close"),
  );
  const node = h(
    "aside",
    {
      class: "thread",
      testid: "thread",
      "aria-label": "Thread",
      hidden: true,
      onkeydown: (event) => {
        if (event.key === "Escape" && !event.defaultPrevented) go({ thread: undefined });
      },
    },
    h(
      "header",
      { class: "room-head" },
      backButton("Back to the room", "thread-back", { thread: undefined }),
      h("h2", {}, "Thread"),
      place,
      close,
    ),
    messages.node,
    write.node,
  );
  let current = null;

  const draw = (room) => {
    const ts = where.thread;
    const inRoom =
      room && ts ? roomMessages(room.id).filter((message) => message.ts === ts || message.thread_ts === ts) : [];
    node.hidden = !inRoom.length;
    node.parentElement?.classList.toggle("with-thread", inRoom.length > 0);
    if (!inRoom.length) return;
    current = room;
    const me = viewer();
    place.textContent = room.is_im ? labelOf(room) : `#${labelOf(room)}`;
    messages.draw({
      key: `${me}/${room.id}/${ts}`,
      room,
      messages: inRoom,
      whispers: whispers(room.id, ts),
      inThread: ts,
    });
    write.node.hidden = !mayWrite(room);
    write.aimAt(`${me}/${room.id}/${ts}`, "Reply…");
  };
  return { node, draw };
}
