// What stands for a person: a coloured square with initials, an emoji, or a picture that needs no other host.
import { h } from "../dom.js";
import { nameOf, person, world } from "../world.js";
import { picture } from "../text/emoji.js";

const COLOURS = 12;

/** Two letters of a name in whatever script it is written. */
function initials(name) {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word) => [...word].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? "";
  return (words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0] ?? "?")).toUpperCase();
}

/** The same name has the same colour everywhere on the page. */
function tint(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 100003;
  return sum % COLOURS;
}

export const face = (name, size = "", round = false) =>
  h(
    "span",
    { class: `avatar tint${tint(name)} ${size}${round ? " round" : ""}`, "aria-hidden": "true" },
    initials(name),
  );

/** A Slack person's avatar. */
export function avatar(id, size = "") {
  const user = person(id);
  const image = user?.profile?.image_72;
  if (image?.startsWith("data:image/")) return h("img", { class: `avatar ${size}`, src: image, alt: "" });
  if (id === world.botUser) return h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" }, "D");
  return face(nameOf(id), size);
}

/** Who a message seems to come from: an app may lend it a name and a picture. */
export function author(message) {
  const id = message.user ?? message.bot_profile?.user_id ?? (message.bot_id ? world.botUser : "");
  const name = message.username || (id ? nameOf(id) : (message.bot_profile?.name ?? "App"));
  const shown = message.icons?.emoji ?? message.icon_emoji;
  const emoji = shown && picture(shown.replaceAll(":", ""));
  return {
    id,
    name,
    app: Boolean(message.bot_id) || Boolean(person(id)?.is_bot),
    key: `${id}|${name}|${shown ?? ""}`,
    avatar: (size = "") =>
      emoji
        ? h("span", { class: `avatar emoji ${size}`, "aria-hidden": "true" }, emoji)
        : message.username
          ? face(message.username, size)
          : avatar(id, size),
  };
}
