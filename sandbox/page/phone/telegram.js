// What is known of Telegram here: whose phone, what was said in its chat, how much of it is unread.
import { world } from "../world.js";
import { readUntil } from "../where.js";

export const nameOf = (phone) => [phone.user.first_name, phone.user.last_name].filter(Boolean).join(" ");

/** What was said in a chat, oldest first. */
export const saidIn = (chat) => world.chatMessages.filter((message) => message.chat.id === chat && !message.business_connection_id);

export const markOf = (chat) => `phone/${chat}`;
export const stamp = (message) => String(message.message_id).padStart(12, "0");

export const unreadIn = (chat) =>
  saidIn(chat).filter((message) => message.from.is_bot && stamp(message) > readUntil(markOf(chat))).length;

/** Whether the bot said something on any phone that nobody has read. */
export const newOnPhones = () => [...world.phones.values()].some((phone) => unreadIn(phone.user.id) > 0);
