// What is known of Telegram here: whose phone, which conversations are on it, what was said in each, what is unread.
import { world } from "../world.js";
import { readUntil } from "../where.js";

export const nameOf = (phone) => [phone.user.first_name, phone.user.last_name].filter(Boolean).join(" ");

const ownerOf = (message) => world.businesses.get(message.business_connection_id)?.user.id;

/** Somebody's last connection of their own account with the bot. */
export const accountOf = (owner) => [...world.businesses.values()].findLast((one) => one.user.id === owner);

const speaksFor = (owner) => Boolean(accountOf(owner)?.is_enabled);

const people = (count) => (count === 1 ? "one person" : `${count} people`);

/** The conversations on a phone, the one with the bot first: {key, chat, name, about}; `owner`: in whose own account. */
export function placesOf(phone) {
  const me = phone.user.id;
  const bot = { key: "bot", chat: me, name: world.bot.name, about: `bot · @${world.bot.username}` };
  const groups = [...world.groups.values()]
    .filter((group) => group.members.includes(me) && !group.moved_to)
    .map(({ chat, members, kicked }) => ({
      key: `g${chat.id}`,
      chat: chat.id,
      name: chat.title,
      about: `${chat.type} · ${people(members.length)}${kicked ? "" : " and the bot"}`,
    }));
  const others = [...world.phones.values()].filter((one) => one.user.id !== me);
  const accounts = others
    .filter((one) => speaksFor(one.user.id))
    .map((one) => ({ key: `b${one.user.id}`, chat: me, owner: one.user.id, name: nameOf(one), about: "their own account" }));
  const mine = others
    .map((one) => ({ key: `c${one.user.id}`, chat: one.user.id, owner: me, name: nameOf(one), about: "to your own account" }))
    .filter((place) => saidAt(place).length);
  return [bot, ...groups, ...accounts, ...mine];
}

/** What was said in a conversation, oldest first. */
export const saidAt = (place) =>
  world.chatMessages.filter((message) => message.chat.id === place.chat && ownerOf(message) === place.owner);

export const isOurs = (message) => message.from.is_bot || Boolean(message.sender_business_bot);

export const markOf = (phone, place) => `phone/${phone.user.id}${place.key === "bot" ? "" : `/${place.key}`}`;
export const stamp = (message) => String(message.message_id).padStart(12, "0");

export const unreadAt = (phone, place) =>
  place.owner === phone.user.id
    ? 0
    : saidAt(place).filter((message) => isOurs(message) && stamp(message) > readUntil(markOf(phone, place))).length;

export const unreadOn = (phone) => placesOf(phone).reduce((sum, place) => sum + unreadAt(phone, place), 0);

/** Whether the bot said something on any phone that nobody has read. */
export const newOnPhones = () => [...world.phones.values()].some((phone) => unreadOn(phone) > 0);
