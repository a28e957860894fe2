// Which conversation of a phone is on view: the one with the bot, a group, or one in somebody's own account.
import { float, h, icon, toast } from "../dom.js";
import { act } from "../wire.js";
import { go, where } from "../where.js";
import { world } from "../world.js";
import { sentence } from "../slack/notes.js";
import { accountOf, placesOf, unreadAt } from "./telegram.js";

/** The conversation on view. */
export function placeOnView(phone) {
  const places = placesOf(phone);
  return places.find((place) => place.key === where.chat) ?? places[0];
}

/** The button that opens the list of them. */
export function placesButton(phone) {
  const more = placesOf(phone).filter((place) => place !== placeOnView(phone));
  const unread = more.reduce((sum, place) => sum + unreadAt(phone, place), 0);
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet",
      testid: "phone-places",
      title: "Other conversations",
      "aria-label": unread ? `Other conversations, ${unread} unread` : "Other conversations",
      onclick: () => open(button, phone),
    },
    icon("more"),
    unread ? h("span", { class: "badge" }, unread) : null,
  );
  return button;
}

function open(button, phone) {
  const on = placeOnView(phone);
  const items = placesOf(phone).map((place) => {
    const unread = unreadAt(phone, place);
    return h(
      "button",
      {
        type: "button",
        class: `place${place.key === on.key ? " on" : ""}`,
        testid: `phone-place-${place.key}`,
        onclick: () => {
          panel.close();
          go({ chat: place.key === "bot" ? undefined : place.key });
        },
      },
      h("bdi", {}, place.name),
      h("small", { class: "muted" }, place.about),
      unread ? h("span", { class: "badge" }, unread) : null,
    );
  });
  const panel = float(button, h("div", { class: "stack places" }, items, h("hr"), newGroup(phone), speaking(phone)), {
    testid: "phone-places-list",
    label: "Conversations",
  });
}

const doing = async (action, body) => {
  try {
    return await act(action, body);
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error", refusal.code);
    return null;
  }
};

function newGroup(phone) {
  const everybody = [...world.phones.values()].map((one) => one.user.id);
  return h(
    "button",
    {
      type: "button",
      class: "button",
      testid: "phone-new-group",
      onclick: async () => {
        const title = `${phone.user.first_name}’s group`;
        const phones = [phone.user.id, ...everybody.filter((one) => one !== phone.user.id)];
        const group = await doing("new_group", { title, phones });
        if (group) go({ chat: `g${group.chat.id}` });
      },
    },
    "New group with the bot",
  );
}

// Telegram Business: the bot answers customers of this person, in this person's name.
function speaking(phone) {
  const owner = phone.user.id;
  const on = Boolean(accountOf(owner)?.is_enabled);
  const words = on ? `The bot answers for ${phone.user.first_name}` : `Let the bot answer for ${phone.user.first_name}`;
  return h(
    "button",
    {
      type: "button",
      class: "button",
      "aria-pressed": String(on),
      title: "Telegram Business: what others write to this account goes to the desk",
      testid: "phone-business",
      onclick: () => doing("connect_business", { owner, is_enabled: !on }),
    },
    on ? icon("check") : null,
    words,
  );
}
