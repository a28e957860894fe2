// What is known of the shop here: who its customers are, what they said, which webhooks came, how much of it is unread.
import { world } from "../world.js";
import { readUntil } from "../where.js";

const oldestFirst = (one, other) => one.n - other.n;

/** The webhooks that came, the newest first. */
export const hooksShown = () => [...world.shopHooks.values()].sort(oldestFirst).reverse();

/** What a customer sees in the shop's chat, oldest first: what they said, and what the desk has said to them. */
export function conversation(shopper) {
  const mine = [...world.shopSaid.values()].filter((said) => said.shopper === shopper);
  return [...mine, ...answers(shopper)].sort(oldestFirst);
}

const answers = (shopper) =>
  [...world.shopHooks.values()].filter(
    (hook) => hook.type === "message.created" && hook.signed && hook.taken && hook.thread === shopper,
  );

export const markOf = (shopper) => `shop/${shopper}`;
export const stamp = (one) => String(one.n).padStart(12, "0");

export const unreadIn = (shopper) =>
  answers(shopper).filter((hook) => stamp(hook) > readUntil(markOf(shopper))).length;

/** Whether the desk said something to any of the shop's customers that nobody has read. */
export const newInShop = () => [...world.shoppers.keys()].some((shopper) => unreadIn(shopper) > 0);
