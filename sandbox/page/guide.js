// The hint for a first visit: five steps from a customer's mail to a reopened ticket, ticked off as they happen.
import { fill, h, icon } from "./dom.js";
import { isRoot, person, roomMessages, world } from "./world.js";
import { goTo, remember, remembered, viewer } from "./where.js";
import { conversations } from "./mail/letters.js";

const SEEN = "guide";

/** The strip below the top bar; draw() ticks off, toggle() shows or hides. */
export function guide(root, { compose }) {
  let sig = "";
  const open = () => remembered(SEEN, "open") === "open";
  const toggle = () => {
    remember(SEEN, open() ? "closed" : "open");
    sig = "";
    draw();
  };
  const draw = () => {
    root.hidden = !open();
    const steps = stepsFor(compose);
    const next = JSON.stringify(steps.map((step) => [step.words, step.done]));
    if (root.hidden || next === sig) return;
    sig = next;
    const now = steps.findIndex((step) => !step.done);
    fill(
      root,
      h(
        "div",
        { class: "guide", testid: "guide", role: "region", "aria-label": "Try it" },
        h("span", { class: "guide-lead" }, now < 0 ? "That was the whole story." : "Try it"),
        h(
          "ol",
          {},
          steps.map((step, at) =>
            h(
              "li",
              {},
              h(
                "button",
                {
                  type: "button",
                  class: `step${step.done ? " done" : ""}${at === now ? " now" : ""}`,
                  title: step.words,
                  "aria-current": at === now ? "step" : undefined,
                  testid: `guide-step-${at + 1}`,
                  "data-done": String(step.done),
                  onclick: step.go,
                },
                h("span", { class: "number" }, step.done ? icon("check") : at + 1),
                h("span", { class: "step-words" }, step.words, step.done && h("span", { class: "unseen" }, ", done")),
              ),
            ),
          ),
        ),
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            testid: "guide-dismiss",
            "aria-label": "Hide these hints",
            onclick: toggle,
          },
          icon("close"),
        ),
      ),
    );
  };
  return { draw, toggle };
}

const first = (name) => name?.split(" ")[0] ?? "a customer";

function stepsFor(compose) {
  const carla = world.mailboxes[0];
  const agent = person(world.personas[0]);
  const card = newestCard();
  const sent = world.mails.filter((mail) => mail.direction === "sent");
  const answers = world.mails.filter(
    (mail) => mail.direction === "received" && (!mail.auto_submitted || mail.auto_submitted === "no"),
  );
  const answered = answers.at(-1);
  const wroteBack = sent.some((mail) => answers.some((answer) => answer.message_id === mail.in_reply_to));
  const read = wroteBack || answers.some((answer) => wasRead(answer));
  const toCard = () =>
    goTo("slack", { as: person(viewer())?.name ?? agent?.name, at: card?.room.name ?? "general", thread: undefined });
  const toAnswer = () =>
    goTo("mail", {
      via: undefined,
      ...(answered ? { box: answered.mailbox, conversation: answered.conversation } : { box: carla?.address }),
    });
  const leaving = answers.length ? null : held();
  const toThread = () => goTo("slack", { as: agent?.name, at: leaving.room.name, thread: leaving.message.thread_ts });
  const told = [
    { words: `Write a mail as ${first(carla?.name)}`, done: sent.length > 0, go: () => compose(carla?.address) },
    {
      words: card ? `See its card in #${card.room.name}` : "See its card in Slack",
      done: Boolean(card) || answers.length > 0,
      go: toCard,
    },
    {
      words: `Claim and answer it as ${first(agent?.profile?.real_name ?? agent?.real_name)}`,
      done: answers.length > 0 || Boolean(leaving),
      go: () => goTo("slack", { as: agent?.name, at: card?.room.name ?? "general", thread: undefined }),
    },
    leaving && !read
      ? { words: "The answer leaves in some seconds", done: false, go: toThread }
      : { words: "Read the answer in the mailbox", done: read, go: toAnswer },
    {
      words: "Write back: the ticket reopens",
      done: wroteBack,
      go: toAnswer,
    },
  ];
  // A step counts once all before it are done.
  return told.map((step, at) => ({ ...step, done: told.slice(0, at + 1).every((one) => one.done) }));
}

// Whatever came later: one answer that was read is enough.
function wasRead(answer) {
  const one = conversations(answer.mailbox).find((each) => each.id === answer.conversation);
  const received = one.mails.filter((mail) => mail.direction === "received");
  return received.indexOf(answer) < received.length - one.unread;
}

// An answer that can still be taken back stands in a thread with a button for that.
function held() {
  for (const room of world.rooms.values()) {
    const message = roomMessages(room.id).find(
      (one) => one.bot_id && !isRoot(one) && one.blocks?.some((block) => block.elements?.some(isUndo)),
    );
    if (message) return { room, message };
  }
  return null;
}

const isUndo = (element) => element.action_id === "undo";

// A card is what the app posted into a room with buttons on it.
function newestCard() {
  let newest = null;
  for (const room of world.rooms.values()) {
    if (room.is_im) continue;
    for (const message of roomMessages(room.id)) {
      if (
        message.bot_id &&
        isRoot(message) &&
        message.blocks?.some((block) => block.type === "actions" && block.elements.some((one) => !one.url)) &&
        !(newest?.message.ts > message.ts)
      )
        newest = { room, message };
    }
  }
  return newest;
}
