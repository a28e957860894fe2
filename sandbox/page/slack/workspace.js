// The Slack side: who looks at it, which rooms they have, and the columns for what is on view.
import { h, icon, keep, sign, toast } from "../dom.js";
import { act } from "../wire.js";
import { companion, isMember, isQuiet, isRoot, nameOf, person, roomMessages, roomsFor, world } from "../world.js";
import { arrows } from "../steps.js";
import { atOf, go, labelOf, readUntil, roomOnView, viewer, where } from "../where.js";
import { avatar } from "./avatar.js";
import { homePane } from "./home.js";
import { modalLayer } from "./modal.js";
import { sentence } from "./notes.js";
import { roomPane, threadPane } from "./room.js";

/** Build the side into `root`; returns what draws it. */
export function workspace(root) {
  const personas = h("div", {
    class: "personas scroll",
    role: "radiogroup",
    "aria-label": "Look at Slack as",
    onkeydown: arrows,
  });
  const rooms = h("nav", { class: "rooms", "aria-label": "Rooms" });
  const room = roomPane();
  const thread = threadPane();
  const home = homePane();
  const modal = modalLayer();
  const team = h("h2", { class: "team" });
  const columns = h("div", { class: "columns" }, rooms, room.node, home.node, thread.node);
  root.append(
    h(
      "header",
      { class: "side-head" },
      h("span", { class: "mark slack", "aria-hidden": "true" }, icon("thread")),
      team,
      h("span", { class: "as muted" }, "You are"),
      personas,
    ),
    columns,
    modal.node,
  );

  return () => {
    team.textContent = world.team.name ?? "Slack";
    keep(personas, world.personas.map(personaRow));
    const shown = roomOnView();
    keep(rooms, roomRows(shown));
    room.node.hidden = !shown;
    if (shown) room.draw(shown);
    home.draw();
    thread.draw(shown);
    columns.dataset.step = !thread.node.hidden ? "thread" : where.at ? "room" : "rooms";
    modal.draw();
  };
}

const isApp = (room) => room.is_im && companion(room, viewer()) === world.botUser;

function personaRow(id) {
  const on = id === viewer();
  const user = person(id);
  const role = user?.profile?.title || (user?.is_admin ? "Supervisor" : "Agent");
  const waiting = !on && unreadFor(id);
  return {
    key: id,
    sig: sign(on, user?.name, waiting),
    make: () =>
      h(
        "button",
        {
          type: "button",
          role: "radio",
          class: `persona${on ? " on" : ""}`,
          "aria-checked": String(on),
          testid: `persona-${user?.name}`,
          "data-user-id": id,
          title: `${nameOf(id)}, ${role} · ${user?.locale} · ${user?.tz}`,
          onclick: () => go({ as: user.name }),
        },
        avatar(id, "small"),
        h("span", {}, user?.profile?.first_name ?? nameOf(id)),
        waiting && h("span", { class: "dot", title: "Unread" }),
      ),
  };
}

// Direct messages that came since the persona last looked.
const unreadFor = (id) => roomsFor(id).direct.some((room) => (room.members ?? []).includes(id) && unread(room, id) > 0);

function unread(room, user) {
  const until = readUntil(`${user}/${room.id}`);
  return roomMessages(room.id).filter(
    (message) => message.ts > until && message.user !== user && isRoot(message) && !isQuiet(message),
  ).length;
}

/** Whether something was said in the viewer's rooms that they have not seen. */
export const newInSlack = () => {
  const { channels, direct } = roomsFor(viewer());
  return [...channels, ...direct.filter((room) => isMember(room, viewer()))].some((room) => unread(room, viewer()) > 0);
};

function roomRows(shown) {
  const me = viewer();
  const { channels, others, direct } = roomsFor(me);
  const mine = direct.filter((room) => (room.members ?? [room.user]).includes(me) && !isApp(room));
  const group = (label) => ({ key: `group ${label}`, sig: "", make: () => h("div", { class: "group" }, label) });
  const open = new Set(mine.map((room) => companion(room, me)));
  const reachable = world.personas.filter((id) => id !== me && !open.has(id));
  return [
    group("Rooms"),
    ...channels.map((room) => roomRow(room, shown)),
    ...others.map((room) => roomRow(room, shown, true)),
    group("Direct messages"),
    ...mine.map((room) => roomRow(room, shown)),
    ...reachable.map(strangerRow),
    group("Apps"),
    appRow(shown),
  ];
}

function roomRow(room, shown, outside = false) {
  const on = shown?.id === room.id;
  const count = outside ? 0 : unread(room, viewer());
  const other = room.is_im ? companion(room, viewer()) : null;
  return {
    key: room.id,
    sig: sign(room.name, room.is_private, on, count, outside, world.names),
    make: () =>
      h(
        "button",
        {
          type: "button",
          class: `room-link${on ? " on" : ""}${count ? " new" : ""}${outside ? " outside" : ""}`,
          "aria-current": on ? "page" : undefined,
          testid: room.is_im ? `dm-${person(other)?.name}` : `room-${room.name}`,
          "data-room-id": room.id,
          onclick: () => go({ at: atOf(room), thread: undefined }),
        },
        room.is_im ? avatar(other, "tiny") : h("span", { class: "hash" }, room.is_private ? icon("lock") : "#"),
        h("bdi", { class: "label" }, labelOf(room)),
        count ? h("span", { class: "badge" }, count > 99 ? "99+" : count) : null,
      ),
  };
}

function strangerRow(id) {
  return {
    key: `with ${id}`,
    sig: sign(world.names),
    make: () =>
      h(
        "button",
        { type: "button", class: "room-link outside", testid: `dm-${person(id)?.name}`, onclick: () => meet(id) },
        avatar(id, "tiny"),
        h("bdi", { class: "label" }, nameOf(id)),
      ),
  };
}

async function meet(id) {
  try {
    await act("open_dm", { user: viewer(), with: id });
    go({ at: `@${person(id).name}`, thread: undefined });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error", refusal.code);
  }
}

function appRow(shown) {
  const on = where.at === "home" || Boolean(shown && isApp(shown));
  const direct = roomsFor(viewer()).direct.find(isApp);
  const count = direct ? unread(direct, viewer()) : 0;
  return {
    key: "app",
    sig: sign(on, count, world.names),
    make: () =>
      h(
        "button",
        {
          type: "button",
          class: `room-link${on ? " on" : ""}${count ? " new" : ""}`,
          testid: "app",
          onclick: () => go({ at: "home", thread: undefined }),
        },
        avatar(world.botUser, "tiny"),
        h("bdi", { class: "label" }, nameOf(world.botUser)),
        count ? h("span", { class: "badge" }, count) : null,
      ),
  };
}
