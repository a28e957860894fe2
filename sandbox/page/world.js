// The one copy of what the server told us, the changes to it, and the questions the page asks of it.

export const world = {
  ready: false,
  live: false,
  connected: 0,
  team: {},
  botUser: "",
  personas: [],
  users: new Map(),
  rooms: new Map(),
  messages: new Map(),
  ephemeral: [],
  homes: new Map(),
  views: new Map(),
  viewErrors: new Map(),
  commands: [],
  shortcuts: [],
  mailboxes: [],
  mails: [],
  bot: {},
  phones: new Map(),
  groups: new Map(),
  businesses: new Map(),
  chatMessages: [],
  typing: new Map(),
  shop: {},
  shoppers: new Map(),
  shopSaid: new Map(),
  shopHooks: new Map(),
  deskAddress: "",
  faults: {},
  tiers: true,
  names: 0,
};

const watchers = new Set();
let told = false;

/** Call `draw` after anything changed, with the browser's next picture: many changes are one call. */
export const watch = (draw) => watchers.add(draw);

export function changed() {
  if (told) return;
  told = true;
  const tell = () => {
    if (!told) return;
    told = false;
    if (world.ready) for (const draw of watchers) draw();
  };
  requestAnimationFrame(tell);
  setTimeout(tell, 60); // a tab in the background gets no pictures, but stays up to date
}

export function takeWhole(state) {
  Object.assign(world, {
    ready: true,
    connected: state.connected ?? 0,
    team: state.team ?? {},
    botUser: typeof state.bot_user === "object" ? state.bot_user.id : state.bot_user,
    personas: state.personas ?? [],
    users: new Map((state.users ?? []).map((user) => [user.id, user])),
    rooms: new Map((state.rooms ?? []).map((room) => [room.id, room])),
    messages: new Map(Object.entries(state.messages ?? {}).map(([room, list]) => [room, sorted(list)])),
    ephemeral: state.ephemeral ?? [],
    homes: new Map(Object.entries(state.homes ?? {})),
    views: new Map(Object.entries(state.views ?? {})),
    viewErrors: new Map(),
    commands: state.commands ?? [],
    shortcuts: state.shortcuts ?? [],
    mailboxes: state.mailboxes ?? [],
    mails: state.mails ?? [],
    bot: state.telegram?.bot ?? {},
    phones: new Map((state.telegram?.phones ?? []).map((phone) => [phone.user.id, phone])),
    groups: new Map((state.telegram?.groups ?? []).map((group) => [group.chat.id, group])),
    businesses: new Map((state.telegram?.businesses ?? []).map((one) => [one.id, one])),
    chatMessages: state.telegram?.messages ?? [],
    shop: state.shop ?? {},
    shoppers: new Map((state.shop?.shoppers ?? []).map((shopper) => [shopper.id, shopper])),
    shopSaid: new Map((state.shop?.said ?? []).map((said) => [said.n, said])),
    shopHooks: new Map((state.shop?.hooks ?? []).map((hook) => [hook.id, hook])),
    deskAddress: state.desk_address ?? "",
    faults: state.faults ?? {},
    tiers: state.tiers,
    time: state.time,
  });
  changed();
}

let turns = 0;

/** What is wrong with a modal's inputs, by block; `turn` tells one verdict from the next. */
export function noteErrors(user, view, errors) {
  turns += 1;
  world.viewErrors.set(view, { user, errors: { ...errors }, turn: turns });
  changed();
}

const TYPED_FOR = 5000; // milliseconds that Telegram shows that somebody writes

const CHANGES = {
  message: ({ room, message }) =>
    world.messages.set(room, sorted([...without(roomMessages(room), message.ts), message])),
  message_deleted: ({ room, ts }) => world.messages.set(room, without(roomMessages(room), ts)),
  ephemeral: ({ item }) => {
    world.ephemeral = [...world.ephemeral.filter((old) => old.id !== item.id), item];
  },
  ephemeral_gone: ({ id }) => {
    world.ephemeral = world.ephemeral.filter((item) => item.id !== id);
  },
  views: ({ user, stack }) => {
    world.views.set(user, stack);
    const open = new Set(stack.map((view) => view.id));
    for (const [id, said] of world.viewErrors) if (said.user === user && !open.has(id)) world.viewErrors.delete(id);
  },
  home: ({ user, view }) => world.homes.set(user, view),
  room: ({ room }) => {
    world.rooms.set(room.id, room);
    world.names += 1;
  },
  user: ({ user, personas }) => {
    world.users.set(user.id, user);
    world.personas = personas ?? world.personas;
    world.names += 1;
  },
  mailbox: ({ mailbox }) => {
    world.mailboxes = [...world.mailboxes.filter((old) => old.address !== mailbox.address), mailbox];
  },
  mail: ({ mail }) => {
    world.mails = [...world.mails.filter((old) => old.id !== mail.id), mail];
  },
  phone: ({ phone }) => world.phones.set(phone.user.id, phone),
  group: ({ group }) => world.groups.set(group.chat.id, group),
  business: ({ business }) => world.businesses.set(business.id, business),
  chat_action: ({ chat }) => {
    world.typing.set(chat, Date.now() + TYPED_FOR);
    setTimeout(changed, TYPED_FOR);
  },
  chat_message: ({ message }) => {
    if (message.from.is_bot) world.typing.delete(message.chat.id);
    const at = world.chatMessages.findIndex((old) => sameMessage(old, message.chat.id, message.message_id));
    world.chatMessages = at < 0 ? [...world.chatMessages, message] : world.chatMessages.with(at, message);
  },
  chat_message_deleted: ({ chat, message }) => {
    world.chatMessages = world.chatMessages.filter((old) => !sameMessage(old, chat, message));
  },
  shop: (shop) => {
    world.shop = shop;
  },
  shopper: ({ shopper }) => world.shoppers.set(shopper.id, shopper),
  shop_said: ({ said }) => world.shopSaid.set(said.n, said),
  shop_hook: ({ hook }) => world.shopHooks.set(hook.id, hook),
  view_errors: ({ user, view_id, errors }) => noteErrors(user, view_id, errors),
  faults: ({ faults, tiers }) => {
    world.faults = faults;
    if (tiers !== undefined) world.tiers = tiers;
  },
  time: ({ time }) => {
    world.time = time;
  },
  connected: ({ n }) => {
    world.connected = n;
  },
};

export function takeChange(name, data) {
  CHANGES[name](data);
  changed();
}

/** Whether the bot is seen to write in a chat just now. */
export const isTyping = (chat) => (world.typing.get(chat) ?? 0) > Date.now();

const sameMessage = (one, chat, id) => one.chat.id === chat && one.message_id === id;
const without = (list, ts) => list.filter((message) => message.ts !== ts);
const sorted = (list) =>
  [...list].sort((a, b) => a.ts.length - b.ts.length || (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));

export const roomMessages = (room) => world.messages.get(room) ?? [];
export const person = (id) => world.users.get(id);
export const calledBy = (name) => [...world.users.values()].find((user) => user.name === name);

/** What a person is called on this page: the full name, else the login, else the id. */
export function nameOf(id) {
  const user = person(id);
  return user?.profile?.real_name || user?.real_name || user?.name || id;
}

export const isRoot = (message) =>
  !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast";
export const repliesTo = (room, ts) =>
  roomMessages(room).filter((message) => message.thread_ts === ts && message.ts !== ts);

const QUIET = /^(channel|group)_(join|leave|topic|purpose|name|archive|unarchive)$|^pinned_item$|^bot_(add|remove)$/;

/** What Slack itself notes of a room's life: somebody came, the topic changed. Nobody said it. */
export const isQuiet = (message) => QUIET.test(message.subtype ?? "");

/** The other side of a direct message, seen by `viewer`. */
export function companion(room, viewer) {
  return (room.members ?? []).find((id) => id !== viewer) ?? (room.user === viewer ? world.botUser : room.user);
}

export const isMember = (room, user) =>
  (room.is_im ? [room.user, ...(room.members ?? [])] : (room.members ?? [])).includes(user);

/** Whether a person is of another workspace, and sees nothing but the rooms that are shared with it. */
const isStranger = (user) => Boolean(person(user)?.is_stranger);

/** Rooms a person sees: own direct messages, rooms they are in, public rooms they could join. Archived ones are left out. */
export function roomsFor(user) {
  const seen = [...world.rooms.values()].filter(
    (room) => !room.is_archived && (isMember(room, user) || (!room.is_im && !room.is_private && !isStranger(user))),
  );
  const named = (a, b) => (a.name ?? "").localeCompare(b.name ?? "");
  return {
    channels: seen.filter((room) => !room.is_im && isMember(room, user)).sort(named),
    others: seen.filter((room) => !room.is_im && !isMember(room, user)).sort(named),
    direct: seen.filter((room) => room.is_im),
  };
}

export const roomNamed = (name) => [...world.rooms.values()].find((room) => !room.is_im && room.name === name);
export const directWith = (viewer, other) =>
  [...world.rooms.values()].find((room) => room.is_im && isMember(room, viewer) && companion(room, viewer) === other);
